"""Prediction rows as the sections read them: labelled in a task, of one random seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detente.errors import InputError

Row = Mapping[str, Any]


def first_seed(rows: Sequence[Row]) -> list[Row]:
    """The rows of the smallest random seed, in their order; rows without one belong to it."""
    seeds = [row["seed"] for row in rows if row.get("seed") is not None]
    first = min(seeds, default=None)
    return [row for row in rows if row.get("seed") in (None, first)]


def scored(rows: Sequence[Row], task: str) -> list[Row]:
    """The rows of the first random seed that have a label in the task. Raises InputError where there is none."""
    found = [row for row in first_seed(rows) if isinstance(row.get(task), str)]
    if not found:
        raise InputError(f"none of {len(rows)} prediction rows has a label for {task}; expected one at least.")
    if f"{task}_pred" not in found[0]:
        raise InputError(f"the prediction rows lack the column '{task}_pred'; expected predictions of {task}.")
    return found


def is_right(row: Row, task: str) -> bool:
    """Whether a row's prediction is its label."""
    return bool(row[task] == row[f"{task}_pred"])


def counted(n: int, noun: str) -> str:
    """``1 group``, ``2 groups``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
