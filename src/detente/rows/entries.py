"""One row of a file, or why it is none; limits; and what the readers of all formats share."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from detente.errors import InputError, near_miss

Row = dict[str, Any]

MAX_LINE = 10_000_000
"""Characters of a line or cell; no article is longer. A longer line is one bad row."""
MAX_DRAINED = 100_000_000
"""Characters of a line that are passed over to find the next one; a file with a longer line is none of rows."""
MAX_COLUMNS = 10_000
"""Of a file; and keys of an object. Excel has 16,384, and nobody's table of sentences the half of it."""

MALFORMED = "malformed row"
EMPTY = "empty line"
TOO_LARGE = "too large"
NOT_UTF8 = "not UTF-8"
NO_COLUMN = "no text in the row"

_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me"})
_LISTED = 20
_NAME = 60
# Letters and symbols by their category, and yet nothing is seen: fillers of Hangul, the empty pattern of Braille.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


class Entry(NamedTuple):
    """One row of a file, or the reason why it is none.

    ``number`` counts the rows from 1; ``place`` follows the file's name in a message: ``:17`` for a line, `` row 17``.
    ``kind`` says in few words what is wrong, for counting.
    """

    number: int
    place: str
    row: Row | None
    reason: str = ""
    kind: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands there at all."""
        return self.kind == EMPTY


@dataclass(frozen=True, slots=True)
class TextColumn:
    """The column that has to be there; without a name none has to. ``hint`` says where one names it, in a message."""

    name: str = ""
    hint: str = ""


def has_text(value: str) -> bool:
    """Whether a text has a character that can be seen: no white space, no control, nothing of zero width."""
    if value[:1].isascii() and value[:1].isalnum():  # most texts
        return True
    return any(character not in _FILLERS and unicodedata.category(character) not in _UNSEEN for character in value)


def encodes(text: str) -> bool:
    """Whether a text is whole characters: undecodable bytes came through as half ones."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def listed(names: Iterable[str]) -> str:
    """Names as a message shows them: the first twenty, none longer than a line."""
    shown = [name if len(name) <= _NAME else f"{name[:_NAME]}..." for name in names]
    return ", ".join(shown[:_LISTED]) + (f" and {len(shown) - _LISTED:,} more" if len(shown) > _LISTED else "")


def missing_column(columns: Iterable[str], wanted: TextColumn) -> str:
    """What is said where the text column is not there."""
    names = list(columns)
    hint = f" {wanted.hint}" if wanted.hint else ""
    if any(unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", wanted.name) for name in names):
        hint = " The name that reads alike has its accents stored apart (or yours has): copy it from the file."
    return f"no column '{wanted.name}'; the row has {listed(names) or 'nothing'}.{hint}{near_miss(wanted.name, names)}"


def check_columns(names: Sequence[str], wanted: TextColumn, where: str) -> None:
    """Raise InputError for columns that stand twice, are too many, or lack the one that is wanted."""
    if len(names) > MAX_COLUMNS:
        raise InputError(f"{where}: {len(names):,} columns; expected at most {MAX_COLUMNS:,}.")
    if len(set(names)) < len(names):
        twice = next(name for name, n in Counter(names).items() if n > 1)
        raise InputError(f"{where}: the column '{listed([twice])}' stands twice; expected every name once.")
    if not all(map(encodes, names)):
        raise InputError(f"{where}: the header is not UTF-8; expected UTF-8. Convert the file first.")
    if wanted.name and wanted.name not in names:
        raise InputError(f"{where}: {missing_column(names, wanted)}")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a sheet or table in order. Those without a name are called by their number, and are in a row only where
    something stands in them."""

    names: tuple[str, ...]
    nameless: frozenset[str]

    def row(self, cells: Sequence[Any]) -> Row | None:
        """The cells by their columns; None where there are fewer, or more that are not empty."""
        n = len(self.names)
        if len(cells) < n or any(cell not in (None, "") for cell in cells[n:]):
            return None
        row = dict(zip(self.names, cells[:n], strict=True))
        for name in self.nameless:
            if row[name] in (None, ""):
                del row[name]
        return row


def header_of(cells: Sequence[Any], wanted: TextColumn, path: Path, line: int) -> Header:
    """The header; names without the white space around them. Raises InputError."""
    names = [str("" if cell is None else cell).strip() for cell in cells]
    filled = [name or f"column {at}" for at, name in enumerate(names, start=1)]
    if not any(names):
        raise InputError(f"{path}:{line}: no header; expected the names of the columns in the first row.")
    check_columns(filled, wanted, f"{path}:{line}")
    return Header(tuple(filled), frozenset(full for full, name in zip(filled, names, strict=True) if not name))
