"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detente.errors import InputError
from detente.markers import check_replaceable, write_marker
from detente.outputs import folders_made


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; it replaces ``path`` when the block ends well, and goes when it does not.

    So do the folders that were made for it. Raises InputError at once where a folder stands there.
    """
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected the name of a file to write. Choose another output.")
    with folders_made(path.parent):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def new_folder(path: Path, kind: str) -> Iterator[Path]:
    """Yield a temporary folder that takes the place of ``path`` on success, marked as of this kind (see ``markers``).

    A folder that is there is replaced only if it is of the kind and nothing was added to it; where ``path`` is a link, that is
    the folder behind it. Raises InputError or UsageError otherwise, before the block and again after it, and leaves all as it
    was.
    """
    check_replaceable(path, kind)
    place = Path(os.path.realpath(path))
    with folders_made(place.parent):
        temporary = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            write_marker(temporary, kind)
            check_replaceable(path, kind)
            _exchange(temporary, place)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise


def _exchange(new: Path, place: Path) -> None:
    """Put a folder into its place. Two renames: for a moment there is none, but never half of one."""
    if not place.exists():
        new.replace(place)
        return
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.old."))
    old = aside / "old"
    try:
        place.replace(old)
        new.replace(place)
    except BaseException:
        if old.exists():
            old.replace(place)
        aside.rmdir()
        raise
    shutil.rmtree(aside)


def leftover(name: str) -> str:
    """A pattern of the temporary files that a kill leaves of ``new_file``, for names that follow a pattern."""
    return rf"\.(?:{name})\.[a-z0-9_]{{8}}(?:\.[^.]+)?"


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with new_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def weights_written(path: Path) -> Iterator[None]:
    """safetensors' own error, as for a disk that is full, is an OSError like any other: what the system said is in its text."""
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise OSError(f"{path}: cannot be written ({error})") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
