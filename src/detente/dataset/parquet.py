"""Rows of a split ↔ a parquet file with the typed features that `datasets` reads back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from detente.errors import DatasetError
from detente.records import Example
from detente.tasks import Tasks

TEXT = "text"
HASH = "text_sha256"
"""What stands in place of a text that is not passed on: sha256 of its UTF-8."""
PARTLY = (HASH, TEXT)
"""The columns where some texts are passed on: every hash, and the texts that are."""
_OPTIONAL = ("date", "outlet", "fold")
"""The columns that may be empty, beside those of the tasks."""
_TYPES = {"start": "int64", "end": "int64", "date": "date32", "fold": "int64"}


def columns(tasks: Iterable[str], texts: tuple[str, ...] = (TEXT,)) -> tuple[str, ...]:
    """The columns of a split, one a task; ``texts`` stand where the text does."""
    instead = {"labels": tuple(tasks), TEXT: texts}
    return tuple(name for f in fields(Example) for name in instead.get(f.name, (f.name,)))


def write_table(rows: Sequence[Mapping[str, Any]], path: Path, tasks: Tasks, texts: tuple[str, ...] = (TEXT,)) -> None:
    """Write the rows of one split; labels are stored as their numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in columns(tasks, texts)}
    for name, task in tasks.items():
        found[name] = [None if label is None else task.labels.index(label) for label in found[name]]
    pq.write_table(pa.table(found, schema=features(tasks, texts).arrow_schema), path)


def features(tasks: Tasks, texts: tuple[str, ...] = (TEXT,)) -> Any:
    """The typed columns of a split."""
    from datasets import ClassLabel, Features, Value

    types: dict[str, Any] = {name: Value(_TYPES.get(name, "string")) for name in columns(tasks, texts)}
    types |= {name: ClassLabel(names=list(task.labels)) for name, task in tasks.items()}
    return Features(types)


def read_table(path: Path, tasks: Tasks, texts: tuple[str, ...] = (TEXT,)) -> list[dict[str, Any]]:
    """The rows of one split, labels by their names. Raises DatasetError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise DatasetError(f"{path}: missing, though manifest.json names the split '{path.stem}'. Build the dataset again.")
    try:
        table = _checked(pq.read_table(path), path, tasks, texts)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:  # the last two: what is no text, or no day
        reason = str(error).splitlines()[0]
        raise DatasetError(f"{path}: not a readable parquet file ({reason}). Build the dataset again.") from error
    rows = []
    for number, chosen in enumerate(table, start=1):
        for name, task in tasks.items():
            index = chosen[name]
            if index is not None and not 0 <= index < len(task.labels):
                raise DatasetError(f"{path}: row {number} has the {name} label {index}; expected 0 to {len(task.labels) - 1}.")
            chosen[name] = None if index is None else task.labels[index]
        rows.append(chosen)
    return rows


def _checked(table: Any, path: Path, tasks: Tasks, texts: tuple[str, ...]) -> list[dict[str, Any]]:
    """The rows of a table whose columns have the types they were written with. Raises DatasetError."""
    names = columns(tasks, texts)
    optional = (*_OPTIONAL, *tasks, *((TEXT,) if texts == PARTLY else ()))
    if missing := [name for name in names if table.column_names.count(name) != 1]:
        raise DatasetError(f"{path}: lacks the column {', '.join(missing)}. Build the dataset again.")
    for expected in features(tasks, texts).arrow_schema:
        column = table[expected.name]
        if column.type != expected.type:
            raise DatasetError(
                f"{path}: the column '{expected.name}' is {str(column.type)[:80]}; expected {expected.type}. Build the dataset "
                "again."
            )
        if column.null_count and expected.name not in optional:
            raise DatasetError(f"{path}: the column '{expected.name}' has empty cells. Build the dataset again.")
    found: list[dict[str, Any]] = table.select(names).to_pylist()
    return found
