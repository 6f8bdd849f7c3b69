"""Plain text, a line a row; and JSON Lines."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from detente import strict_json
from detente.errors import InputError
from detente.rows.decoding import bounded_lines, text_stream, too_long
from detente.rows.entries import (
    EMPTY,
    MALFORMED,
    MAX_COLUMNS,
    NO_COLUMN,
    NOT_UTF8,
    Entry,
    Row,
    TextColumn,
    encodes,
    missing_column,
)

_FEW = 50
"""Lists that a line may open before it is looked at how deep they lie in each other."""


def read_txt(stream: io.BufferedReader, wanted: TextColumn, path: Path) -> Iterator[Entry]:
    """A row a line; its column is called as it is wanted."""
    text = text_stream(stream, path, None, every_line_counts=True)
    column = wanted.name or "text"
    for number, line in enumerate(bounded_lines(text, path), start=1):
        if line is None:
            yield too_long(number)
        elif not encodes(line):
            yield Entry(number, f":{number}", None, "not UTF-8; expected UTF-8.", NOT_UTF8)
        else:
            yield Entry(number, f":{number}", {column: line.removesuffix("\n")})


def read_jsonl(stream: io.BufferedReader, wanted: TextColumn, path: Path) -> Iterator[Entry]:
    """A JSON object a line; NaN and the infinities, which are no JSON, are None."""
    from pydantic_core import from_json  # twice as fast as the json module

    text = text_stream(stream, path, None, every_line_counts=False)
    for number, line in enumerate(bounded_lines(text, path), start=1):
        if line is None:
            yield too_long(number)
            continue
        place, row = f":{number}", _plain_object(line, from_json)
        if row is None:
            yield _parsed(line, number, place, wanted)
        elif wanted.name and wanted.name not in row:
            yield Entry(number, place, None, missing_column(row, wanted), NO_COLUMN)
        else:
            yield Entry(number, place, row)


def _plain_object(line: str, from_json: Callable[..., object]) -> Row | None:
    """The object of a line that is what lines are: flat, of few keys, no escape of half a character; None for any other.

    The strict door asks for each of its checks; here it is enough to count. A key has a colon behind its mark, so that as many
    of those as the object has keys leave no key that stands twice.
    """
    if "\\u" in line or " :" in line or "\t:" in line or line.count("{") != 1 or line.count("[") > _FEW or not encodes(line):
        return None
    try:
        row = from_json(line, allow_inf_nan=False)
    except ValueError:
        return None
    return row if isinstance(row, dict) and len(row) == line.count('":') <= MAX_COLUMNS else None


def _parsed(line: str, number: int, place: str, wanted: TextColumn) -> Entry:
    try:
        row = strict_json.parse_object(line, "", nan_as_null=True)
    except InputError as error:
        if not line.strip():
            return Entry(number, place, None, "empty line; expected a JSON object a line. Remove it.", EMPTY)
        kind = MALFORMED if encodes(line) and "half a character" not in str(error) else NOT_UTF8
        return Entry(number, place, None, str(error).removeprefix(": "), kind)
    if len(row) > MAX_COLUMNS:
        return Entry(number, place, None, f"{len(row):,} keys; expected at most {MAX_COLUMNS:,}.", MALFORMED)
    if wanted.name and wanted.name not in row:
        return Entry(number, place, None, missing_column(row, wanted), NO_COLUMN)
    return Entry(number, place, row)
