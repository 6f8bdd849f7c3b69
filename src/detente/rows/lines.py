"""Plain text, a line a row; and JSON Lines."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
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

_OVERFLOWS = (re.compile(rb"e\+?[0-9]{3}"), re.compile(rb"E\+?[0-9]{3}"))  # apart they are searched faster
"""Ends of numbers that may be too large to be any."""
_TOGETHER = 64
_MAX_TOGETHER = 1_000_000
_FEW = 50
"""Lists that lines may open before it is looked at how deep they lie in each other."""


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
    text = text_stream(stream, path, None, every_line_counts=False)
    number, name = 0, wanted.name
    for lines in _together(bounded_lines(text, path)):
        rows = _plain_objects(lines)
        for line, row in zip(lines, rows, strict=True):
            number += 1
            if row is None:
                yield too_long(number) if line is None else _parsed(line, number, f":{number}", wanted)
            elif name and name not in row:
                yield Entry(number, f":{number}", None, missing_column(row, wanted), NO_COLUMN)
            else:
                yield Entry(number, f":{number}", row)


def _together(lines: Iterator[str | None]) -> Iterator[list[str | None]]:
    """Some lines at a time, for what is cheaper of many; of long ones fewer."""
    held: list[str | None] = []
    n_characters = 0
    for line in lines:
        held.append(line)
        n_characters += len(line or "")
        if len(held) == _TOGETHER or n_characters > _MAX_TOGETHER:
            yield held
            held, n_characters = [], 0
    if held:
        yield held


def _plain_objects(lines: Sequence[str | None]) -> Sequence[Row | None]:
    """The objects of lines that are what lines are: flat, of few keys, no escape of half a character; None for any other."""
    whole = [line for line in lines if line is not None]
    if len(whole) == len(lines) and len(whole) > 1 and (rows := _plain_objects_of(whole)) is not None:
        return rows
    return [None if line is None or (row := _plain_objects_of([line])) is None else row[0] for line in lines]


def _plain_objects_of(lines: Sequence[str]) -> list[Row] | None:
    """The objects of the lines, if every line is one; None if any may not be.

    The strict door asks for each of its checks; here it is enough to count. A key has a colon behind its mark, so that as many
    of those as the objects have keys leave no key that stands twice. With as many objects as lines and as opening braces, every
    line begins one; that it ends it, too, is what a newline is for, which no string of JSON holds.
    """
    from pydantic_core import from_json  # twice as fast as the json module

    if not all(line.startswith("{") for line in lines):
        return None
    try:
        text = ",".join(lines).encode()  # bytes are searched faster
    except UnicodeEncodeError:
        return None
    n_keys = text.count(b'":')
    if b" :" in text or n_keys > MAX_COLUMNS or text.count(b"{") != len(lines):
        return None
    # One byte is searched faster than two, and there is seldom one.
    if (b"\\" in text and b"\\u" in text) or (b"\t" in text and b"\t:" in text) or text.count(b"[") > _FEW:
        return None
    try:
        rows: list[Row] = from_json(b"[%b]" % text, allow_inf_nan=False)
    except ValueError:
        return None
    fits = len(rows) == len(lines) and sum(map(len, rows)) == n_keys
    if not fits or not all(isinstance(row, dict) for row in rows):
        return None
    if any(pattern.search(text) for pattern in _OVERFLOWS) and (b"[" in text or _holds_infinity(rows)):
        return None
    return rows


def _holds_infinity(rows: Sequence[Row]) -> bool:
    return any(value in (math.inf, -math.inf) for row in rows for value in row.values())


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
