"""CSV and TSV, strictly: a stray quotation mark costs its line, and the next ones are read as far as that can be decided."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import InputError
from detente.rows import entries
from detente.rows.decoding import bounded_lines, text_stream, too_long
from detente.rows.entries import EMPTY, MALFORMED, NOT_UTF8, TOO_LARGE, Entry, Header, Row, TextColumn, encodes, header_of

if TYPE_CHECKING:
    from _csv import Reader

COMMA_FIRST, TAB_FIRST = ",;\t", "\t,;"
"""The delimiters that are known; of those by which the header reads alike the first is taken."""
# Excel's first line, which says by what the others are separated.
_SEPARATOR = re.compile(r'"?sep=([^\w\s"]|\t)"?[\r\n]*', re.IGNORECASE)
# No reader in strict mode takes it, be a quotation mark open before it or not.
_UNREADABLE = '"x"x\n'
_MAX_RECORD = 100_000_000
_TOO_LARGE = "field larger than"
"""How the csv module says that a cell is longer than it was allowed."""


class Lines:
    """The lines that the csv module is handed; ``held`` are those of the record it is at, ``first`` the number of the first."""

    def __init__(self, stream: io.TextIOBase, path: Path) -> None:
        self.held: list[str] = []
        self.first = 1
        self.is_too_long = False
        self._back: deque[str | None] = deque()
        self._lines = bounded_lines(stream, path)

    def __iter__(self) -> Iterator[str]:
        held, hold, n_characters = self.held, self.held.append, 0
        for line in self._given():
            if not held:
                n_characters = 0
            if line is None or (n_characters := n_characters + len(line)) > _MAX_RECORD:
                self.is_too_long = line is None
                hold(line or _UNREADABLE)
                yield _UNREADABLE
            else:
                hold(line)
                yield line

    def let_go(self) -> None:
        """Be done with the lines of a record."""
        self.first += len(self.held)
        self.held.clear()

    def give_back(self, n: int = 1) -> None:
        """Read the last lines again, as the beginning of a record; whoever iterates begins anew."""
        first = len(self.held) - n
        self._back.extendleft(reversed(self.held[first:]))
        del self.held[first:]

    def hold_cell(self) -> int:
        """Hold more lines, until the quotation marks of all are even, as where the last cell is closed; how many they are."""
        n_held, n_characters = len(self.held), sum(map(len, self.held))
        is_open = sum(line.count('"') for line in self.held) % 2 == 1
        for line in self._given() if is_open else ():
            if line is None:
                self._back.appendleft(None)
                break
            self.held.append(line)
            n_characters += len(line)
            if line.count('"') % 2 or n_characters > _MAX_RECORD:
                break
        return len(self.held) - n_held

    def _given(self) -> Iterator[str | None]:
        """The lines that were given back, then the file's."""
        return chain(_popped(self._back), self._lines)


def _popped(lines: deque[str | None]) -> Iterator[str | None]:
    while lines:
        yield lines.popleft()


def read_csv(stream: io.BufferedReader, wanted: TextColumn, path: Path) -> Iterator[Entry]:
    """The rows under the header; separated by commas, semicolons or tabs, as the header shows."""
    return _read(stream, wanted, path, COMMA_FIRST)


def read_tsv(stream: io.BufferedReader, wanted: TextColumn, path: Path) -> Iterator[Entry]:
    """The same, where the header would do for several separated by tabs."""
    return _read(stream, wanted, path, TAB_FIRST)


def csv_columns(stream: io.BufferedReader, path: Path, delimiters: str) -> tuple[str, ...]:
    """The columns of a table. Raises InputError."""
    return _begun(Lines(text_stream(stream, path, "", every_line_counts=False), path), TextColumn(), path, delimiters)[1].names


def _read(stream: io.BufferedReader, wanted: TextColumn, path: Path, delimiters: str) -> Iterator[Entry]:
    lines = Lines(text_stream(stream, path, "", every_line_counts=False), path)
    reader, header = _begun(lines, wanted, path, delimiters)
    held, n_columns, number = lines.held, len(header.names), 0
    names, is_plain = header.names, not header.nameless
    while True:
        lines.let_go()
        try:
            cells = next(reader, None)
        except csv.Error as error:
            for entry in _recovered(lines, header, reader.dialect.delimiter, error):
                number += 1
                yield entry._replace(number=number)
            reader = csv.reader(iter(lines), reader.dialect)  # the old one may be at the end, and a line was given back
            continue
        if cells is None:
            return
        number += 1
        place = f":{lines.first}"
        if not encodes(held[0] if len(held) == 1 else "".join(held)):
            yield Entry(number, place, None, "not UTF-8; expected UTF-8.", NOT_UTF8)
        elif is_plain and len(cells) == n_columns:
            yield Entry(number, place, dict(zip(names, cells, strict=True)))
        else:
            yield _sized(number, place, cells, header)


