"""What the commands that read label files share: names of annotators, the texts of a source, and what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from detente.cli import say
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.dataset.labelling.importing import Readings


def user_names(users: Path | None, pairs: Sequence[str]) -> dict[str, str]:
    """Annotator id → name, from a file and from ID=NAME."""
    from detente.articles.readers import decode
    from detente.dataset.labelling.label_studio import read_users

    names = read_users(decode(users), str(users)) if users else {}
    for pair in pairs:
        number, equals, name = pair.partition("=")
        if not (number and equals and name):
            raise UsageError(f"--user {pair}: expected ID=NAME, such as 3=an.")
        names[number] = name
    return names


def source_texts(source: Path | None, **columns: str) -> dict[str, str] | None:
    """sentence_id → text of a source; None without one. The columns are those of a table, as in ``PageOptions``."""
    if source is None:
        return None
    from dataclasses import asdict

    from detente.articles.told import PageOptions
    from detente.dataset.labelling.sources import SourceOptions, read_items

    options = SourceOptions(**asdict(PageOptions(**columns)))
    return {item.sentence_id: item.text for item in read_items(source, options, say)}


def say_counts(files: Sequence[Readings], remedy: str = "") -> None:
    """What was read in each file, and what was not; ``remedy``: what to do about texts that have no check."""
    for file in files:
        counts = {
            "rows without a label": file.n_blank,
            "skipped by the annotator": file.n_skipped,
            "submitted empty": file.n_empty,
        }
        others = ", ".join(f"{name}: {n}" for name, n in counts.items() if n)
        say(f"{file.path}: {len(file.readings)} readings{'; ' * bool(others)}{others}")
        if file.n_unchecked:
            say(f"note: {file.n_unchecked} rows have no check of their text{remedy}")
        if file.ignored:
            hint = "a task is a file configs/task/<column>.yaml"
            say(f"note: columns that are not taken over: {', '.join(file.ignored)} ({hint})")
