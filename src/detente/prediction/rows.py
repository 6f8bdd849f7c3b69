"""Rows that are sentences to predict: which are none, and why."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator
from pathlib import Path

from detente.errors import InputError
from detente.formats import Format
from detente.rows import Entry, Row, TextColumn, check_file, has_text, missing_column, read_entries
from detente.rows.entries import encodes

MAX_TEXT = 250_000
"""Characters of a sentence: an article or a mistake is longer, and the segmenter would be at it for minutes."""


def read_rows(path: Path, wanted: TextColumn) -> Iterator[Row]:
    """The rows of a file that must all be sentences. Raises InputError that names the line of the first that is none."""
    n_rows = 0
    for entry in sentence_entries(path, check_file(path), wanted):
        if entry.row is None:
            raise InputError(f"{path}{entry.place}: {entry.reason}")
        n_rows += 1
        yield entry.row
    if not n_rows:
        raise InputError(f"{path}: no row after the header; expected a sentence a row.")


def sentence_entries(path: Path, file_format: Format, wanted: TextColumn) -> Iterator[Entry]:
    """Every row of a file in order, or why it is no sentence to predict. Raises InputError as ``rows.read_entries`` does."""
    column = wanted.name
    for entry in read_entries(path, file_format, wanted):
        if entry.row is None:
            yield entry
        elif column not in entry.row:
            yield Entry(entry.number, entry.place, None, missing_column(entry.row, wanted))
        elif reason := text_problem(entry.row[column], column):
            yield Entry(entry.number, entry.place, None, reason)
        else:
            yield entry


def text_problem(value: object, column: str) -> str:
    """Why the value of a text column is no sentence to predict, or nothing."""
    if isinstance(value, str) and has_text(value):
        if len(value) > MAX_TEXT:
            return f"'{column}' has {len(value):,} characters; expected a sentence of at most {MAX_TEXT:,}."
        return "" if encodes(value) else "not UTF-8, or half a character"
    if isinstance(value, str) and value.strip():
        return f"'{column}' holds nothing that can be seen; expected a sentence. Remove the row or fill it in."
    shown = "empty" if value is None or isinstance(value, str) else f"{type(value).__name__} {reprlib.repr(value)}"
    return f"'{column}' is {shown}; expected a sentence. Remove the row or fill it in."
