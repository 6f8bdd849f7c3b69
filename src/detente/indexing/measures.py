"""The figures of an index: ratios of weighted counts of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.tasks import Task

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


def measures(task: Task) -> tuple[Measure, ...]:
    """The share of each label; where the task has poles, the mean direction over all sentences and over those at a pole."""
    import numpy as np

    labels = task.labels
    one, every = np.eye(len(labels)), np.ones(len(labels))
    shares = tuple(Measure(f"share_{label}", one[at], every, 0.0) for at, label in enumerate(labels))
    if task.poles is None:
        return shares
    plus, minus = (one[labels.index(pole)] for pole in task.poles)
    return (
        *shares,
        Measure("direction_all", plus - minus, every, -1.0),
        Measure("direction_decided", plus - minus, plus + minus, -1.0),
    )
