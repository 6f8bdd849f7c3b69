"""Files of rows that this package, or a spreadsheet, has written: CSV, JSONL, parquet, also compressed, or a folder of parts.

Here every row must be readable, and the first that is not is an error that names its place. (A corpus to predict is read by
``prediction.rows``, where a bad row is rejected and the next one read.)
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from detente.errors import InputError
from detente.formats import COMPRESSED, WRITABLE, opened

PlacedRow = tuple[str, Mapping[str, Any]]
"""Where a row stands, for messages, and its cells by column."""

ENDINGS = tuple(
    f".{kind}{more}"
    for kind in WRITABLE
    for more in ("", *(f".{name}" for name in COMPRESSED))
    if not (more and kind == "parquet")
)
PARTS = "_manifest.json"
"""The file that makes a folder one of parts: what ``detente predict -o FOLDER/`` wrote, or is writing."""
COMPLETE = "_meta.json"
"""The file that such a folder gets when all of its parts are there."""
MAX_CELL = 10_000_000
"""Characters."""
_BATCH = 8192


def row_files(source: Path) -> list[Path]:
    """The file itself, or the parts of a folder in the order of their names: nothing that begins with ``.`` or ``_``.

    Raises InputError for a folder of predictions that are not finished: a part of a corpus must not pass for the whole.
    """
    if not source.is_dir():
        return [source]
    if (source / PARTS).is_file() and not (source / COMPLETE).is_file():
        raise InputError(f"{source}: parts of its predictions are missing. Run `detente predict` to its end, then this again.")
    return sorted(path for path in source.iterdir() if path.name.endswith(ENDINGS) and path.name[0] not in "._")


def read_each(path: Path) -> Iterator[PlacedRow]:
    """The rows of a file one at a time. Raises InputError, for the first bad row or a file that cannot be read to its end.

    The columns of a CSV may be separated by commas, semicolons or tabs. Empty lines of a JSONL are passed over.
    """
    compression = path.suffix[1:] if path.suffix[1:] in COMPRESSED else ""
    kind = Path(path.name.removesuffix(path.suffix) if compression else path.name).suffix
    try:
        if kind == ".parquet":
            yield from _parquet_rows(path)
            return
        with opened(path, compression) as stream:
            yield from _READERS[kind](io.TextIOWrapper(stream, "utf-8-sig", newline=""), path)
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path}: cannot be read to its end ({error}). Expected UTF-8; write or copy it again.") from error


def csv_header(path: Path) -> list[str]:
    """The columns of a CSV, which need not be all UTF-8. Raises InputError if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            return list(next(_csv_reader(lines), []))
    except (csv.Error, OSError) as error:
        raise InputError(f"{path}: its header cannot be read ({error}).") from error


def _csv_reader(lines: TextIO) -> Any:
    csv.field_size_limit(MAX_CELL)
    first = lines.readline()
    delimiter = max(",;\t", key=first.count)
    return csv.reader(chain([first], lines), delimiter=delimiter, strict=True)


def _csv_rows(lines: TextIO, path: Path) -> Iterator[PlacedRow]:
    reader = _csv_reader(lines)
    header: list[str] = next(reader, [])
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise InputError(f"{path}:1: the column '{twice[0]}' stands twice; expected every name once.")
    for cells in reader:
        where = f"{path}:{reader.line_num}"
        if len(cells) != len(header):
            raise InputError(f"{where}: {len(cells)} cells; expected {len(header)}, as in the header.")
        yield where, dict(zip(header, cells, strict=True))


def _jsonl_rows(lines: TextIO, path: Path) -> Iterator[PlacedRow]:
    # A lone carriage return ends no line here, nor do the separators that str.splitlines knows.
    lines.reconfigure(newline="\n")  # type: ignore[attr-defined]
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{number}: not JSON in UTF-8 ({error}).") from error
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: expected a JSON object, got {type(row).__name__}.")
        yield f"{path}:{number}", row


def _parquet_rows(path: Path) -> Iterator[PlacedRow]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}: row {number}", row
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file ({error}).") from error


_READERS: dict[str, Callable[[TextIO, Path], Iterator[PlacedRow]]] = {".csv": _csv_rows, ".jsonl": _jsonl_rows}
