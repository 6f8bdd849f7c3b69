"""Whether a model may predict in int8: measured on texts against its own float32, never assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.errors import UsageError
from detente.model.classifier import Classifier

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Int8Limits:
    """What int8 may cost: the least share of equal labels, and the largest change of a label's share of the predictions."""

    agreement: float = 0.98
    share_shift: float = 0.02


@dataclass(frozen=True)
class TaskShift:
    """How int8 differs from float32 in one task, over ``n`` texts.

    ``n_equal`` texts keep their label, ``prob_shift`` is the largest change of any probability, ``share_shift`` the largest
    change of a label's share of the predictions.
    """

    n: int
    n_equal: int
    prob_shift: float
    share_shift: float

    @property
    def agreement(self) -> float:
        """The share of equal labels."""
        return self.n_equal / self.n


@dataclass(frozen=True)
class Int8Check:
    """How int8 differs from float32, task by task, and what was allowed."""

    shifts: Mapping[str, TaskShift]
    limits: Int8Limits

    @property
    def lines(self) -> list[str]:
        """The figures, a line a task."""
        return [
            f"int8, {task}: {shift.n_equal} of {shift.n} labels as in fp32 ({shift.agreement:.3f}), a probability moves by "
            f"{shift.prob_shift:.3f} at most, a label's share by {shift.share_shift:.3f}"
            for task, shift in self.shifts.items()
        ]

    @property
    def refusal(self) -> str:
        """Why int8 is not allowed, with the figures; empty if it is."""
        limits = self.limits
        reasons = []
        for task, shift in self.shifts.items():
            if shift.agreement < limits.agreement:
                reasons.append(
                    f"{task}: {shift.n_equal} of {shift.n} labels agree ({shift.agreement:.3f}; at least {limits.agreement:g} "
                    "was asked for)"
                )
            if shift.share_shift > limits.share_shift:
                reasons.append(
                    f"{task}: a label's share of the predictions moves by {shift.share_shift:.3f} (at most "
                    f"{limits.share_shift:g} was asked for)"
                )
        if not reasons:
            return ""
        return f"int8 changes this model's predictions too much: {'; '.join(reasons)}. Predict with precision fp32."


def check_int8(
    reference: Classifier, quantised: Classifier, texts: Sequence[str], limits: Int8Limits | None = None
) -> Int8Check:
    """Compare what a model says of raw texts in float32 and in int8. Raises UsageError without a text."""
    if not texts:
        raise UsageError("int8 is checked against fp32 on texts first, and there is none.")
    segmented = reference.text_path.batch(texts)
    expected, found = reference.score_segmented(segmented).probs, quantised.score_segmented(segmented).probs
    return Int8Check({task: _shift(expected[task], found[task]) for task in expected}, limits or Int8Limits())


def _shift(expected: np.ndarray, found: np.ndarray) -> TaskShift:
    import numpy as np

    n, n_labels = expected.shape
    own, other = expected.argmax(axis=1), found.argmax(axis=1)
    moved = np.bincount(own, minlength=n_labels) - np.bincount(other, minlength=n_labels)
    return TaskShift(
        n=n,
        n_equal=int((own == other).sum()),
        prob_shift=float(np.abs(expected - found).max()),
        share_shift=float(np.abs(moved).max() / n),
    )
