"""sha256 of a model's files: half a gigabyte a second, and hence once a process for a file that has not changed."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """sha256 of a file in hexadecimal; taken anew where its size, its times or its place on the disk are others."""
    stat = path.stat()
    return _hashed(os.path.realpath(path), (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns))


@lru_cache(maxsize=256)
def _hashed(path: str, state: tuple[int, ...]) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
