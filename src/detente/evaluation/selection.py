"""What the best of several configurations is worth, once it is granted that it was chosen on the scores it is reported with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.evaluation.comparison import check_alike
from detente.evaluation.counts import group_counts, mean_macro_f1
from detente.intervals import Estimate, from_resamples

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions

MIN_GROUPS = 10
"""Below this too few groups stay outside a resample for a score of them to mean anything."""
N_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Selection:
    """``best`` has the highest pooled macro-F1, ``reported``; ``corrected`` is free of the choice's optimism."""

    best: str
    reported: float
    corrected: Estimate
    n_configurations: int
    n_groups: int


def selection(runs: dict[str, Predictions], seed: int = 0) -> Selection:
    """Bootstrap bias-corrected cross-validation (Tsamardinos, Greasidou & Borboudakis 2018), over groups.

    In each resample of the groups the best configuration inside is scored on the groups outside; the mean is what choosing in
    this way may expect. Raises InputError unless all runs are of the same sentences.
    """
    import numpy as np

    check_alike(runs)
    names, k = list(runs), next(iter(runs.values())).n_groups
    counts = [group_counts(runs[name]) for name in names]
    reported = [float(_scores(own, np.ones((1, k)))[0]) for own in counts]
    best = int(np.argmax(reported))
    if len(names) == 1:
        corrected = Estimate(reported[best])
    elif k < MIN_GROUPS:
        corrected = Estimate(None, reason=f"{k} groups, at least {MIN_GROUPS} needed")
    else:
        corrected = _bootstrap(counts, k, seed)
    return Selection(names[best], reported[best], corrected, len(names), k)


def _bootstrap(counts: list[np.ndarray], k: int, seed: int) -> Estimate:
    import numpy as np

    drawn = np.random.default_rng(seed).multinomial(k, [1 / k] * k, size=N_RESAMPLES)
    outside = (drawn == 0).astype(float)
    usable = outside.any(axis=1)
    drawn, outside = drawn[usable], outside[usable]
    winners = np.argmax([_scores(own, drawn) for own in counts], axis=0)
    scores = np.array([_scores(own, outside) for own in counts])[winners, np.arange(len(winners))]
    return from_resamples(float(scores.mean()), scores, k, (0.0, 1.0))


def _scores(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Pooled macro-F1 with every group counted ``weights`` times, (n_resamples, k): means over the random seeds."""
    import numpy as np

    return mean_macro_f1(np.tensordot(weights, counts, axes=1))
