"""sha256 of files: half a gigabyte a second, and hence of a large file once a process, while it does not change."""

from __future__ import annotations

import hashlib
from pathlib import Path

_WORTH_KEEPING = 2**20
"""Bytes; smaller files are read each time, which is safer: two may be written within one tick of the file system's clock."""
_known: dict[tuple[int, ...], str] = {}


def sha256_of(path: Path) -> str:
    """sha256 of a file in hexadecimal; of a large one taken anew where its size, its times or its place on the disk are others.

    A file that was only renamed, as the files of a folder that takes its place, is the same one.
    """
    stat = path.stat()
    if stat.st_size < _WORTH_KEEPING:
        return _taken(path)
    state = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    if state not in _known:
        _known[state] = _taken(path)
    return _known[state]


def _taken(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
