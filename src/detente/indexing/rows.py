"""Predictions in files → one row at a time; nothing is held."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detente.errors import InputError, UsageError, near_miss
from detente.indexing.options import IndexOptions
from detente.indexing.periods import read_date
from detente.rows import ENDINGS, check_regular, listed, read_each, row_files
from detente.rows.folders import is_row_file
from detente.tasks import Task

_NOBODY = ("nan", "none", "null", "<na>", "n/a")
"""What programs write for an empty cell; no outlet is called so."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """A predicted sentence. ``label`` is its number among the task's labels, None where the row has no prediction.

    ``date`` is None where there is none that can be read; the other fields are empty where the row has none.
    """

    where: str
    label: int | None
    date: date | None
    sentence_id: str
    article_id: str
    outlet: str
    text: str


def read_predictions(source: Path, task: Task, options: IndexOptions) -> Iterator[Predicted]:
    """The rows of a file of predictions, or of a folder of parts in the order of their names.

    Raises InputError for a file that cannot be read, a column that is missing or a label that the task does not have,
    UsageError for an unknown format.
    """
    for path in parts_of(source):
        for where, row in read_each(path):
            yield _predicted(where, row, task, options)


def parts_of(source: Path) -> list[Path]:
    """The files of predictions. Raises InputError, UsageError for what is none."""
    if source.is_dir():
        parts = row_files(source)
        if not parts:
            raise InputError(f"{source}: no predictions in this folder; expected files {', '.join(ENDINGS)}.")
        return parts
    check_regular(source)
    if not source.is_file():
        raise InputError(f"{source}: no such file or folder; expected what `detente predict` wrote.")
    if not is_row_file(source):
        raise UsageError(f"{source}: unknown format; expected {', '.join(ENDINGS)}, or a folder of them.")
    return [source]


def _predicted(where: str, row: Mapping[str, Any], task: Task, options: IndexOptions) -> Predicted:
    label = _cell(row, f"{task.name}_pred", where, "Is it what `detente predict` wrote, and is --task right?")
    return Predicted(
        where=where,
        label=_label_number(label, task, where),
        date=read_date(_cell(row, options.date_column, where, "Name it with --date-column.")),
        sentence_id=_text(row.get("sentence_id")),
        article_id=_text(row.get("article_id")),
        outlet=_outlet(_cell(row, options.outlet_column, where, "Name it with --outlet-column."))
        if options.group == "outlet"
        else "",
        text=_text(_cell(row, options.text_column, where, "Name it with --text-column.")) if options.needs_text else "",
    )


def _cell(row: Mapping[str, Any], column: str, where: str, hint: str) -> Any:
    if column not in row:
        alike = [name for name in row if name.endswith("_pred") == column.endswith("_pred")]
        raise InputError(f"{where}: no column '{column}'; the row has {listed(row)}.{near_miss(column, alike)} {hint}")
    return row[column]


def _text(value: Any) -> str:
    """A cell as text; none where it is empty, or a number that is none (NaN), which a spreadsheet's reader writes for it."""
    return "" if value is None or value != value else str(value)


def _outlet(value: Any) -> str:
    name = " ".join(_text(value).split())
    return "" if name.casefold() in _NOBODY else name


def _label_number(value: Any, task: Task, where: str) -> int | None:
    text = _text(value)
    if not text:
        return None
    if text not in task.labels:
        raise InputError(
            f"{where}: unknown {task.name} '{value}'; expected {task.listed}, or nothing.{near_miss(text, task.labels)}"
        )
    return task.labels.index(text)
