"""Shares corrected by an audit: the difference estimator, with its variance over articles.

The mean of the predicted indicators over a whole corpus is off by the classifier's errors; the mean of (label - prediction)
over a random sample of that corpus, each sentence weighted by 1 / the probability of its drawing, estimates by how much.
Their sum is the difference estimator of survey sampling (Särndal, Swensson & Wretman 1992, ch. 6), which Angelopoulos et al.
(2023, Science 382, 669-674) call prediction-powered inference. It rests on the drawing alone: a bad classifier widens the
interval and bends nothing. The weighted mean is Hájek's, divided by the sum of the weights, since the number of audited
sentences in a cell is random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.intervals import LEVEL

if TYPE_CHECKING:
    import numpy as np

MIN_SENTENCES = 30
MIN_ARTICLES = 10
"""A cell with fewer audited gets no correction: below, the normal approximation of a mean of such indicators, and a variance
from so few clusters, which comes out too small, make an interval that covers far less than it says."""
MIN_ERRORS = 5
"""With fewer errors seen, the interval is called rough: the variance rests on a handful of sentences."""


@dataclass(frozen=True)
class AuditSample:
    """An audit of n sentences as numbers.

    ``residuals`` (n, n_labels) is the label's indicators minus the prediction's; ``probs`` (n,) the probabilities of drawing;
    ``articles`` and ``strata`` (n,) are numbers from 0 on. ``is_stratified``: sentences were drawn within strata.
    """

    residuals: np.ndarray
    probs: np.ndarray
    articles: np.ndarray
    strata: np.ndarray
    is_stratified: bool


@dataclass(frozen=True)
class Correction:
    """What an audit says of a cell: ``mean`` (n_labels,) is to be added to the predicted shares.

    ``inside`` (n,) says which audited sentences are the cell's; ``influence`` (n, n_labels) is the part of each in the error of
    ``mean``, 0 outside.
    """

    mean: np.ndarray
    influence: np.ndarray
    inside: np.ndarray
    n_articles: int

    @property
    def n_sentences(self) -> int:
        """How many audited sentences the cell has."""
        return int(self.inside.sum())

    @property
    def is_too_few(self) -> bool:
        """Whether the cell's audit bears no correction."""
        return self.n_sentences < MIN_SENTENCES or self.n_articles < MIN_ARTICLES


def correct(sample: AuditSample, weights: np.ndarray) -> Correction | None:
    """The correction of a cell in which the audited sentences weigh ``weights`` (n,), 0 for those outside; None without any."""
    import numpy as np

    inside = weights > 0
    if not inside.any():
        return None
    expanded = weights / sample.probs
    total = expanded.sum()
    mean = expanded @ sample.residuals / total
    influence = expanded[:, None] * (sample.residuals - mean) / total
    return Correction(mean, influence, inside, len(np.unique(sample.articles[inside])))


def n_errors(sample: AuditSample, correction: Correction, gradient: np.ndarray) -> int:
    """How many audited sentences of the cell move a figure with this gradient."""
    return int((sample.residuals[correction.inside] @ gradient != 0).sum())


def half_width(sample: AuditSample, correction: Correction, gradient: np.ndarray) -> float:
    """Half the 95 % interval of a figure whose derivative by the shares is ``gradient`` (n_labels,).

    Linearised (Särndal et al. 1992, ch. 5): the figure's error is the sum of each audited sentence's influence; these are
    summed within articles, k of them in the cell, and the variance is k / (k - 1) times the sum of squares, with Student's t
    of k - 1 degrees. Where sentences were drawn within strata they are taken from their stratum's mean first, times n_h /
    (n_h - 1). What was drawn for certain adds no error: the finite-population factor 1 - π.
    """
    import numpy as np
    from scipy.stats import t

    parts = correction.influence @ gradient
    if sample.is_stratified:
        parts = _within_strata(parts, sample.strata)
    sums = np.bincount(sample.articles, parts * np.sqrt(1 - sample.probs))
    k = correction.n_articles
    variance = k / (k - 1) * np.sum(sums**2)
    return float(t.ppf((1 + LEVEL) / 2, k - 1) * np.sqrt(variance))


def _within_strata(parts: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Distances from the stratum's mean; a sentence alone in its stratum keeps its whole part."""
    import numpy as np

    sizes = np.bincount(strata)
    means = np.where(sizes > 1, np.bincount(strata, parts) / sizes.clip(min=1), 0.0)
    factors = np.where(sizes > 1, sizes / (sizes - 1).clip(min=1), 1.0)
    return np.asarray((parts - means[strata]) * np.sqrt(factors[strata]))
