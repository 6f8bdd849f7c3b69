"""A file of any format → its rows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from detente.errors import InputError
from detente.formats import READABLE, Format, format_of, opened
from detente.rows.delimited import COMMA_FIRST, TAB_FIRST, csv_columns, read_csv, read_tsv
from detente.rows.entries import Entry, Row, TextColumn
from detente.rows.lines import read_jsonl, read_txt
from detente.rows.parquet import read_parquet, read_schema
from detente.rows.sheet import read_xlsx, xlsx_columns


def check_file(path: Path, given: str = "") -> Format:
    """The format of a file that is there. Raises InputError for a missing or empty one, UsageError for an unknown format."""
    names = ", ".join(f".{name}" for name in READABLE)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected one file, {names}.")
    if not path.exists():
        raise InputError(f"{path}: no such file; expected one of {names}.")
    check_regular(path)
    found = format_of(path, READABLE, given)
    if not path.stat().st_size:
        raise InputError(f"{path}: the file is empty; expected rows.")
    return found


def check_regular(path: Path) -> None:
    """Raise InputError for a pipe or a device, which can be read only once, and may never end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"{path}: is a pipe or a device; expected a file. Write what comes from it into one first.")


def read_entries(path: Path, file_format: Format, wanted: TextColumn | str = "") -> Iterator[Entry]:
    """Every row of a file in order, or why it is none; of any length, one row in memory.

    Raises InputError for what is wrong with the file: its encoding, its header, the wanted column, damaged compression.
    """
    column = TextColumn(wanted) if isinstance(wanted, str) else wanted
    if file_format.kind in _WHOLE:
        yield from _WHOLE[file_format.kind](path, column)
        return
    try:
        with opened(path, file_format.compression) as stream:
            yield from _STREAMED[file_format.kind](stream, column, path)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read to its end ({error}). Expected UTF-8; write or copy it again.") from error


def entries_of(path: Path, wanted: TextColumn | str = "", given: str = "") -> Iterator[Entry]:
    """The same, the format by the file's name where none is given. Raises UsageError for an unknown one too."""
    return read_entries(path, check_file(path, given), wanted)


def read_each(path: Path, given: str = "") -> Iterator[tuple[str, Row]]:
    """The rows of a file that must all be readable, each after its place; lines with nothing on them are passed over.

    Raises InputError for the first bad row, beside what ``read_entries`` raises.
    """
    name = str(path)
    for entry in entries_of(path, given=given):
        if entry.row is not None:
            yield name + entry.place, entry.row
        elif not entry.is_blank:
            raise InputError(f"{path}{entry.place}: {entry.reason}")


def columns_of(path: Path) -> tuple[str, ...]:
    """The columns of a file: those of its header or, of JSONL, of the first row that can be read. Raises InputError."""
    file_format = check_file(path)
    if file_format.kind == "parquet":
        return tuple(read_schema(path).names)
    if file_format.kind == "xlsx":
        return xlsx_columns(path)
    if file_format.kind in _DELIMITERS:
        with opened(path, file_format.compression) as stream:
            return csv_columns(stream, path, _DELIMITERS[file_format.kind])
    return next((tuple(entry.row) for entry in entries_of(path) if entry.row is not None), ())


_DELIMITERS = {"csv": COMMA_FIRST, "tsv": TAB_FIRST}
_STREAMED: dict[str, Callable[[io.BufferedReader, TextColumn, Path], Iterator[Entry]]] = {
    "txt": read_txt,
    "csv": read_csv,
    "tsv": read_tsv,
    "jsonl": read_jsonl,
}
_WHOLE: dict[str, Callable[[Path, TextColumn], Iterator[Entry]]] = {"parquet": read_parquet, "xlsx": read_xlsx}
"""Formats that are compressed inside, and cannot be read from a stream."""
