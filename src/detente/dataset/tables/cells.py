"""Cells → texts, labels and splits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente.dataset.splits import HOLDOUT_SPLITS
from detente.errors import ConfigError, DatasetError, near_miss
from detente.formats import file_name
from detente.strict_json import shown
from detente.tasks import Task

_SPELLINGS = {
    "train": ("train", "training", "trn"),
    "validation": ("validation", "valid", "val", "dev", "development"),
    "test": ("test", "testing", "tst"),
}
SPLITS = {spelling: split for split, spellings in _SPELLINGS.items() for spelling in spellings}
"""Usual spelling → the split it stands for."""


def cell_text(value: object) -> str:
    """A cell as text, nothing around it; empty for an empty one, and for NaN. 1.0 is ``1``, as sheets mean it."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return unicodedata.normalize("NFC", str(value)).strip()


@dataclass(frozen=True)
class LabelReader:
    """What reads the cells of a task: by the mapping first, then as labels, whatever their case."""

    task: Task
    columns: tuple[str, ...]
    values: Mapping[str, str]

    def label(self, value: object, where: str) -> str | None:
        """The label of a cell; None for an empty one, and for one that is mapped to nothing. Raises DatasetError."""
        text = cell_text(value)
        if not text:
            return None
        mapped = self.values.get(text.casefold())
        if mapped is not None:
            return mapped or None
        label = self.task.label_of(text)
        if label is None:
            raise DatasetError(f"{where}: {self.task.problem(text)}{self._remedy(text)}")
        return label

    def _remedy(self, text: str) -> str:
        near = near_miss(text, self.values) if self.values else ""
        example = f"data.values={{{self.task.name}: {{{shown(text)}: {self.task.labels[0]}}}}}"
        other = "or, if it is of another task, name that: its labels go into configs/task/NAME.yaml."
        return f"{near} Say what the cell means, {example}, {other}"


def label_reader(task: Task, columns: Sequence[str], values: Mapping[str, str]) -> LabelReader:
    """The reader of a task's columns. Raises ConfigError for a value that is no label of it."""
    mapped = {}
    for cell, label in values.items():
        found = task.label_of(label) if label else ""
        if found is None:
            raise ConfigError(f"data.values: '{task.name}': {task.problem(label)}")
        mapped[cell_text(cell).casefold()] = found
    return LabelReader(task, tuple(columns), mapped)


def split_in(value: object, where: str) -> str:
    """The split that a cell names. Raises DatasetError."""
    text = cell_text(value)
    if text.casefold() not in SPLITS:
        given, others = shown(text) if text else "nothing", [each for each in SPLITS if each not in HOLDOUT_SPLITS]
        raise DatasetError(
            f"{where}: expected {', '.join(HOLDOUT_SPLITS)} (or {', '.join(others)}), got {given}."
            f"{near_miss(text, SPLITS)} Without data.split_column the build splits by itself."
        )
    return SPLITS[text.casefold()]


def split_of_file(path: Path) -> str:
    """The split that a file's name says, as test_dedup.jsonl does; empty for none, or for several."""
    words = re.split(r"[^a-z]+", file_name(path).lower())
    named = {SPLITS[word] for word in words if word in SPLITS}
    return named.pop() if len(named) == 1 else ""
