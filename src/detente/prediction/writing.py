"""Rows with predictions → files: parts in one format, and parts joined into one file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from detente.errors import InputError
from detente.formats import Format, created
from detente.prediction.columns import Schema
from detente.rows import Row
from detente.rows.book import write_book

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Layout:
    """How rows lie in a file. ``columns`` in their order; ``schema`` is the arrow schema, of parquet only.

    ``bom``: CSV begins with a byte-order mark, by which Excel knows UTF-8.
    """

    kind: str
    columns: tuple[str, ...]
    schema: Any = None
    bom: bool = False

    @property
    def part_kind(self) -> str:
        """The format of the parts: a sheet is made of lines, when all are there."""
        return "jsonl" if self.kind == "xlsx" else self.kind


def layout_of(
    kind: str,
    kept: Sequence[str],
    new: Schema,
    schema: Any = None,
    facts: Mapping[str, str] | None = None,
    *,
    bom: bool = False,
) -> Layout:
    """The layout of an output: the columns ``kept`` of the input, which have the types of ``schema``, and the ``new`` ones.

    ``facts`` go into the metadata of the schema of every part and of what is joined of them.
    """
    columns = (*kept, *new)
    if kind != "parquet":
        return Layout(kind, columns, bom=bom)
    import pyarrow as pa

    fields = [schema.field(name) for name in kept] + [pa.field(name, _type(kind)) for name, kind in new.items()]
    return Layout(kind, columns, pa.schema(fields, metadata={**(schema.metadata or {}), **(facts or {})}))


def _type(kind: type) -> Any:
    import pyarrow as pa

    return {str: pa.string(), float: pa.float64(), int: pa.int64(), bool: pa.bool_()}[kind]


def write_part(rows: Sequence[Row], path: Path, layout: Layout) -> None:
    """Write the rows of a part into a file of its own. Raises InputError for a value that the format cannot hold."""
    if layout.kind == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pa.Table.from_pylist(list(rows), schema=layout.schema)
        except (pa.ArrowException, OverflowError) as error:
            raise InputError(f"a value does not fit its column ({error}). Write .jsonl, or leave the column out.") from error
        pq.write_table(table, path, compression="zstd")
        return
    path.write_bytes(as_bytes(rows, layout))


def as_bytes(rows: Iterable[Row], layout: Layout, *, header: bool = True) -> bytes:
    """Rows as lines of CSV or JSONL in UTF-8; of a sheet, as the lines of a part."""
    if layout.kind == "jsonl":
        return "".join(f"{json_line(row)}\n" for row in rows).encode()
    if layout.kind == "xlsx":
        return "".join(f"{json_line({name: _packed(value) for name, value in row.items()})}\n" for row in rows).encode()
    out = io.StringIO(newline="")
    writer = RowWriter(out, layout.columns)
    if header:
        out.write("\ufeff" if layout.bom else "")
        writer.write_header()
    for row in rows:
        writer.write(row)
    return out.getvalue().encode()


def json_line(value: Any) -> str:
    """A value as JSON; NaN and the infinities, for which JSON has no word, are null. Raises InputError for bytes."""
    try:
        return _ENCODER.encode(value)
    except ValueError:
        return _ENCODER.encode(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class RowWriter:
    """Writes rows as CSV; what is no text or number is written as JSON, a missing value as nothing."""

    def __init__(self, out: TextIO, columns: Sequence[str]) -> None:
        self._plain = csv.DictWriter(out, columns, lineterminator="\n")
        self._quoting = csv.DictWriter(out, columns, lineterminator="\n", quoting=csv.QUOTE_ALL)

    def write_header(self) -> None:
        """Write the names of the columns."""
        (self._quoting if any("\r" in name for name in self._plain.fieldnames) else self._plain).writeheader()

    def write(self, row: Row) -> None:
        """Append a row."""
        cells = {name: _cell(value) for name, value in row.items()}
        # Where lines end in "\n", the csv module leaves a lone "\r" unquoted, and every reader takes it for a line's end.
        has_return = any("\r" in value for value in cells.values() if isinstance(value, str))
        (self._quoting if has_return else self._plain).writerow(cells)


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    return json_line(value) if isinstance(value, dict | list) else _plain(value)


def cell_text(value: Any) -> str:
    """The text that a cell of CSV or of a sheet has for a text, a list or an object; nothing for other values, all short."""
    if isinstance(value, dict | list):
        return json_line(value)
    return value if isinstance(value, str) else ""


def _packed(value: Any) -> Any:
    """A cell of a sheet as JSON: dates are marked, to be dates again; no other value is an object.

    Nanoseconds, which a date would lose, stay a text.
    """
    if isinstance(value, datetime):
        text = value.isoformat()
        return {"datetime": text} if datetime.fromisoformat(text).isoformat() == text else text
    return {"date": value.isoformat()} if isinstance(value, date) else _cell(value)


def _unpacked(line: str) -> Row:
    kinds = {"date": date, "datetime": datetime}
    return {
        name: next(kinds[kind].fromisoformat(text) for kind, text in value.items()) if isinstance(value, dict) else value
        for name, value in json.loads(line).items()
    }


def _plain(value: Any) -> Any:
    """A value of parquet or a sheet that JSON does not know. Raises InputError."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value) if value.is_finite() else None
    if isinstance(value, timedelta):
        return str(value)
    raise InputError(f"a value of type {type(value).__name__} has no place in JSON or CSV; write .parquet, or leave it out.")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain)


def join_parts(parts: Sequence[Path], out: Path, file_format: Format, layout: Layout) -> None:
    """Write the rows of all parts, in order, into one file."""
    if layout.kind == "parquet":
        _join_parquet(parts, out, layout)
        return
    if layout.kind == "xlsx":
        lines = chain.from_iterable(path.read_text(encoding="utf-8").split("\n")[:-1] for path in parts)
        write_book(map(_unpacked, lines), layout.columns, out)
        return
    header = as_bytes([], layout)
    with created(out, file_format.compression) as stream:
        stream.write(header)
        for path in parts:
            with path.open("rb") as part:
                part.seek(len(header))
                while block := part.read(_CHUNK):
                    stream.write(block)


def _join_parquet(parts: Sequence[Path], out: Path, layout: Layout) -> None:
    import pyarrow.parquet as pq

    with pq.ParquetWriter(out, layout.schema, compression="zstd") as writer:
        for path in parts:
            with pq.ParquetFile(path) as part:
                if part.metadata.num_rows:
                    writer.write_table(part.read().cast(layout.schema))


def file_digest(path: Path) -> str:
    """sha256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
