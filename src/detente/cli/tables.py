"""Tables for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def print_table(table: Sequence[Sequence[str]]) -> None:
    """Print rows with aligned columns: the first column to the left, the others to the right."""
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = [
            cell + " " * (width - _width(cell)) if at == 0 else " " * (width - _width(cell)) + cell
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(not unicodedata.combining(c) for c in text)
