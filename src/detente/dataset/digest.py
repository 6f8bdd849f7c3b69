"""What shows that a dataset folder is as it was written: a digest over its rows, and a hash of each file beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from detente.errors import DatasetError
from detente.records import Example, flat


def rows_digest(splits: Mapping[str, Sequence[Example]], tasks: Iterable[str]) -> str:
    """sha256 over all rows of all splits, with their labels in the tasks."""
    names = tuple(tasks)
    digest = hashlib.sha256()
    for name in sorted(splits):
        for row in splits[name]:
            values = {**flat(row, names), "split": name, "date": row.date.isoformat() if row.date else None}
            digest.update(json.dumps(values, sort_keys=True, ensure_ascii=False).encode())
            digest.update(b"\n")
    return f"sha256:{digest.hexdigest()}"


def file_hashes(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Name → sha256 of those of the files that are there."""
    return {name: _sha256(folder / name) for name in names if (folder / name).is_file()}


def checked_file(folder: Path, name: str, hashes: Mapping[str, str]) -> Path:
    """A file of a dataset folder whose hash is the manifest's, which older ones do not hold. Raises DatasetError."""
    path = folder / name
    if not path.is_file():
        raise DatasetError(f"{path}: missing; the folder was built by an older version or is incomplete. Build it again.")
    if name in hashes and _sha256(path) != hashes[name]:
        raise DatasetError(f"{path}: is not what manifest.json has the hash of: it was changed by hand. Build it again.")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
