"""Where a command may write: no output is an input, lies in one or holds one.

Whoever writes calls ``check_outputs`` first, before anything is written or a model is loaded, with all that is read and all
that will be written, the files beside an output included. What stands in a folder to be replaced is the affair of ``markers``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

from detente.errors import InputError, UsageError

_MAX_NAME = 220
"""Bytes of UTF-8: most file systems take 255, and temporary names are longer than what they stand for."""
_BESIDE = (".meta.json", ".rejects.jsonl")
_REMEDY = "Choose another output."


def check_outputs(
    inputs: Iterable[Path | None],
    *,
    pages: Path | None = None,
    files: Iterable[Path] = (),
    folders: Iterable[Path] = (),
    places: Iterable[Path] = (),
) -> None:
    """Check where a call will write; ``places`` are folders that are added to, ``files`` and ``folders`` may be replaced.

    ``pages`` is an input too: a folder of which the files directly inside are read, so that folders may be made in it.

    What counts is where paths lead: through symbolic links, by another name of a file (hard links), or spelled another way
    where the file system does not mind. A folder that is read counts with all in it, a prediction with the
    files beside it. Raises UsageError, which names both, for an output that is an input, lies in one or holds one; InputError
    for one that cannot be written where it is.
    """
    files, folders, places = list(files), list(folders), list(places)
    for path in files:
        _check_file(path)
    for path in (*folders, *places):
        _check_folder(path)
    outputs = [*files, *folders, *places]
    for source in (part for each in (*inputs, pages) if each is not None for part in _with_beside(each)):
        for output in outputs:
            _check_apart(output, source, is_replaced=output in folders, is_flat=source is pages and output not in files)
        for link, output in product(_links(source, outputs), outputs):
            if _is_same(output, link) or _is_in(output, link):
                raise UsageError(f"{output}: is part of the input {source}, by its {link.name}. {_REMEDY}")


def _with_beside(source: Path) -> Iterator[Path]:
    """An input, and what a prediction has left beside it."""
    yield source
    for ending in _BESIDE:
        beside = source.with_name(f"{source.name}{ending}") if source.name else source
        if beside.is_file():
            yield beside


def _check_apart(output: Path, source: Path, *, is_replaced: bool, is_flat: bool = False) -> None:
    if _is_same(output, source):
        clash = f"is the input itself ({source}), which would be overwritten"
    elif not is_flat and _is_in(output, source):
        clash = f"lies in the input {source}, and would be read with it"
    elif is_replaced and _is_in(source, output):
        clash = f"holds the input {source}, which would be removed with what is there"
    else:
        return
    raise UsageError(f"{output}: {clash}. {_REMEDY}")


def real_place(path: Path) -> Path:
    """Where an output is written: what a symbolic link leads to. Raises InputError for links that lead in a circle."""
    place = _real(path)
    if place.is_symlink():
        raise InputError(f"{path}: is a link that leads in a circle. {_REMEDY}")
    return place


def _check_file(path: Path) -> None:
    place = real_place(path)
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected the name of a file to write. {_REMEDY}")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is no regular file, and would be replaced by one. {_REMEDY}")
    if place.exists() and not os.access(place, os.W_OK):
        raise InputError(f"{path}: is read-only, and would be replaced. {_REMEDY}")
    _check_parents(path)


def _check_folder(path: Path) -> None:
    real_place(path)
    if path.exists() and not path.is_dir():
        raise InputError(f"{path}: is a file; expected a folder to write, or a name that is not taken. {_REMEDY}")
    _check_parents(path)


def _check_parents(path: Path) -> None:
    """The nearest folder above that is there must be one, and take files; beside them there will be temporary names."""
    if (n_bytes := len(os.fsencode(path.name))) > _MAX_NAME:
        raise InputError(f"{path}: a name of {n_bytes} bytes; expected at most {_MAX_NAME}. Choose a shorter one.")
    parent = next(parent for parent in _real(path).parents if os.path.lexists(parent))
    if not parent.is_dir():
        raise InputError(f"{path}: cannot be written: {parent} is a file, and no folder. {_REMEDY}")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"{path}: cannot be written: no files can be made in {parent}. {_REMEDY}")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and number of what stands there, by whatever name; None where nothing does."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _is_same(first: Path, second: Path) -> bool:
    if _real(first) == _real(second):
        return True
    there = _identity(first)
    return there is not None and there == _identity(second)


def _is_in(path: Path, folder: Path) -> bool:
    return any(_is_same(parent, folder) for parent in _real(path).parents)


def _links(source: Path, outputs: Iterable[Path]) -> Iterator[Path]:
    """What in a folder leads out of it: symbolic links, and files that may be another name of an output that has several."""
    if not source.is_dir():
        return
    may_be_named_twice = any(output.is_file() and output.stat().st_nlink > 1 for output in outputs)
    unread = [source]
    while unread:
        with suppress(PermissionError), os.scandir(unread.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    unread.append(Path(entry.path))
                elif may_be_named_twice or entry.is_symlink():
                    yield Path(entry.path)


@contextmanager
def folders_made(folder: Path) -> Iterator[None]:
    """Make a folder with those above it; where the block fails, those that were made go again, as far as they are empty."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        raise
