"""What the readers of label files hand to the import, whatever the format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Problem = tuple[str, str]
"""Where it is, ``row 7``, and what it is; an empty place is the whole file."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row of a label file: where it stands, for messages, and its cells."""

    where: str
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A label file as read: its rows, what was counted instead of read, and what is wrong with it.

    ``columns`` is the header of a sheet, None for formats in which every row names its own fields; ``shown`` are fields that
    were shown to annotators and not filled in, as far as the format says it.
    """

    path: str
    rows: tuple[Labelled, ...] = field(repr=False)
    columns: tuple[str, ...] | None = None
    shown: frozenset[str] = frozenset()
    n_skipped: int = 0
    n_empty: int = 0
    n_blank: int = 0
    problems: tuple[Problem, ...] = ()
