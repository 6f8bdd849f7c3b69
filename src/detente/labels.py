"""The label sets, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from detente.errors import UsageError, near_miss

STANCE = ("dialogue", "neutral", "escalation")
SENTIMENT = ("negative", "neutral", "positive")

LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType({"stance": STANCE, "sentiment": SENTIMENT})
"""Task → its labels in order; probabilities and confusion matrices keep this order everywhere."""

TASKS = tuple(LABELS)


def labels_of(task: str) -> tuple[str, ...]:
    """The labels of a task. Raises UsageError for an unknown one."""
    if task not in LABELS:
        raise UsageError(f"unknown task '{task}'; expected {' or '.join(TASKS)}.{near_miss(task, TASKS)}")
    return LABELS[task]
