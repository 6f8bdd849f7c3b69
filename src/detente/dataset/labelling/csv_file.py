"""CSV sheets: UTF-8 with a byte-order mark, so that a spreadsheet shows Vietnamese; every text in quotation marks."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from detente.dataset.labelling.items import Blank, Item, item_values
from detente.dataset.labelling.sheets import guarded


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
