"""Rows of texts in and out of files: .txt, .csv and .jsonl."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from detente.articles.readers import decode
from detente.errors import InputError, UsageError, near_miss

Row = dict[str, Any]
READABLE = (".txt", ".csv", ".jsonl")
WRITABLE = (".csv", ".jsonl")

_MAX_FIELD = 10_000_000


def read_rows(path: Path, text_column: str) -> Iterator[Row]:
    """The rows of a file in order. Raises InputError that names the line of a row that cannot be read."""
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected one file, {', '.join(READABLE)}.")
    if not path.is_file():
        raise InputError(f"{path}: no such file; expected one of {', '.join(READABLE)}.")
    text = decode(path)
    if not text.strip():
        raise InputError(f"{path}: the file is empty; expected a sentence a row.")
    n_rows = 0
    for where, row in _READERS[check_format(path, READABLE)](text, path):
        if text_column not in row:
            raise InputError(
                f"{where}: no column '{text_column}'; the row has {', '.join(row)}. Name it with --text-column."
                f"{near_miss(text_column, row)}"
            )
        value = row[text_column]
        if not isinstance(value, str) or not value.strip():
            shown = "empty" if not value or isinstance(value, str) else f"{type(value).__name__} {value!r}"
            raise InputError(f"{where}: '{text_column}' is {shown}; expected a sentence. Remove the row or fill it in.")
        n_rows += 1
        yield row
    if not n_rows:
        raise InputError(f"{path}: no row after the header; expected a sentence a row.")


def check_format(path: Path, known: tuple[str, ...]) -> str:
    """The suffix of a path. Raises UsageError if it is none of the known formats."""
    if path.suffix not in known:
        raise UsageError(f"{path}: unknown format '{path.suffix}'; expected {', '.join(known)}.")
    return path.suffix


class RowWriter:
    """Writes rows to a .csv or .jsonl file; all rows must have the columns of the first."""

    def __init__(self, out: TextIO, suffix: str) -> None:
        self._out = out
        self._csv: csv.DictWriter[str] | None = None
        self._quoting: csv.DictWriter[str] | None = None
        self._is_csv = suffix == ".csv"

    def write(self, row: Row) -> None:
        """Append a row."""
        if not self._is_csv:
            self._out.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        if self._csv is None or self._quoting is None:
            self._csv = csv.DictWriter(self._out, list(row), lineterminator="\n")
            self._quoting = csv.DictWriter(self._out, list(row), lineterminator="\n", quoting=csv.QUOTE_ALL)
            self._csv.writeheader()
        # Where lines end in "\n", the csv module leaves a lone "\r" unquoted, and every reader takes it for a line's end.
        has_return = any("\r" in value for value in row.values() if isinstance(value, str))
        (self._quoting if has_return else self._csv).writerow(row)


def _read_txt(text: str, path: Path) -> Iterator[tuple[str, Row]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, start=1):
        yield f"{path}:{number}", {"text": line}


def _read_csv(text: str, path: Path) -> Iterator[tuple[str, Row]]:
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader)
        other = next((mark for mark in ";\t" if len(header) == 1 and mark in header[0]), None)
        if other:
            raise InputError(f"{path}:1: the columns are separated by {other!r}; expected commas. Save it as comma-separated.")
        repeated = sorted({name for name in header if header.count(name) > 1})
        if repeated:
            raise InputError(f"{path}:1: the column '{repeated[0]}' stands twice; expected every name once.")
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if len(cells) != len(header):
                raise InputError(f"{where}: {len(cells)} cells; expected {len(header)}, as in the header.")
            yield where, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not readable as CSV ({error}).") from error


def _read_jsonl(text: str, path: Path) -> Iterator[tuple[str, Row]]:
    for number, line in enumerate(text.replace("\r\n", "\n").removesuffix("\n").split("\n"), start=1):
        where = f"{path}:{number}"
        if not line.strip():
            raise InputError(f"{where}: empty line; expected a JSON object a line. Remove it.")
        try:
            row = json.loads(line)
        except ValueError as error:
            raise InputError(f"{where}: not JSON ({error}).") from error
        if not isinstance(row, dict):
            raise InputError(f"{where}: expected a JSON object, got {type(row).__name__}.")
        yield where, row


_READERS: dict[str, Callable[[str, Path], Iterator[tuple[str, Row]]]] = {
    ".txt": _read_txt,
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
}
