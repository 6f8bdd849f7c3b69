"""Which end of a metric is the better one: what runs are ranked by must have one."""

from __future__ import annotations

from detente.errors import ConfigError, near_miss
from detente.tasks import Tasks, known_tasks, usable

HIGHER, LOWER = 1, -1

_OF_ALL = {
    "macro_f1": HIGHER,
    "accuracy": HIGHER,
    "mcc": HIGHER,
    "weighted_kappa": HIGHER,
    "flip_rate": LOWER,
    "log_loss": LOWER,
    "log_loss_calibrated": LOWER,
    "log_loss_skill": HIGHER,
    "brier": LOWER,
    "brier_skill": HIGHER,
}
_OF_A_LABEL = ("f1", "precision", "recall", "auroc", "average_precision")
"""Of each label one; the higher, the better."""


def directions(tasks: Tasks) -> dict[str, int]:
    """Metric without its split → ``HIGHER`` or ``LOWER``; counts, intervals' ends and a temperature have no better end."""
    labels = dict.fromkeys(label for task in tasks.values() for label in task.labels)
    return _OF_ALL | {f"{score}_{label}": HIGHER for score in _OF_A_LABEL for label in labels}


def direction_of(metric: str, key: str = "metric", tasks: Tasks | None = None) -> int:
    """``HIGHER`` or ``LOWER`` for a metric without its split, of a joint run with its task before it (``stance/macro_f1``).

    ``tasks`` are all known ones by default. Raises ConfigError, which calls the metric ``key``, for one that has no better end
    or is unknown.

    >>> direction_of("log_loss"), direction_of("stance/f1_dialogue")
    (-1, 1)
    """
    tasks = usable(known_tasks()) if tasks is None else tasks
    known = directions(tasks)
    task, _, of_task = metric.partition("/")
    name = of_task if task in tasks else metric
    if name in known:
        return known[name]
    raise ConfigError(
        f"{key}: '{metric}' is no score that has a better end; expected one of {', '.join(_OF_ALL)}, or "
        f"{', '.join(_OF_A_LABEL)} of a label as in f1_escalation, without the split; of a joint run stance/macro_f1 and the "
        f"like.{near_miss(metric, known)}"
    )
