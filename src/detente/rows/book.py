"""Rows → an xlsx file; equal rows make equal files."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

from detente.errors import InputError
from detente.rows.entries import Row
from detente.rows.sheet import MAX_CELL, MAX_ROWS, escaped

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold."""
_SAVED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_EXACT = 2**53
"""Whole numbers up to it are exact in a cell, which holds a double."""
_FIRST_DAY = 1900


def write_book(rows: Iterable[Row], columns: Sequence[str], path: Path) -> None:
    """Write the rows under a header into the first sheet, one row in memory. Texts are texts, also where they begin with ``=``.

    Raises InputError for what a sheet cannot hold.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("rows")
    sheet.freeze_panes = "A2"
    try:
        sheet.append([_cell(sheet, name, "header") for name in columns])
        for number, row in enumerate(rows, start=1):
            if number > MAX_ROWS:
                raise InputError(f"a sheet holds {MAX_ROWS:,} rows, and there are more. Write .csv, .jsonl or .parquet.")
            sheet.append([_cell(sheet, row.get(name), f"row {number}, '{name}'") for name in columns])
    except BaseException:
        _give_up(sheet)
        raise
    book.save(path)
    _settle(path)


def _give_up(sheet: Any) -> None:
    """Close what openpyxl writes to in order, or lxml complains when it is collected; remove its temporary file."""
    with suppress(Exception):
        sheet.close()
        sheet._writer.cleanup()


def _cell(sheet: Any, value: Any, where: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, int) and abs(value) > _EXACT:
        value = str(value)
    if isinstance(value, date) and not _is_day_or_time(value):
        value = value.isoformat()
    if not isinstance(value, str):
        return value
    written = escaped(value)
    if len(written) > MAX_CELL:
        raise InputError(f"{where}: {len(written):,} characters; a cell holds {MAX_CELL:,}. Write .csv, .jsonl or .parquet.")
    cell = WriteOnlyCell(sheet, written)
    cell.data_type = "s"  # or openpyxl would take "=..." for a formula
    return cell


def _is_day_or_time(value: date) -> bool:
    """Whether a cell can hold a date: from 1900 on, no zone, to the millisecond."""
    is_finer = isinstance(value, datetime) and (value.tzinfo is not None or value.microsecond % 1000 != 0)
    return value.year >= _FIRST_DAY and not is_finer


def _settle(path: Path) -> None:
    """Take the times of writing out of the archive."""
    settled = path.with_name(f"{path.name}.settled")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            with old.open(entry) as source, new.open(zipfile.ZipInfo(entry.filename, _EPOCH), "w", force_zip64=True) as target:
                if entry.filename == "docProps/core.xml":
                    target.write(_SAVED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", source.read()))
                else:
                    while block := source.read(1 << 20):
                        target.write(block)
    settled.replace(path)
