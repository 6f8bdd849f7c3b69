"""What CSV and XLSX sheets share: cells that a spreadsheet must not take for a formula or a number, and their way back.

A guarded cell begins with an apostrophe; so does one whose text begins with an apostrophe itself, so that the import takes away
exactly what the export put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detente.dataset.labelling.items import SAMPLE, SHOWN, text_check
from detente.dataset.labelling.rows import Labelled, ReadFile
from detente.errors import AnnotationError, InputError
from detente.rows import TextColumn, columns_of, entries_of
from detente.rows.sheet import Formula, merged_areas, read_xlsx

GUARD = "'"
_GUARDED = (*SHOWN, *SAMPLE, "annotator")
"""Columns that leave with text in them."""
# A formula's first character, behind white space too and in full width; a tab or a return; digits that would become a number or
# a date and lose their zeros.
_RISKY = re.compile(r"['\t\r]|\s*[=+\-@＝＋－＠]|[.,:/\s%]*\d[\d.,:/\s%]*(?:[eE]\d+)?\Z")


def guarded(text: str) -> str:
    """A text as a cell that no spreadsheet computes or turns into a number."""
    return GUARD + text if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a guarded cell."""
    return cell[1:] if cell.startswith(GUARD) and _RISKY.match(cell[1:]) else cell


def restored(cell: str, sentence_id: str, check: str) -> str:
    """The sentence's text as it was exported, as far as the check can tell.

    Spreadsheets take away an apostrophe of a cell that somebody opened, and write line breaks within a cell their own way; of
    these readings of the cell the one that the check confirms is taken, else the cell without its guard.
    """
    for guarded_or_not in (unguarded(cell), cell):
        plain = guarded_or_not.replace("\r\n", "\n")
        for text in (guarded_or_not, plain, plain.replace("\r", "\n"), plain.replace("\n", "\r\n"), plain.replace("\n", "\r")):
            if text_check(sentence_id, text) == check:
                return text
    return unguarded(cell)


def read_sheet(path: Path) -> ReadFile:
    """The rows of a sheet or table, those of the first sheet of a book; empty ones are passed over.

    Rows that cannot be read, merged cells and formulas are its problems. Raises AnnotationError if the file cannot be read.
    """
    try:
        columns = columns_of(path)
        is_book = path.suffix.lower() == ".xlsx"
        entries = read_xlsx(path, TextColumn(), formulas=True) if is_book else entries_of(path)
        problems = (
            [(f"cells {area}", "merged; unmerge them and fill in each") for area in merged_areas(path)] if is_book else []
        )
        labelled = []
        for entry in entries:
            where = f"row {entry.number + 1}"
            if entry.row is None:
                problems += [] if entry.is_blank else [(where, entry.reason.rstrip("."))]
            elif any(cell not in (None, "") for cell in entry.row.values()):
                formulas = [name for name, cell in entry.row.items() if isinstance(cell, Formula)]
                problems += [(where, f"'{name}' is a formula; expected a value") for name in formulas]
                labelled.append(Labelled(where, _values(entry.row)))
    except InputError as error:
        raise AnnotationError(str(error)) from error
    found = dict.fromkeys([*columns, *(name for row in labelled for name in row.values)])
    nameless = [name for name in columns if not any(name in row.values for row in labelled)] if labelled else []
    return ReadFile(str(path), tuple(labelled), columns=tuple(n for n in found if n not in nameless), problems=tuple(problems))


def _values(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells without the export's guards; what annotators filled in had none, nor has another's sheet, which has no checks."""
    if "check" not in cells:
        return dict(cells)
    values = {name: unguarded(cell) if name in _GUARDED and isinstance(cell, str) else cell for name, cell in cells.items()}
    if isinstance(text := cells.get("text"), str):
        values["text"] = restored(text, str(values.get("sentence_id")), str(cells["check"]))
    return values
