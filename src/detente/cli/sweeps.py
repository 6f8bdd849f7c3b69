"""What the jobs of a sweep, some of them processes of their own, tell the command that started them: a file each."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

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


def leave_note(kind: str, facts: dict[str, Any]) -> bool:
    """Leave a note; False outside a sweep, and where the job cannot reach the folder (another machine)."""
    folder = Path(os.environ.get(_FOLDER, ""))
    if _FOLDER not in os.environ or not folder.is_dir():
        return False
    (folder / f"{kind}-{uuid4().hex}.json").write_text(json.dumps(facts), encoding="utf-8")
    return True


def read_notes(kind: str) -> list[dict[str, Any]]:
    """All notes of a kind."""
    folder = Path(os.environ[_FOLDER])
    return [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob(f"{kind}-*.json")]
