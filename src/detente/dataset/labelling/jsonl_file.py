"""JSON Lines: an item a line on the way out; readings, or items with their labels filled in, on the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from detente.dataset.labelling.items import Blank, Item, item_values
from detente.dataset.labelling.rows import Labelled, ReadFile
from detente.rows import entries_of


def write_jsonl(items: Iterable[Item], blank: Blank, out: TextIO) -> int:
    """Write a line an item, and return their number; what is to be filled in is null."""
    n = 0
    asked = (*(task.name for task in blank.tasks), *blank.free)
    for item in items:
        n += 1
        values = {key: None if key in asked else value for key, value in item_values(item, blank).items()}
        out.write(json.dumps(values, ensure_ascii=False) + "\n")
    return n


def read_jsonl(path: Path) -> ReadFile:
    """The lines of a file; those that are no JSON object are its problems, those with nothing on them are passed over."""
    rows, problems = [], []
    for entry in entries_of(path):
        where = f"line {entry.number}"
        if entry.row is not None:
            rows.append(Labelled(where, entry.row))
        elif not entry.is_blank:
            problems.append((where, entry.reason.rstrip(".")))
    return ReadFile(str(path), tuple(rows), problems=tuple(problems))
