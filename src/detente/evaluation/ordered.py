"""Labels as an ordered scale (stance: dialogue - neutral - escalation): a working assumption, so these figures come second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.intervals import Estimate

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class OrderedScores:
    """``weighted_kappa`` is Cohen's with quadratic weights; a flip takes one end of the scale for the other.

    ``n_flips`` and ``n_ends`` are sums over the random seeds: flips, and sentences whose gold label is an end.
    """

    weighted_kappa: Estimate
    n_flips: int
    n_ends: int

    @property
    def flip_rate(self) -> float | None:
        """Flips a sentence whose gold label is an end of the scale; None without such a sentence."""
        return self.n_flips / self.n_ends if self.n_ends else None


def ordered_scores(predictions: Predictions) -> OrderedScores:
    """The ordered view, means over the random seeds."""
    first, last = predictions.labels[0], predictions.labels[-1]
    gold, predicted = predictions.gold, predictions.predicted
    flips = ((gold == first) & (predicted == last)) | ((gold == last) & (predicted == first))
    n_ends = int(((gold == first) | (gold == last)).sum()) * len(predicted)
    return OrderedScores(_weighted_kappa(predictions), int(flips.sum()), n_ends)


def quadratic_weighted_kappa(gold: np.ndarray, predicted: np.ndarray, labels: tuple[str, ...]) -> float | None:
    """1 - Σ w·observed / Σ w·expected with w = (i - j)² (Cohen 1968; scikit-learn's); None where one label alone occurs."""
    from sklearn.metrics import cohen_kappa_score

    if len({*gold.tolist(), *predicted.tolist()}) < 2:
        return None
    return float(cohen_kappa_score(gold, predicted, labels=list(labels), weights="quadratic"))


def _weighted_kappa(predictions: Predictions) -> Estimate:
    import numpy as np

    found = [quadratic_weighted_kappa(predictions.gold, own, predictions.labels) for own in predictions.predicted]
    values = [value for value in found if value is not None]
    if len(values) < len(found):
        return Estimate(None, reason="one label only in gold and predictions")
    return Estimate(float(np.mean(values)))
