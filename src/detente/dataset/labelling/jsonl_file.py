"""JSON Lines: an item a line on the way out; readings, or items with their labels filled in, on the way back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from detente.dataset.labelling.items import Blank, Item, item_values
from detente.dataset.labelling.rows import Labelled, ReadFile


def write_jsonl(items: Iterable[Item], blank: Blank, out: TextIO) -> int:
    """Write a line an item, and return their number; what is to be filled in is null."""
    n = 0
    asked = (*blank.tasks, *blank.free)
    for item in items:
        n += 1
        values = {key: None if key in asked else value for key, value in item_values(item, blank).items()}
        out.write(json.dumps(values, ensure_ascii=False) + "\n")
    return n


def read_jsonl(text: str, where: str) -> ReadFile:
    """The lines of a file; those that are no JSON object are its problems."""
    rows, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            problems.append((f"line {number}", f"not JSON ({error})"))
            continue
        if isinstance(values, dict):
            rows.append(Labelled(f"line {number}", values))
        else:
            problems.append((f"line {number}", f"expected a JSON object, got {type(values).__name__}"))
    return ReadFile(where, tuple(rows), problems=tuple(problems))
