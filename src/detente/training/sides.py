"""The training side of a fit, and the part of it that early stopping watches: looked at before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

from detente.dataset import LabelledDataset
from detente.errors import ConfigError, TrainingError
from detente.model.classifier import Tasks
from detente.records import Example
from detente.training.options import TrainingOptions, TrainOptions


def check_sides(dataset: LabelledDataset, options: TrainOptions) -> None:
    """Look at the side of every fold and random seed before the first is trained on. Raises ConfigError, TrainingError."""
    tasks = {task.name: task.labels for task in dataset.tasks_named(options.task)}
    names, folds = list(tasks), range(dataset.n_folds)
    for side in [dataset.fold_sides(fold, names)[0] for fold in folds] or [dataset.labelled(names, "train")]:
        for seed in options.seeds:
            training_side(side, tasks, options.training, seed)


def training_side(
    examples: Sequence[Example], tasks: Tasks, options: TrainingOptions, seed: int
) -> tuple[Sequence[Example], list[Example]]:
    """What a fit trains on, and what early stopping watches. Raises ConfigError, TrainingError where the data are too few."""
    inner: list[Example] = []
    if options.early_stopping:
        examples, inner = hold_out_inner_group(examples, tasks, seed)
    if options.batch_size > len(examples):
        raise ConfigError(f"training.batch_size: {options.batch_size} is more than the {len(examples)} training sentences.")
    return examples, inner


def hold_out_inner_group(examples: Sequence[Example], tasks: Tasks, seed: int) -> tuple[list[Example], list[Example]]:
    """Part one group off the training side for early stopping to watch; the labels must all stay on the other side."""
    groups = sorted({row.group_id for row in examples})

    def labels(rows: Sequence[Example]) -> set[tuple[str, str | None]]:
        return {(task, row.label(task)) for row in rows for task in tasks}

    for at in range(len(groups)):
        group = groups[(at + seed) % len(groups)]
        rest = [row for row in examples if row.group_id != group]
        if rest and labels(rest) == labels(examples):
            return rest, [row for row in examples if row.group_id == group]
    raise TrainingError(
        f"training.early_stopping needs an inner group to watch, and the training side of {len(groups)} groups cannot spare "
        "one without losing a label. Use fixed epochs: training.early_stopping=0"
    )
