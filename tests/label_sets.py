"""The package's two tasks, and labels in them, for tests of what needs some."""

from __future__ import annotations

from detente.tasks import first_tasks

TASKS = first_tasks()
STANCE_TASK, SENTIMENT_TASK = TASKS.values()
STANCE, SENTIMENT = STANCE_TASK.labels, SENTIMENT_TASK.labels
LABELS = {name: task.labels for name, task in TASKS.items()}


def labelled(stance: str | None = None, sentiment: str | None = None) -> dict[str, str]:
    """Labels in the two tasks, without those that are None."""
    return {task: label for task, label in (("stance", stance), ("sentiment", sentiment)) if label is not None}
