"""Temperature scaling, and pictures' numbers of how far probabilities can be believed.

A temperature T divides the logits before the softmax (Guo et al. 2017, *On Calibration of Modern Neural Networks*); log
probabilities differ from logits by a constant a row, so stored probabilities do as well. The figures "after" are honest: the
temperature of a group's sentences is fitted on the other groups.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.errors import InputError
from detente.evaluation.probabilities import brier_score, log_loss
from detente.intervals import Estimate
from detente.model.classifier import SMALLEST_PROB, tempered

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions

LOWEST, HIGHEST = 0.05, 20.0
MIN_CALIBRATION_ITEMS = 1000
"""From here on a calibration error is more than noise: a perfectly calibrated model shows about 0.08 at 81 sentences."""
N_BINS = 10
MIN_IN_BIN = 8


@dataclass(frozen=True, slots=True)
class Bin:
    """Sentences whose highest probability is alike: its mean, and how many of them were right."""

    confidence: float
    n_right: int
    n: int


@dataclass(frozen=True)
class Calibration:
    """``fitted`` is the temperature of all sentences; "after" figures are leave-one-group-out.

    It ``helps`` where temperatures of the other groups lower the log loss. ``reliability`` is of the first random seed.
    ``probs_after`` (n_seeds, n, n_labels) are each group's at the temperature of the others, None for one group.
    """

    fitted: float
    helps: bool
    at_bound: bool
    log_loss_before: float
    log_loss_after: Estimate
    brier_before: float
    brier_after: Estimate
    error_before: Estimate
    error_after: Estimate
    reliability_before: tuple[Bin, ...]
    reliability_after: tuple[Bin, ...]
    probs_after: np.ndarray | None = field(repr=False)
    n: int
    n_groups: int

    @property
    def temperature(self) -> float:
        """What the model is given: the fitted temperature where it helps, else 1."""
        return self.fitted if self.helps else 1.0


def fit_temperature(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> float:
    """The temperature between 0.05 and 20 with the lowest log loss; ``probs`` (n, n_labels). Raises InputError for no rows."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    if not len(gold):
        raise InputError("no sentence to fit a temperature on.")
    logs = np.log(np.clip(probs, SMALLEST_PROB, 1.0))
    at = np.array([labels.index(label) for label in gold])

    def loss(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(at)), at]).mean())

    found = minimize_scalar(loss, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded", options={"xatol": 1e-4})
    return float(np.exp(found.x))


def calibrate(predictions: Predictions) -> Calibration | None:
    """Fit a temperature and say what it changes; None where the rows have no probabilities."""
    import numpy as np

    if predictions.probs is None:
        return None
    probs, gold, labels = predictions.probs, predictions.gold, predictions.labels
    everything = np.concatenate(list(probs))
    fitted = fit_temperature(everything, np.tile(gold, len(probs)), labels)
    after = _leave_one_group_out(predictions)
    before = float(np.mean([log_loss(own, gold, labels) for own in probs]))
    lost = Estimate(None, reason="one group only")
    log_loss_after = brier_after = error_after = lost
    if after is not None:
        log_loss_after = Estimate(float(np.mean([log_loss(own, gold, labels) for own in after])))
        brier_after = Estimate(float(np.mean([brier_score(own, gold, labels) for own in after])))
        error_after = calibration_error(after[0], gold, labels)
    helps = log_loss_after.value is not None and log_loss_after.value < before
    return Calibration(
        fitted=fitted,
        helps=helps,
        at_bound=fitted < LOWEST * 1.01 or fitted > HIGHEST * 0.99,
        log_loss_before=before,
        log_loss_after=log_loss_after,
        brier_before=float(np.mean([brier_score(own, gold, labels) for own in probs])),
        brier_after=brier_after,
        error_before=calibration_error(probs[0], gold, labels),
        error_after=error_after,
        reliability_before=reliability(probs[0], gold, labels),
        reliability_after=() if after is None else reliability(after[0], gold, labels),
        probs_after=after,
        n=len(gold),
        n_groups=predictions.n_groups,
    )


def _leave_one_group_out(predictions: Predictions) -> np.ndarray | None:
    """The probabilities of every group at the temperature of the others, (n_seeds, n, n_labels); None for one group."""
    import numpy as np

    probs, gold, groups = predictions.probs, predictions.gold, predictions.groups
    assert probs is not None
    names = np.unique(groups)
    if len(names) < 2:
        return None
    after = np.empty_like(probs)
    for name in names:
        own = groups == name
        others = np.concatenate([layer[~own] for layer in probs])
        after[:, own] = tempered(probs[:, own], fit_temperature(others, np.tile(gold[~own], len(probs)), predictions.labels))
    return after


def calibration_error(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> Estimate:
    """Expected calibration error over bins of equal counts (Naeini et al. 2015), from 1,000 sentences on."""
    if len(gold) < MIN_CALIBRATION_ITEMS:
        return Estimate(
            None,
            reason=f"{len(gold)} sentences, {MIN_CALIBRATION_ITEMS:,} needed, since fewer show an error by chance",
        )
    bins = reliability(probs, gold, labels)
    return Estimate(sum(abs(own.n_right / own.n - own.confidence) * own.n for own in bins) / len(gold))


def reliability(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> tuple[Bin, ...]:
    """Sentences ordered by their highest probability, in up to ten bins of equal counts, of eight at least."""
    import numpy as np

    confidence = probs.max(axis=1)
    right = np.array(labels)[probs.argmax(axis=1)] == gold
    order = np.argsort(confidence, kind="stable")
    n_bins = max(1, min(N_BINS, len(order) // MIN_IN_BIN))
    return tuple(
        Bin(float(confidence[rows].mean()), int(right[rows].sum()), len(rows)) for rows in np.array_split(order, n_bins)
    )
