"""Files and folders that appear whole or not at all.

Both write through a symbolic link: what it leads to is replaced, and the link stays.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from detente.errors import InputError
from detente.markers import check_replaceable, replaceable, write_marker
from detente.outputs import folders_made, real_place

_HERE, _EXCHANGE = -100, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; it replaces ``path`` when the block ends well, and goes when it does not.

    So do the folders that were made for it. Where ``path`` is a link, the file behind it is written, and the link stays. Raises
    InputError at once where a folder stands there, or a link leads nowhere.
    """
    place = real_place(path)
    if place.is_dir():
        raise InputError(f"{path}: is a folder; expected the name of a file to write. Choose another output.")
    with folders_made(place.parent), _told(path):
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=place.suffix)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextmanager
def new_folder(path: Path, kind: str) -> Iterator[Path]:
    """Yield a temporary folder that takes the place of ``path`` on success, marked as of this kind (see ``markers``).

    A folder that is there is replaced only if it is of the kind and nothing in it was added or changed; where ``path`` is a
    link, that is the folder behind it. Raises InputError or UsageError otherwise, before the block and again after it, and
    leaves all as it was.
    """
    check_replaceable(path, kind)
    place = Path(os.path.realpath(path))
    with folders_made(place.parent), _told(path):
        temporary = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
        try:
            yield temporary
            temporary.chmod(0o777 & ~_umask())
            for file in temporary.rglob("*.safetensors"):
                file.chmod(0o666 & ~_umask())  # safetensors lets nobody else read what it writes
            write_marker(temporary, kind)
            with replaceable(path, kind):
                _place(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Of a disk that is full, which the system tells without a name or with that of what was copied, what was to be written."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            error.filename = str(path)
        raise


def _place(new: Path, place: Path) -> None:
    """Put a folder into its place, and what stood there where the new one did.

    In one step where the system can, so that a kill leaves the one or the other there.
    """
    if not place.exists():
        new.replace(place)
    elif not _exchanged_at_once(new, place):
        _exchange(new, place)


def _exchange(new: Path, place: Path) -> None:
    """Two renames: for a moment there is none, but never half of one."""
    aside = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.old."))
    old = aside / "old"
    try:
        place.replace(old)
        new.replace(place)
        old.replace(new)
    except BaseException:
        if old.exists() and not place.exists():
            old.replace(place)
        raise
    finally:
        with suppress(OSError):
            aside.rmdir()


def _exchanged_at_once(first: Path, second: Path) -> bool:
    """Linux' renameat2. False where there is none, or the file system does not have it; raises OSError for anything else."""
    import ctypes

    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    if rename(_HERE, os.fsencode(first), _HERE, os.fsencode(second), _EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(number, os.strerror(number), str(second))


def leftover(name: str) -> str:
    """A pattern of the temporary files that a kill leaves of ``new_file``, for names that follow a pattern."""
    return rf"\.(?:{name})\.[a-z0-9_]{{8}}(?:\.[^.]+)?"


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with new_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    with new_file(path) as temporary:
        temporary.write_bytes(content)


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