def _sized(number: int, place: str, cells: list[str], header: Header) -> Entry:
    if not cells:
        return Entry(number, place, None, "empty line; remove it.", EMPTY)
    row = header.row(cells)
    if row is not None:
        return Entry(number, place, row)
    return Entry(number, place, None, f"{len(cells):,} cells; expected {len(header.names):,}, as in the header.", MALFORMED)


def _begun(lines: Lines, wanted: TextColumn, path: Path, delimiters: str) -> tuple[Reader, Header]:
    """The reader after its header. Raises InputError."""
    csv.field_size_limit(entries.MAX_LINE)
    first = next(iter(lines), "")
    said = _SEPARATOR.fullmatch(first)
    if first and not said:
        lines.give_back()
    lines.let_go()
    delimiter = said[1] if said else _sniffed(first, wanted, delimiters)
    reader = csv.reader(iter(lines), strict=True, delimiter=delimiter)
    try:
        cells = next(reader, [])
    except csv.Error as error:
        raise InputError(f"{path}:{lines.first}: the header is not readable as CSV ({error}).") from error
    return reader, header_of(cells, wanted, path, lines.first)


def _sniffed(first: str, wanted: TextColumn, delimiters: str) -> str:
    """The delimiter by which the header has the column that is wanted, or else most columns."""

    def rank(delimiter: str) -> tuple[bool, bool, int]:
        names = [name.strip() for name in _split(first, delimiter)]
        return wanted.name in names, delimiter == "\t" == delimiters[0] and len(names) > 1, len(names)

    return max(delimiters, key=rank)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _recovered(lines: Lines, header: Header, delimiter: str, error: csv.Error) -> Iterator[Entry]:
    """What becomes of the lines in which the reader got stuck; their numbers are the caller's.

    The first is bad. The reader may have run on from an open quotation mark over lines that are rows of their own, which can be
    decided where every one of them is a whole row by itself; else they may be the lines of one cell, and are bad too. Those of
    a cell that is closed further down, and only too long, are one bad row.
    """
    held, start = list(lines.held), lines.first
    if lines.is_too_long:
        lines.is_too_long = False
        yield from (_bad(start + at, "a line after it is too long") for at in range(len(held) - 1))
        yield too_long(start + len(held) - 1)
        return
    rows = [_whole_row(line, header, delimiter) for line in held[1:-1]]
    n_columns = len(header.names)
    ends_fit = len(held[0].split(delimiter)) == n_columns and len(held[-1].split(delimiter)) >= n_columns
    if len(held) > 1 and n_columns > 1 and ends_fit and None not in rows:
        yield _bad(start, f"{error}")
        yield from (Entry(0, f":{start + at}", row) for at, row in enumerate(rows, start=1))
        lines.give_back()
    elif f"{error}".startswith(_TOO_LARGE) and _is_one_record(lines, header, delimiter):
        yield Entry(
            0, f":{start}", None, f"more than {entries.MAX_LINE:,} characters in one cell; expected a sentence.", TOO_LARGE
        )
    else:
        yield _bad(start, f"{error}")
        yield from (_bad(start + at, f"within a quotation mark that line {start} opens") for at in range(1, len(held)))


def _is_one_record(lines: Lines, header: Header, delimiter: str) -> bool:
    """Whether the lines that are held begin a record that is whole, however long its cells; if so, all of it is held."""
    n_more = lines.hold_cell()
    csv.field_size_limit(2 * _MAX_RECORD)
    try:
        reader = csv.reader(lines.held, strict=True, delimiter=delimiter)
        if header.row(next(reader)) is not None and reader.line_num == len(lines.held):
            return True
    except csv.Error:
        pass
    finally:
        csv.field_size_limit(entries.MAX_LINE)
    lines.give_back(n_more)
    return False


def _bad(line: int, why: str) -> Entry:
    return Entry(0, f":{line}", None, f"not readable as CSV ({why}).", MALFORMED)


def _whole_row(line: str, header: Header, delimiter: str) -> Row | None:
    """The row that a line is by itself, no quotation mark within a cell that has none around it; or None."""
    if '"' in line and not _well_quoted(delimiter).fullmatch(line.rstrip("\r\n")):
        return None
    return header.row(_split(line, delimiter)) if encodes(line) else None


@cache
def _well_quoted(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    cell = rf'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    return re.compile(rf"{cell}(?:{mark}{cell})*")
