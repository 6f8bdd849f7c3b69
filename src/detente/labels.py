"""The label sets, in their order, and the rules that a label is given by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from detente.errors import UsageError, near_miss

STANCE = ("dialogue", "neutral", "escalation")
SENTIMENT = ("negative", "neutral", "positive")

LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType({"stance": STANCE, "sentiment": SENTIMENT})
"""Task → its labels in order; probabilities and confusion matrices keep this order everywhere."""

TASKS = tuple(LABELS)

Rule = Literal["", "0", "1", "2", "3", "4", "5", "6", "7", "8"]
"""What a reading may name as the rule that decided."""
RULES: tuple[str, ...] = tuple(rule for rule in get_args(Rule) if rule)
"""The rules of the guideline; 0 is the table alone."""

JOINT = "joint"
"""The task of learning all of them with one encoder."""


def tasks_of(name: str) -> tuple[str, ...]:
    """The tasks that a training task stands for: itself, or all of them. Raises UsageError for an unknown one."""
    if name == JOINT:
        return TASKS
    if name not in LABELS:
        known = (*TASKS, JOINT)
        raise UsageError(f"unknown task '{name}'; expected {', '.join(TASKS)} or {JOINT}.{near_miss(name, known)}")
    return (name,)


def labels_of(task: str) -> tuple[str, ...]:
    """The labels of a task. Raises UsageError for an unknown one."""
    if task not in LABELS:
        raise UsageError(f"unknown task '{task}'; expected {' or '.join(TASKS)}.{near_miss(task, TASKS)}")
    return LABELS[task]
