"""What CSV and XLSX sheets share: cells that a spreadsheet must not take for a formula or a number, and their way back.

A guarded cell begins with an apostrophe; so does one whose text begins with an apostrophe itself, so that the import takes away
exactly what the export put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from detente.dataset.labelling.items import SAMPLE, SHOWN, text_check
from detente.dataset.labelling.rows import Labelled, Problem, ReadFile
from detente.errors import near_miss

GUARD = "'"
_GUARDED = (*SHOWN, *SAMPLE, "annotator")
"""Columns that leave with text in them."""
# A formula's first character, behind white space too and in full width; a tab or a return; digits that would become a number or
# a date and lose their zeros.
_RISKY = re.compile(r"['\t\r]|\s*[=+\-@＝＋－＠]|[\d.,:/\s%]*\d[\d.,:/\s%]*(?:[eE]\d+)?\Z")


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


def header_problems(header: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> list[Problem]:
    """What is wrong with a sheet's header: columns that are missing or stand twice."""
    problems = [("", f"the column '{name}' stands twice") for name in dict.fromkeys(header) if name and header.count(name) > 1]
    unknown = [name for name in header if name not in known]
    for name in needed:
        if name not in header:
            close = near_miss(name, [other for other in unknown if other]) or (
                f" Columns that are not known: {', '.join(filter(None, unknown))}." if any(unknown) else ""
            )
            problems.append(("", f"no column '{name}'.{close}"))
    return problems


def read_sheet(path: str, rows: Sequence[tuple[int, Sequence[Any]]], problems: Sequence[Problem] = ()) -> ReadFile:
    """Rows of cells, the first the header, as labelled rows. Empty rows are passed over; a row's number is the sheet's."""
    header = _header(rows)
    found = list(problems)
    labelled = []
    for number, cells in rows[1:]:
        if all(cell in (None, "") for cell in cells):
            continue
        extra = [cell for cell in cells[len(header) :] if cell not in (None, "")]
        if len(cells) < len(header) or extra:
            found.append((f"row {number}", f"{len(cells)} cells; expected {len(header)}, as in the header"))
            continue
        labelled.append(Labelled(f"row {number}", _values(dict(zip(header, cells, strict=False)))))
    return ReadFile(path, tuple(labelled), columns=header, problems=tuple(found))


def _header(rows: Sequence[tuple[int, Sequence[Any]]]) -> tuple[str, ...]:
    """The names of the columns; one without a name that holds something gets its number, so that it is not passed over."""
    if not rows:
        return ()
    names = [str(cell if cell is not None else "").strip() for cell in rows[0][1]]
    nameless = [at for at, name in enumerate(names) if not name]
    for at in nameless:
        if any(len(cells) > at and cells[at] not in (None, "") for _, cells in rows[1:]):
            names[at] = f"column {at + 1}, without a name"
    return tuple(names)


def _values(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells without the export's guards; what annotators filled in had none, nor has another's sheet, which has no checks."""
    if "check" not in cells:
        return dict(cells)
    values = {name: unguarded(cell) if name in _GUARDED and isinstance(cell, str) else cell for name, cell in cells.items()}
    if isinstance(text := cells.get("text"), str):
        values["text"] = restored(text, str(values.get("sentence_id")), str(cells["check"]))
    return values
