"""Rows that are sentences to predict: which are none, and why."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.errors import InputError
from detente.formats import Format
from detente.rows import Entry, Row, TextColumn, check_file, has_text, missing_column, read_entries
from detente.rows.entries import encodes
from detente.text.sentences import split_sentences

MAX_TEXT = 250_000
"""Characters of a sentence: an article or a mistake is longer, and the segmenter would be at it for minutes."""

LOOKED_AT = 200
"""Rows by which it is judged whether they are sentences."""
_SHEET_ERRORS = frozenset({"#N/A", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
_ARTICLE_WORDS = 60
_ARTICLE_SENTENCES = 3
_PARAGRAPH_WORDS = 8
_LOOKED_INTO = 5_000
_PARAGRAPHS = 0.3
"""Share of an article's paragraphs that have several sentences; of lines that are sentences next to none has."""


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


def are_articles(texts: Sequence[str], *, is_text: bool) -> bool:
    """Whether texts are whole articles, each of several sentences; or, of the lines of a text file, the paragraphs of one."""
    if is_text:
        lines = [text for text in texts if len(text.split()) >= _PARAGRAPH_WORDS]
        return len(lines) > 1 and sum(_n_sentences(line) > 1 for line in lines) >= _PARAGRAPHS * len(lines)
    long = [text for text in texts if ("\n" in text.strip() or len(text.split()) > _ARTICLE_WORDS)]
    return 2 * len(long) > len(texts) and 2 * sum(_n_sentences(text) >= _ARTICLE_SENTENCES for text in long) > len(texts)


def _n_sentences(text: str) -> int:
    return sum(len(split_sentences(line)) for line in text[:_LOOKED_INTO].splitlines() if line.strip())


def text_problem(value: object, column: str) -> str:
    """Why the value of a text column is no sentence to predict, or nothing."""
    if isinstance(value, str) and value in _SHEET_ERRORS:
        return f"'{column}' is {value}, an error of the sheet; expected a sentence. Mend the cell, or remove the row."
    if isinstance(value, str) and has_text(value):
        if len(value) > MAX_TEXT:
            return f"'{column}' has {len(value):,} characters; expected a sentence of at most {MAX_TEXT:,}."
        return "" if encodes(value) else "not UTF-8, or half a character"
    if isinstance(value, str) and value.strip():
        return f"'{column}' holds nothing that can be seen; expected a sentence. Remove the row or fill it in."
    shown = "empty" if value is None or isinstance(value, str) else f"{type(value).__name__} {reprlib.repr(value)}"
    return f"'{column}' is {shown}; expected a sentence. Remove the row or fill it in."
