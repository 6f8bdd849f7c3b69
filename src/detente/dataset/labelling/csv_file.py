"""CSV sheets: UTF-8 with a byte-order mark, so that a spreadsheet shows Vietnamese; every text in quotation marks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TextIO

from detente.dataset.labelling.items import Blank, Item, item_values
from detente.dataset.labelling.rows import ReadFile
from detente.dataset.labelling.sheets import guarded, read_sheet
from detente.errors import AnnotationError

_MAX_FIELD = 10_000_000
_SEPARATORS = ",;\t"
"""A spreadsheet saves with the separator of its country."""


def write_csv(items: Iterable[Item], blank: Blank, out: TextIO) -> int:
    """Write a row an item, and return their number. ``out`` must be opened with newline=""."""
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    out.write("\ufeff")
    n = 0
    for n, item in enumerate(items, start=1):
        values = item_values(item, blank)
        if n == 1:
            writer.writerow(values)
        writer.writerow([guarded(value) if isinstance(value, str) else value for value in values.values()])
    return n


def read_csv(text: str, where: str) -> ReadFile:
    """The rows of a sheet, whatever its separator and line ends. Raises AnnotationError if it cannot be read as CSV."""
    csv.field_size_limit(_MAX_FIELD)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines)
    try:
        first = next(reader, [])
        lines.seek(0)
        reader = csv.reader(lines, strict=True, delimiter=_separator(first))
        return read_sheet(where, list(enumerate(reader, start=1)))
    except csv.Error as error:
        raise AnnotationError(f"{where}: not readable as CSV near line {reader.line_num} ({error}).") from error


def _separator(first: list[str]) -> str:
    if len(first) > 1:
        return ","
    return max(_SEPARATORS, key="".join(first).count)
