"""What the jobs of a sweep, some of them processes of their own, tell the command that started them: a file each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from detente import strict_json

T = TypeVar("T")

_FOLDER = "DETENTE_SWEEP"
"""Names the folder to the jobs."""


@contextmanager
def sweep_notes() -> Iterator[None]:
    """Inside the block jobs can leave notes, and what they left can be read."""
    with tempfile.TemporaryDirectory(prefix="detente-sweep-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[_FOLDER]


def in_sweep() -> bool:
    """Whether this is a job of a sweep."""
    return _FOLDER in os.environ


def leave_note(kind: str, facts: object) -> bool:
    """Leave a note, a record; False outside a sweep, and where the job cannot reach the folder (another machine)."""
    folder = Path(os.environ.get(_FOLDER, ""))
    if _FOLDER not in os.environ or not folder.is_dir():
        return False
    (folder / f"{kind}-{uuid4().hex}.json").write_text(strict_json.dumps(facts), encoding="utf-8")
    return True


def read_notes(kind: str, record: type[T]) -> list[T]:
    """All notes of a kind. Raises InputError."""
    folder = Path(os.environ[_FOLDER])
    return [strict_json.read(path, record) for path in folder.glob(f"{kind}-*.json")]
