"""The lines of a page of text; where a tool has wrapped its paragraphs at some column, a line is a whole paragraph.

What blank lines part is judged by itself, so that a menu of short lines does not hide that the article below it was wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from detente.articles.dates import line_date

MAX_WIDTH = 250
"""Characters of the longest line of a page that may have been wrapped."""
_NARROW = 110
"""Up to here paragraphs are seldom by nature, so that many lines that had no room for the next word were wrapped."""
_MIN_WRAPS = 3
_MIN_SHARE = 0.8
_TITLED = 3
"""Rows of a block above which its first one may be a title."""
_NEWLINE = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_STOPPED = re.compile(r"[.!?…:;][\s”\"»’')\]]*$")

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
    wraps = [
        _goes_on(row, after, width) and not _is_date(row, width) and not _is_date(after, width) for row, after in pairwise(rows)
    ]
    # A menu says nothing of the article below it: what blank lines part is judged by itself.
    wrapped = [block for block in _blocks(rows) if _is_wrapped(rows, wraps, block, width)]
    inside = {at for block in wrapped for at in block[:-1] if wraps[at]}
    if width > _NARROW or len(inside) < _MIN_WRAPS or 3 * len(inside) < sum(map(len, wrapped)):
        # So few may be chance, unless one breaks a sentence in two.
        inside = {at for at in inside if not _STOPPED.search(rows[at])}
        if not any(rows[at + 1].lstrip()[0].islower() for at in inside):
            return list(lines)
    joined = [lines[0]]
    for at, line in enumerate(lines[1:]):
        joined[-1:] = [(joined[-1][0], joined[-1][1], line[2])] if at in inside else [joined[-1], line]
    return joined


def _blocks(rows: Sequence[str]) -> Iterator[range]:
    """The rows between blank ones, where there are two or more."""
    start = 0
    for at, row in enumerate([*rows, ""]):
        if not row.strip():
            if at - start > 1:
                yield range(start, at)
            start = at + 1


def _is_wrapped(rows: Sequence[str], wraps: Sequence[bool], block: range, width: int) -> bool:
    """Whether the rows of a block that break off went on; a title, where there may be one, and dates need not."""
    broken = [
        wraps[at]
        for at in block[1 if len(block) > _TITLED else 0 : -1]
        if not _STOPPED.search(rows[at]) and not _is_date(rows[at], width) and not _is_date(rows[at + 1], width)
    ]
    return any(wraps[at] for at in block[:-1]) and sum(broken) >= _MIN_SHARE * len(broken)


def _is_date(row: str, width: int) -> bool:
    """Whether a row is the line of a date, and no row of a paragraph that names one."""
    return 3 * len(row) < 2 * width and not _STOPPED.search(row) and line_date(row) is not None


def _goes_on(row: str, after: str, width: int) -> bool:
    first = after.split(maxsplit=1)
    indented = len(after) - len(after.lstrip()) > len(row) - len(row.lstrip())
    return bool(row and first) and not indented and len(row) + 1 + len(first[0]) > width
