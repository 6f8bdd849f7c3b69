"""Predictions in files → one row at a time; nothing is held."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any, cast

from detente.errors import InputError, UsageError, near_miss
from detente.indexing.options import IndexOptions
from detente.indexing.periods import read_date
from detente.labels import labels_of

ENDINGS = (".csv", ".jsonl", ".parquet", ".csv.gz", ".jsonl.gz")

_MAX_FIELD = 10_000_000
_Rows = Iterator[tuple[str, Mapping[str, Any]]]


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


def read_predictions(source: Path, options: IndexOptions) -> Iterator[Predicted]:
    """The rows of a file of predictions, or of a folder of parts in the order of their names.

    Raises InputError for a file that cannot be read, a column that is missing or a label that the task does not have,
    UsageError for an unknown format.
    """
    for path in _parts(source):
        for where, row in _rows(path):
            yield _predicted(where, row, options)


def _parts(source: Path) -> list[Path]:
    if source.is_dir():
        parts = sorted(p for p in source.iterdir() if p.name.endswith(ENDINGS) and not p.name.startswith((".", "_")))
        if not parts:
            raise InputError(f"{source}: no predictions in this folder; expected files {', '.join(ENDINGS)}.")
        return parts
    if not source.is_file():
        raise InputError(f"{source}: no such file or folder; expected what `detente predict` wrote.")
    if not source.name.endswith(ENDINGS):
        raise UsageError(f"{source}: unknown format; expected {', '.join(ENDINGS)}, or a folder of them.")
    return [source]


def _rows(path: Path) -> _Rows:
    suffix = Path(path.name.removesuffix(".gz")).suffix
    try:
        yield from _READERS[suffix](path)
    except (csv.Error, UnicodeDecodeError, EOFError, zlib.error, OSError) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}). Predict it again, or copy it again.") from error


def _predicted(where: str, row: Mapping[str, Any], options: IndexOptions) -> Predicted:
    label = _cell(row, f"{options.task}_pred", where, "Is it what `detente predict` wrote, and is --task right?")
    return Predicted(
        where=where,
        label=_label_number(label, options.task, where),
        date=read_date(_cell(row, options.date_column, where, "Name it with --date-column.")),
        sentence_id=_text(row.get("sentence_id")),
        article_id=_text(row.get("article_id")),
        outlet=" ".join(_text(_cell(row, options.outlet_column, where, "Name it with --outlet-column.")).split())
        if options.group == "outlet"
        else "",
        text=_text(_cell(row, options.text_column, where, "Name it with --text-column.")) if options.needs_text else "",
    )


def _cell(row: Mapping[str, Any], column: str, where: str, hint: str) -> Any:
    if column not in row:
        alike = [name for name in row if name.endswith("_pred") == column.endswith("_pred")]
        raise InputError(f"{where}: no column '{column}'; the row has {', '.join(row)}.{near_miss(column, alike)} {hint}")
    return row[column]


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _label_number(value: Any, task: str, where: str) -> int | None:
    labels = labels_of(task)
    if value is None or value == "":
        return None
    if value not in labels:
        raise InputError(
            f"{where}: unknown {task} '{value}'; expected {', '.join(labels)}, or nothing.{near_miss(str(value), labels)}"
        )
    return labels.index(value)


def _open(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _csv_rows(path: Path) -> _Rows:
    import io

    csv.field_size_limit(_MAX_FIELD)
    with _open(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        header = next(reader, [])
        if twice := sorted({name for name in header if header.count(name) > 1}):
            raise InputError(f"{path}:1: the column '{twice[0]}' stands twice; expected every name once.")
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if len(cells) != len(header):
                raise InputError(f"{where}: {len(cells)} cells; expected {len(header)}, as in the header.")
            yield where, dict(zip(header, cells, strict=True))


def _jsonl_rows(path: Path) -> _Rows:
    with _open(path) as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line.decode("utf-8-sig") if number == 1 else line)
            except (ValueError, RecursionError) as error:
                raise InputError(f"{path}:{number}: not JSON in UTF-8 ({error}).") from error
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: expected a JSON object, got {type(row).__name__}.")
            yield f"{path}:{number}", row


def _parquet_rows(path: Path) -> _Rows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=8192):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}: row {number}", row
    except pa.ArrowException as error:
        raise InputError(f"{path}: not a readable parquet file ({error}).") from error


_READERS: dict[str, Callable[[Path], _Rows]] = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".parquet": _parquet_rows}
