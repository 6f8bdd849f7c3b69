"""Sentences with gold labels beside those that only the teacher has read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detente.dataset import read_dataset
from detente.dataset.segmented import segment_texts
from detente.errors import ConfigError
from detente.model import ModelInfo
from detente.model.families import Tokenizer
from detente.records import Example
from detente.text import TextPath
from detente.training.distillation.batches import Shard
from detente.training.distillation.teacher import TeacherOutputs
from detente.training.evaluating import shared_tasks


def gold_rows(folder: Path, info: ModelInfo) -> list[Example]:
    """The sentences of a dataset's train side that have a label in a task of the teacher's.

    Raises DatasetError where their labels differ, ConfigError for a dataset with folds, each row of which is held out once.
    """
    dataset = read_dataset(folder)
    names = [task.name for task in shared_tasks(info, dataset)]
    if dataset.n_folds:
        raise ConfigError(
            f"training.gold_weight: {folder} has folds, and each of its sentences is held out in one; expected a dataset with "
            "a train side of its own. Build it with split=holdout."
        )
    if not (rows := dataset.labelled(names, "train")):
        raise ConfigError(
            f"training.gold_weight: {folder} has no training sentence with a label in {' or '.join(info.tasks)}; expected "
            "some, or training.gold_weight=0."
        )
    return rows


def gold_shard(rows: list[Example], info: ModelInfo, tokenizer: Tokenizer, text_path: TextPath) -> Shard:
    """Rows as a shard: 1 at the place of a label, all tasks one after another, zeros in a task without a label."""
    segmented = segment_texts([row.text for row in rows], text_path)
    targets = np.zeros((len(rows), sum(map(len, info.tasks.values()))), dtype=np.float32)
    start = 0
    for task, labels in info.tasks.items():
        for number, row in enumerate(rows):
            if (label := row.label(task)) is not None:
                targets[number, start + labels.index(label)] = 1
        start += len(labels)
    return Shard(tokenizer, [segmented[row.text] for row in rows], TeacherOutputs(targets))
