"""The lines of a page of text; where a tool has wrapped its paragraphs at some column, a line is a whole paragraph."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

MAX_WIDTH = 110
"""Characters of the longest line of a page that may have been wrapped."""
_MIN_WRAPS = 3
_MIN_SHARE = 0.8
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_STOPPED = re.compile(r"[.!?…:;][”\"»’')\]]*$")

RawLine = tuple[int, int, int]
"""Number from 1, start and end."""


def raw_lines(text: str, *, unwrap: bool = True) -> list[RawLine]:
    """The lines of a text; with ``unwrap`` those that were wrapped into one another joined."""
    lines: list[RawLine] = []
    start = 0
    for number, newline in enumerate(_NEWLINE.finditer(text), start=1):
        lines.append((number, start, newline.start()))
        start = newline.end()
    lines.append((len(lines) + 1, start, len(text)))
    return _unwrapped(text, lines) if unwrap else lines


def _unwrapped(text: str, lines: Sequence[RawLine]) -> list[RawLine]:
    rows = [text[start:end].rstrip() for _, start, end in lines]
    width = max(map(len, rows))
    if width > MAX_WIDTH:
        return list(lines)
    # A line was wrapped if the first word of the next one had no room on it.
    wraps = [_goes_on(row, after, width) for row, after in pairwise(rows)]
    broken = [
        wrap
        for row, after, wrap in zip(rows, rows[1:], wraps, strict=False)
        if row and after.strip() and not _STOPPED.search(row)
    ]
    n_rows = sum(bool(row) for row in rows)
    if sum(wraps) < _MIN_WRAPS or sum(broken) < _MIN_SHARE * len(broken) or 3 * sum(wraps) < n_rows:
        return list(lines)
    joined = [lines[0]]
    for line, wrap in zip(lines[1:], wraps, strict=True):
        joined[-1:] = [(joined[-1][0], joined[-1][1], line[2])] if wrap else [joined[-1], line]
    return joined


def _goes_on(row: str, after: str, width: int) -> bool:
    first = after.split(maxsplit=1)
    indented = len(after) - len(after.lstrip()) > len(row) - len(row.lstrip())
    return bool(row and first) and not indented and len(row) + 1 + len(first[0]) > width
