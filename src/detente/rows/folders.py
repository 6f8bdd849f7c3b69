"""Files of rows by their endings, and folders of parts."""

from __future__ import annotations

from pathlib import Path

from detente.errors import InputError
from detente.formats import COMPRESSED, PACKED, READABLE

ENDINGS = tuple(
    f".{kind}{more}"
    for kind in READABLE
    if kind != "txt"
    for more in ("", *(f".{name}" for name in COMPRESSED))
    if not (more and kind in PACKED)
)
PARTS = "_manifest.json"
"""The file that makes a folder one of parts: what ``detente predict -o FOLDER/`` wrote, or is writing."""
COMPLETE = "_meta.json"
"""The file that such a folder gets when all of its parts are there."""


def row_files(source: Path) -> list[Path]:
    """The file itself, or the parts of a folder in the order of their names: nothing that begins with ``.`` or ``_``.

    Raises InputError for a folder of predictions that are not finished: a part of a corpus must not pass for the whole.
    """
    if not source.is_dir():
        return [source]
    if (source / PARTS).is_file() and not (source / COMPLETE).is_file():
        raise InputError(f"{source}: parts of its predictions are missing. Run `detente predict` to its end, then this again.")
    return sorted(path for path in source.iterdir() if is_row_file(path) and path.name[0] not in "._")


def is_row_file(path: Path) -> bool:
    """Whether a name has one of the endings, in small letters or capitals."""
    return path.name.lower().endswith(ENDINGS)
