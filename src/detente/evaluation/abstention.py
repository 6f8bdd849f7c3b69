"""Leaving the least sure sentences to a human: what that buys, and below which probability to do it.

The threshold is chosen by Chow's rule (Chow 1970, *On optimum recognition error and reject tradeoff*) on the abstention
curve: an error costs 1, a sentence left to a human ``COST``, and the point of the curve that costs least wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.evaluation.counts import macro_f1

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions

AUTO = "auto"
COST = 0.5
"""Of a sentence left to a human, beside 1 for an error: worth it where more than half of such sentences would be wrong."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Scores of the most confident sentences: the share of all that they are, and macro-F1 and accuracy on them."""

    coverage: float
    threshold: float
    n: int
    macro_f1: float
    accuracy: float

    @property
    def cost(self) -> float:
        """Errors and sentences left to a human, a share of all sentences."""
        return (1 - self.accuracy) * self.coverage + COST * (1 - self.coverage)


@dataclass(frozen=True)
class Abstention:
    """``curve`` answers ever less; ``answered`` is what the threshold leaves, None where that is nothing or there is none.

    ``asked`` is the threshold that was given, or ``auto``; ``threshold`` is None where none was asked for, or none pays.
    """

    curve: tuple[Coverage, ...]
    asked: float | str | None
    threshold: float | None
    answered: Coverage | None


def abstain(predictions: Predictions, asked: float | str | None = None) -> Abstention | None:
    """The abstention curve of the first random seed, with a threshold given, chosen (``auto``) or none.

    None where the rows have no probabilities.
    """
    if predictions.probs is None:
        return None
    probs, gold, labels = predictions.probs[0], predictions.gold, predictions.labels
    curve = abstention(probs, gold, labels)
    threshold = choose_threshold(curve) if asked == AUTO else None if asked is None else float(asked)
    answered = None
    if threshold is not None and (kept := probs.max(axis=1) >= threshold).any():
        answered = _coverage(probs, gold, labels, kept.nonzero()[0])
    return Abstention(curve, asked, threshold, answered)


def threshold_line(abstention: Abstention | None) -> str | None:
    """The threshold and what it leaves in one line; None where none was asked for."""
    if abstention is None or abstention.asked is None:
        return None
    if abstention.threshold is None:
        return "no threshold: to answer every sentence costs least"
    n_answered = abstention.answered.n if abstention.answered else 0
    return f"threshold {abstention.threshold:.3f}: {n_answered} of {abstention.curve[0].n} scored sentences are answered"


def abstention(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> tuple[Coverage, ...]:
    """Scores when the least confident sentences are left to a human: at every tenth of coverage, all sentences first.

    What is as sure as the last sentence answered is answered too, as a threshold would; points that this makes one are one.
    """
    import numpy as np

    confidence = probs.max(axis=1)
    ordered = np.sort(confidence)[::-1]
    lowest = [ordered[max(1, round(len(ordered) * share / 10)) - 1] for share in range(10, 0, -1)]
    return tuple(_coverage(probs, gold, labels, (confidence >= each).nonzero()[0]) for each in dict.fromkeys(lowest))


def choose_threshold(curve: Sequence[Coverage]) -> float | None:
    """The lowest probability of the point of the curve that costs least, of several the one that answers most.

    None where to answer all costs least.
    """
    best = min(curve, key=lambda point: (round(point.cost, 9), -point.coverage))
    if best.coverage == 1:
        return None
    return float(
        math.floor(best.threshold * 1e6) / 1e6
    )  # six places, as stored probabilities have; rounded down, so that the last one answered still is


def _coverage(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...], rows: np.ndarray) -> Coverage:
    import numpy as np

    predicted = np.array(labels)[probs[rows].argmax(axis=1)]
    return Coverage(
        coverage=len(rows) / len(gold),
        threshold=float(probs[rows].max(axis=1).min()),
        n=len(rows),
        macro_f1=macro_f1(gold[rows], predicted),
        accuracy=float((gold[rows] == predicted).mean()),
    )
