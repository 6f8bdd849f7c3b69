"""XLSX sheets, by openpyxl: every text is a text cell, labels are chosen from a list."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from detente.dataset.labelling.items import RULES, Blank, Item, item_values
from detente.dataset.labelling.rows import ReadFile
from detente.dataset.labelling.sheets import guarded, read_sheet
from detente.errors import AnnotationError, InputError
from detente.labels import LABELS

_MAX_CELL = 32_767
_MAX_ROWS = 1_048_575
"""Excel's limits: characters a cell, rows below the header."""
_MAX_UNPACKED = 2_000_000_000
# XML holds no control characters, and a reader turns a return into a line feed; the format writes them as _x000D_.
_ESCAPED = re.compile(r"_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_WIDTHS = {"text": 80, "before": 30, "after": 30, "title": 30, "readings": 40, "note": 30}


def write_xlsx(items: Iterable[Item], blank: Blank, path: Path) -> int:
    """Write a row an item, and return their number. Raises InputError for what a sheet cannot hold."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "label"
    n = 0
    names: list[str] = []
    for n, item in enumerate(items, start=1):
        values = item_values(item, blank)
        if n == 1:
            names = list(values)
            sheet.append(names)
        if n > _MAX_ROWS:
            raise InputError(f"a sheet holds {_MAX_ROWS} sentences, and there are more. Draw a --sample, or write .jsonl.")
        for column, (name, value) in enumerate(values.items(), start=1):
            cell = sheet.cell(n + 1, column)
            _fill(cell, value, name, item.sentence_id)
            if name in _WIDTHS:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    _offer_labels(sheet, names, n)
    book.save(path)
    return n


def read_xlsx(path: Path) -> ReadFile:
    """The rows of the first sheet; merged cells and formulas are its problems. Raises AnnotationError if it cannot be read."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED:
                raise AnnotationError(f"{path}: unpacks to more than {_MAX_UNPACKED:,} bytes; this is no sheet of labels.")
        sheet = load_workbook(path).worksheets[0]
    except AnnotationError:
        raise
    except Exception as error:  # openpyxl lets through whatever its parts raise on a broken file
        raise AnnotationError(f"{path}: not readable as XLSX ({error!r}). Save it as .xlsx again.") from error
    problems = [(f"cells {area}", "merged; unmerge them and fill in each") for area in sheet.merged_cells.ranges]
    rows = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        problems += [(f"cell {cell.coordinate}", "a formula; expected a value") for cell in cells if cell.data_type == "f"]
        rows.append((number, [_unescaped(cell.value) for cell in cells]))
    return read_sheet(str(path), rows, problems)


def _fill(cell: Any, value: str | float | int | None, name: str, sentence_id: str) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    written = _UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", guarded(value))
    if len(written) > _MAX_CELL:
        raise InputError(f"{sentence_id}: '{name}' has {len(written)} characters; a cell holds {_MAX_CELL}. Write .jsonl.")
    if written:
        cell.value = written
        cell.data_type = "s"  # or openpyxl would take "=..." for a formula
        cell.quotePrefix = written != value


def _unescaped(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


def _offer_labels(sheet: Any, names: list[str], n: int) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for column, name in enumerate(names, start=1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 14)
        choices = {**LABELS, "rule": RULES}.get(name)
        if choices:
            offer = DataValidation(
                type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=name != "rule"
            )
            sheet.add_data_validation(offer)
            offer.add(f"{letter}2:{letter}{n + 1}")
