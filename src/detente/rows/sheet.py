"""XLSX, a row in memory: the first sheet of the book that is not hidden, by openpyxl."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detente.errors import InputError
from detente.rows.entries import EMPTY, MALFORMED, MAX_COLUMNS, NOT_UTF8, Entry, Header, TextColumn, encodes, header_of

MAX_UNPACKED = 2_000_000_000
"""Bytes of all that is in the archive."""
MAX_GAP = 10_000
"""Empty rows one after another; a cell further down is one that was filled by mistake."""
MAX_CELL = 32_767
MAX_ROWS = 1_048_575
"""Excel's limits: characters a cell, rows below the header."""
# XML holds no control characters, and a reader turns a return into a line feed; the format writes them as _x000D_.
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_ESCAPE = 7
"""Characters that one becomes at most."""
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*?\bref="([^"]+)"')
_OVERLAP = 200
_CHUNK = 1 << 20


class Formula(str):
    """The text of a formula, where formulas are asked for as such."""


def read_xlsx(path: Path, wanted: TextColumn, *, formulas: bool = False) -> Iterator[Entry]:
    """The rows under the header of the first sheet; a formula has the value it had when the book was saved.

    ``formulas``: they come as ``Formula`` instead. Empty rows at the end are none. Raises InputError.
    """
    rows = _sheet_rows(path, formulas)
    top, first = next(((at, cells) for at, cells in rows if cells), (1, []))
    header = header_of(first, wanted, path, top)
    last = top
    for at, cells in rows:
        if not cells:
            continue
        if at - last - 1 > MAX_GAP:
            raise InputError(
                f"{path}: row {at:,} stands below {at - last - 1:,} empty rows; expected a row under the other. Delete what "
                "stands there."
            )
        yield from (Entry(n - top, f" row {n}", None, "empty row; remove it.", EMPTY) for n in range(last + 1, at))
        last = at
        yield _entry(at - top, f" row {at}", cells, header)


def xlsx_columns(path: Path) -> tuple[str, ...]:
    """The columns of the first sheet. Raises InputError."""
    rows = _sheet_rows(path, formulas=False)
    top, first = next(((at, cells) for at, cells in rows if cells), (1, []))
    return header_of(first, TextColumn(), path, top).names


def _entry(number: int, place: str, cells: Sequence[Any], header: Header) -> Entry:
    n_columns = len(header.names)
    row = header.row([*cells, *[None] * (n_columns - len(cells))])
    if row is None:
        return Entry(number, place, None, f"{len(cells):,} cells; expected {n_columns:,}, as in the header.", MALFORMED)
    if not all(encodes(cell) for cell in cells if isinstance(cell, str)):
        return Entry(number, place, None, "half a character; expected whole ones.", NOT_UTF8)
    return Entry(number, place, row)


def merged_areas(path: Path) -> list[str]:
    """The merged cells of the first sheet, as ``G2:G4``."""
    from openpyxl import load_workbook

    found: list[str] = []
    book = load_workbook(path, read_only=True)
    try:
        sheet: Any = _first_sheet(book)
        with sheet._get_source() as stream:
            tail = b""
            while chunk := stream.read(_CHUNK):
                tail = tail[-_OVERLAP:] + chunk
                found += [area.decode() for area in _MERGED.findall(tail)]
    finally:
        book.close()
    return list(dict.fromkeys(found))


def _sheet_rows(path: Path, formulas: bool) -> Iterator[tuple[int, list[Any]]]:
    """The rows with their numbers; an empty list for an empty one."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            n_bytes = sum(entry.file_size for entry in archive.infolist())
        if n_bytes > MAX_UNPACKED:
            raise InputError(f"{path}: unpacks to more than {MAX_UNPACKED:,} bytes; expected a sheet of rows.")
        with warnings.catch_warnings(action="ignore"):
            book = load_workbook(path, read_only=True, data_only=not formulas)
        try:
            sheet: Any = _first_sheet(book)
            sheet.reset_dimensions()  # what the file says of its size pads every row to it
            rows = _silently(sheet.iter_rows(values_only=not formulas))
            for number, cells in enumerate(rows, start=1):
                yield number, _cells([_value(cell) for cell in cells] if formulas else cells, number, path)
        finally:
            book.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parts raise on a broken file
        raise InputError(f"{path}: not readable as XLSX ({error!r:.200}). Save it as .xlsx again.") from error


def _first_sheet(book: Any) -> Any:
    """The first sheet that is seen; the first, if all are hidden."""
    return next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), book.worksheets[0])


def _silently(rows: Iterator[Any]) -> Iterator[Any]:
    """The rows, without what openpyxl warns of in the midst of them, such as a date that is none."""
    while True:
        with warnings.catch_warnings(action="ignore"):
            row = next(rows, None)
        if row is None:
            return
        yield row


def other_sheets(path: Path) -> list[str]:
    """The names of the seen sheets that are not read. Raises InputError."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):
            book = load_workbook(path, read_only=True)
    except Exception as error:
        raise InputError(f"{path}: not readable as XLSX ({error!r:.200}). Save it as .xlsx again.") from error
    try:
        read = _first_sheet(book)
        return [sheet.title for sheet in book.worksheets if sheet is not read and sheet.sheet_state == "visible"]
    finally:
        book.close()


def _value(cell: Any) -> Any:
    return Formula(cell.value) if cell.data_type == "f" else cell.value


def _cells(cells: Sequence[Any], number: int, path: Path) -> list[Any]:
    """The cells up to the last that is not empty."""
    n = len(cells)
    while n and cells[n - 1] in (None, ""):
        n -= 1
    if number == 1 and n > MAX_COLUMNS:
        raise InputError(f"{path}: {n:,} columns; expected at most {MAX_COLUMNS:,}.")
    return [_unescaped(cell) for cell in cells[:n]]


def _unescaped(value: Any) -> Any:
    if not isinstance(value, str) or "_x" not in value:
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def escaped(text: str) -> str:
    """A text as a cell holds it."""
    return _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
