"""The figures of an index: ratios of weighted counts of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.indexing.options import POLES
from detente.labels import labels_of

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Measure:
    """``numerator @ x / denominator @ x`` of counts or shares x (n_labels,); ``lowest`` is its least value, 1 the greatest."""

    name: str
    numerator: np.ndarray
    denominator: np.ndarray
    lowest: float

    def at(self, shares: np.ndarray) -> float:
        """The figure at these shares."""
        return float(self.numerator @ shares / (self.denominator @ shares))

    def gradient(self, shares: np.ndarray) -> np.ndarray:
        """The derivative by each share (n_labels,)."""
        import numpy as np

        return np.asarray((self.numerator - self.at(shares) * self.denominator) / (self.denominator @ shares))


def measures(task: str) -> tuple[Measure, ...]:
    """The share of each label, then the mean direction over all sentences and over those that point one way or the other."""
    import numpy as np

    labels = labels_of(task)
    one, every = np.eye(len(labels)), np.ones(len(labels))
    plus, minus = (one[labels.index(pole)] for pole in POLES[task])
    shares = tuple(Measure(f"share_{label}", one[at], every, 0.0) for at, label in enumerate(labels))
    return (
        *shares,
        Measure("direction_all", plus - minus, every, -1.0),
        Measure("direction_decided", plus - minus, plus + minus, -1.0),
    )
