"""XLSX sheets, by openpyxl: every text is a text cell, labels are chosen from a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from detente.dataset.annotations import rules_for
from detente.dataset.labelling.items import Blank, Item, item_values
from detente.dataset.labelling.sheets import guarded
from detente.errors import InputError
from detente.rows.sheet import MAX_CELL, MAX_ROWS, escaped

_MAX_INLINE = 255
"""Characters of a list within a validation's formula, Excel's limit."""
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
        if n > MAX_ROWS:
            raise InputError(f"a sheet holds {MAX_ROWS} sentences, and there are more. Draw a --sample, or write .jsonl.")
        for column, (name, value) in enumerate(values.items(), start=1):
            cell = sheet.cell(n + 1, column)
            _fill(cell, value, name, item.sentence_id)
            if name in _WIDTHS:
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    _offer_labels(sheet, names, n, blank)
    book.save(path)
    return n


def _fill(cell: Any, value: str | float | int | None, name: str, sentence_id: str) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    written = escaped(guarded(value))
    if len(written) > MAX_CELL:
        raise InputError(f"{sentence_id}: '{name}' has {len(written)} characters; a cell holds {MAX_CELL}. Write .jsonl.")
    if written:
        cell.value = written
        cell.data_type = "s"  # or openpyxl would take "=..." for a formula
        cell.quotePrefix = written != value


def _offer_labels(sheet: Any, names: list[str], n: int, blank: Blank) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    offered = {**{task.name: task.labels for task in blank.tasks}, "rule": rules_for(blank.tasks)}
    for column, name in enumerate(names, start=1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 14)
        if choices := offered.get(name):
            listed = _listed(sheet.parent, name, choices)
            offer = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=name != "rule")
            sheet.add_data_validation(offer)
            offer.add(f"{letter}2:{letter}{n + 1}")


def _listed(book: Any, name: str, choices: Sequence[str]) -> str:
    """Choices as a validation has them: in its formula, or on a sheet of their own where they do not fit into one."""
    inline = ",".join(choices)
    if len(inline) <= _MAX_INLINE and not any(set(choice) & set(',"') for choice in choices):
        return f'"{inline}"'
    from openpyxl.utils import get_column_letter

    sheet = book["choices"] if "choices" in book.sheetnames else book.create_sheet("choices")
    column = 1 if sheet.cell(1, 1).value is None else sheet.max_column + 1
    for row, text in enumerate((name, *choices), start=1):
        sheet.cell(row, column).value = text
        sheet.cell(row, column).data_type = "s"
    letter = get_column_letter(column)
    return f"choices!${letter}$2:${letter}${len(choices) + 1}"
