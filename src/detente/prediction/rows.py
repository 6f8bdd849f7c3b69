"""Files of rows, read one row at a time: what is wrong with a row is the row's, what is wrong with the file is an error."""

from __future__ import annotations

import csv
import io
import json
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from detente.errors import InputError, near_miss
from detente.formats import READABLE, Format, format_of, opened

Row = dict[str, Any]

MAX_LINE = 10_000_000
"""Characters of a line or cell; no sentence is longer, nor an article."""
_BATCH = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a file, or the reason why it is none.

    ``number`` counts the rows from 1; ``place`` follows the file's name in a message: ``:17`` for a line, `` row 17``.
    """

    number: int
    place: str
    row: Row | None
    reason: str = ""


def read_rows(path: Path, text_column: str) -> Iterator[Row]:
    """The rows of a file in order. Raises InputError that names the line of the first row that cannot be read."""
    n_rows = 0
    for entry in read_entries(path, check_file(path), text_column):
        if entry.row is None:
            raise InputError(f"{path}{entry.place}: {entry.reason}")
        n_rows += 1
        yield entry.row
    if not n_rows:
        raise InputError(f"{path}: no row after the header; expected a sentence a row.")


def check_file(path: Path, given: str = "") -> Format:
    """The format of a file that is there. Raises InputError for a missing or empty one, UsageError for an unknown format."""
    names = ", ".join(f".{name}" for name in READABLE)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected one file, {names}.")
    if not path.exists():
        raise InputError(f"{path}: no such file; expected one of {names}.")
    found = format_of(path, READABLE, given)
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{path}: the file is empty; expected a sentence a row.")
    return found


def read_entries(path: Path, file_format: Format, text_column: str) -> Iterator[Entry]:
    """Every row of a file in order, or why it is none; of any length, one row in memory.

    Raises InputError for what is wrong with the file: its encoding, its header, damaged compression or parquet.
    """
    if file_format.kind == "parquet":
        yield from _read_parquet(path, text_column)
        return
    with opened(path, file_format.compression) as stream:
        yield from stream_entries(stream, file_format.kind, text_column, path)


def stream_entries(stream: io.BufferedReader, kind: str, text_column: str, path: Path) -> Iterator[Entry]:
    """The rows of a stream of bytes; ``path`` is what messages call it."""
    if stream.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{path}: UTF-16; expected UTF-8. Convert it first: iconv -f utf-16 -t utf-8 {path.name}")
    # Undecodable bytes pass as half characters, so that only their row is left out.
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline=_NEWLINES[kind])
    for entry in _READERS[kind](text, text_column, path):
        if entry.row is None:
            yield entry
        elif reason := _wrong(entry.row, text_column):
            yield Entry(entry.number, entry.place, None, reason)
        else:
            yield entry


def _wrong(row: Row, text_column: str) -> str:
    """Why a row cannot be predicted, or nothing."""
    if text_column not in row:
        return (
            f"no column '{text_column}'; the row has {', '.join(row) or 'nothing'}. Name it with --text-column."
            f"{near_miss(text_column, row)}"
        )
    return text_problem(row[text_column], text_column)


def text_problem(value: object, column: str) -> str:
    """Why the value of a text column is no sentence to predict, or nothing."""
    if isinstance(value, str) and value.strip():
        return "" if _encodes(value) else "not UTF-8, or half a character"
    shown = "empty" if value is None or isinstance(value, str) else f"{type(value).__name__} {reprlib.repr(value)}"
    return f"'{column}' is {shown}; expected a sentence. Remove the row or fill it in."


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines(stream: TextIO) -> Iterator[str | None]:
    """The lines without their ends; None for one that is too long to be held."""
    while line := stream.readline(MAX_LINE):
        if len(line) == MAX_LINE and not line.endswith("\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass
            yield None
        else:
            yield line.removesuffix("\n")


def _read_txt(stream: TextIO, text_column: str, path: Path) -> Iterator[Entry]:
    for number, line in enumerate(_lines(stream), start=1):
        yield Entry(number, f":{number}", {text_column: line}) if line is not None else _too_long(number)


def _too_long(number: int) -> Entry:
    return Entry(number, f":{number}", None, f"more than {MAX_LINE:,} characters in one line; expected a sentence.")


def _read_csv(stream: TextIO, text_column: str, path: Path) -> Iterator[Entry]:
    return _read_table(stream, text_column, path, ",")


def _read_tsv(stream: TextIO, text_column: str, path: Path) -> Iterator[Entry]:
    return _read_table(stream, text_column, path, "\t")


def _read_table(stream: TextIO, text_column: str, path: Path, delimiter: str) -> Iterator[Entry]:
    csv.field_size_limit(MAX_LINE)
    reader = csv.reader(stream, strict=True, delimiter=delimiter)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise InputError(f"{path}:1: the header is not readable as CSV ({error}).") from error
    _check_header(header, text_column, path, delimiter)
    number = 0
    while True:
        number += 1
        first = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            lines = f"{first} to {reader.line_num}" if reader.line_num > first else str(first)
            yield Entry(number, f":{first}", None, f"lines {lines} are not readable as CSV ({error}).")
            continue
        if cells is None:
            return
        place = f":{reader.line_num}"
        if not all(map(_encodes, cells)):
            yield Entry(number, place, None, "bytes that are not UTF-8; expected UTF-8.")
        elif len(cells) != len(header):
            yield Entry(number, place, None, f"{len(cells)} cells; expected {len(header)}, as in the header.")
        else:
            yield Entry(number, place, dict(zip(header, cells, strict=True)))


def _check_header(header: list[str], text_column: str, path: Path, delimiter: str) -> None:
    other = next((mark for mark in ";\t," if len(header) == 1 and mark in header[0]), None)
    if other:
        hint = " or say --format tsv" if other == "\t" else ""
        expected = {",": "commas", "\t": "tabs"}[delimiter]
        raise InputError(f"{path}:1: the columns are separated by {other!r}; expected {expected}. Save it so{hint}.")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise InputError(f"{path}:1: the column '{repeated[0]}' stands twice; expected every name once.")
    if not all(map(_encodes, header)):
        raise InputError(f"{path}:1: the header is not UTF-8; expected UTF-8. Convert the file first.")
    if text_column not in header:
        raise InputError(f"{path}:1: {_wrong(dict.fromkeys(header, ''), text_column)}")


def _read_jsonl(stream: TextIO, text_column: str, path: Path) -> Iterator[Entry]:
    for number, line in enumerate(_lines(stream), start=1):
        yield _parsed(line.removesuffix("\r"), number) if line is not None else _too_long(number)


def _parsed(line: str, number: int) -> Entry:
    place = f":{number}"
    if not line.strip():
        return Entry(number, place, None, "empty line; expected a JSON object a line. Remove it.")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Entry(number, place, None, f"not JSON ({error}).")
    if not isinstance(row, dict):
        return Entry(number, place, None, f"expected a JSON object, got {type(row).__name__}.")
    # Only an escape can hold half a character, or a byte that could not be decoded.
    if ("\\u" in line or not _encodes(line)) and not _encodes(json.dumps(row, ensure_ascii=False)):
        return Entry(number, place, None, "not UTF-8, or half a character; expected UTF-8.")
    return Entry(number, place, row)


def _read_parquet(path: Path, text_column: str) -> Iterator[Entry]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, text_column, path)
            for batch in file.iter_batches(_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    reason = _wrong(row, text_column)
                    yield Entry(number, f" row {number}", None if reason else row, reason)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file ({error}). Copy or write it again.") from error


def check_schema(schema: Any, text_column: str, path: Path) -> None:
    """Raise InputError unless the names are different and the text column holds strings."""
    import pyarrow.types as types

    repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
    if repeated:
        raise InputError(f"{path}: the column '{repeated[0]}' stands twice; expected every name once.")
    if text_column not in schema.names:
        raise InputError(f"{path}: {_wrong(dict.fromkeys(schema.names, ''), text_column)}")
    found = schema.field(text_column).type
    plain = found.value_type if types.is_dictionary(found) else found
    if not (types.is_string(plain) or types.is_large_string(plain) or types.is_string_view(plain) or types.is_null(plain)):
        raise InputError(f"{path}: the column '{text_column}' holds {found}; expected strings. Name another by --text-column.")


_READERS: dict[str, Callable[[TextIO, str, Path], Iterator[Entry]]] = {
    "txt": _read_txt,
    "csv": _read_csv,
    "tsv": _read_tsv,
    "jsonl": _read_jsonl,
}
# Of CSV the newlines inside quotes are the cells'; of JSONL a lone carriage return ends nothing.
_NEWLINES = {"txt": None, "csv": "", "tsv": "", "jsonl": "\n"}
