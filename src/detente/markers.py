"""What a folder of ours holds, so that no other folder is replaced, nor one in which something was added or changed.

A folder that is written as a whole gets a small file, ``.detente.json``, with its kind, the names of all that was written, and
the sha256 of each file (older ones have names alone). Folders of older versions have none; they are known by a file of theirs
that no other program writes, and by the names that they could hold.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from detente.digests import sha256_of
from detente.errors import InputError, UsageError
from detente.strict_json import parse_object, read, read_text

MARKER = ".detente.json"
_TOLD = 3


@dataclass(frozen=True, slots=True)
class Marker:
    """``files`` are the names of all files in the folder, and of folders without any, which end in a slash."""

    kind: str
    files: tuple[str, ...]
    sha256: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Patterns of names: those that are added ``later``, and those of folders of older versions.

    Such a folder holds a JSON object with these ``keys`` in the file ``sign``.
    """

    sign: str = ""
    keys: frozenset[str] = frozenset()
    older: str = ""
    later: str = ""


_TOKENIZER = r"vocab\.txt|bpe\.codes|(?:tokenizer_config|special_tokens_map|added_tokens)\.json"
_MODEL = rf"README\.md|(?:detente|text|config)\.json|model\.(?:safetensors|skops)|{_TOKENIZER}"
_EXPORTS = r"onnx/(?:[0-9a-f]{16}/(?:\.lock|\.?(?:fp32|int8|graph)\.[\w.]+)?)?"
_REPORT = r"report\.(?:html|md|json)|predictions\.parquet|pictures/(?:[\w-]+\.png)?"

_KINDS: dict[str, _Kind] = {
    "dataset": _Kind(
        "manifest.json",
        frozenset({"name", "version", "format", "digest", "splits", "dropped_pairs"}),
        r"README\.md|manifest\.json|(?:cleaning|articles|annotations)\.jsonl|data/(?:train|validation|test)\.parquet",
    ),
    "model": _Kind("detente.json", frozenset({"format", "kind", "tasks", "training_hashes"}), _MODEL, _EXPORTS),
    "run": _Kind(
        "result.json",
        frozenset({"run_key", "run_id", "split", "data_digest"}),
        rf"{_REPORT}|(?:result|config)\.json|model/(?:{_MODEL})",
        rf"model/(?:{_EXPORTS})",
    ),
    "evaluation": _Kind("report.json", frozenset({"title", "metrics", "sections"}), _REPORT),
    "encoder": _Kind(
        "recipe.json",
        frozenset({"options", "corpus", "log"}),
        r"README\.md|(?:config|recipe)\.json|model\.safetensors|" + _TOKENIZER,
    ),
    "vocabulary": _Kind(),
}
"""What ``new_folder`` writes."""


def write_marker(folder: Path, kind: str) -> None:
    """Note in a folder what it is and what it holds."""
    names = sorted(name for name in _names(folder) if name != MARKER)
    hashes = {name: sha256_of(folder / name) for name in names if (folder / name).is_file()}
    facts = {"kind": kind, "files": names, "sha256": hashes}
    (folder / MARKER).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")


def check_replaceable(path: Path, kind: str) -> None:
    """Raise InputError, which names what else is there, unless a folder of this kind may take the place of what stands there.

    That is nothing, an empty folder, or a folder of the same kind in which everything is what was written there, to the byte.
    Raises UsageError for the folder that the process is in.
    """
    with replaceable(path, kind):
        pass


@contextmanager
def replaceable(path: Path, kind: str) -> Iterator[None]:
    """As ``check_replaceable``; until the block ends no other process of ours replaces a folder beside it."""
    with _alone_in(Path(os.path.realpath(path)).parent):
        _check(path, kind)
        yield


@contextmanager
def kept_in_place(folder: Path) -> Iterator[None]:
    """Until the block ends no other process of ours replaces this folder; not to be held where one beside it is written."""
    with _alone_in(Path(os.path.realpath(folder)).parent):
        yield


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the system's own lock on a folder, which leaves no file and which a killed process lets go of; where it has one."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with ExitStack() as held:
        with suppress(OSError):  # no such folder yet, or a file system that knows no locks
            handle = os.open(folder, os.O_RDONLY)
            held.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _check(path: Path, kind: str) -> None:
    folder = Path(os.path.realpath(path))
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"{path}: is a file; expected a folder to write, or a name that is not taken. Choose another output.")
    if Path.cwd().is_relative_to(folder):
        raise UsageError(f"{path}: is the folder you are in, or holds it, and would be replaced. Choose another output.")
    about, marker = _KINDS[kind], _marker(folder)
    if not (marker.kind == kind if marker else _is_signed(folder, about)):
        if names := [each.name for each in folder.iterdir()]:
            raise InputError(
                f"{path}: exists and is no {kind} folder of détente's; it holds {_listed(names)} and is left as it is. Choose "
                "another output."
            )
        return
    known = _known(about, marker)
    if others := [name for name in _names(folder) if not known.fullmatch(name)]:
        raise InputError(
            f"{path}: holds {_listed(others)}, not written there by détente, beside the {kind} that would be replaced; it is "
            "left as it is. Move that away, or choose another output."
        )
    if changed := _changed(folder, marker):
        raise InputError(
            f"{path}: {_listed(changed)} {'was' if len(changed) == 1 else 'were'} changed since détente wrote the {kind} that "
            "would be replaced; it is left as it is. Move that away, or choose another output."
        )
    if locked := [each for each in _folders(folder) if not os.access(each, os.W_OK | os.X_OK)]:
        raise InputError(f"{path}: cannot be replaced: {locked[0]} is read-only. Choose another output.")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return f"{', '.join(sorted(names)[:_TOLD])}{more}"


def _marker(folder: Path) -> Marker | None:
    if not (folder / MARKER).is_file():
        return None
    return read(folder / MARKER, Marker, remedy="Remove the folder, or choose another output.")


def _known(about: _Kind, marker: Marker | None) -> re.Pattern[str]:
    """The names that were written there, or may be added."""
    written = "|".join(map(re.escape, (MARKER, *marker.files))) if marker else about.older
    return re.compile(f"{written}|{about.later}" if about.later else written)


def _changed(folder: Path, marker: Marker | None) -> list[str]:
    """Files that are there and not what was written; one that was moved away is no loss."""
    hashes = marker.sha256.items() if marker else ()
    return [name for name, digest in hashes if (folder / name).is_file() and sha256_of(folder / name) != digest]


def _is_signed(folder: Path, about: _Kind) -> bool:
    path = folder / about.sign
    if not about.sign or not path.is_file():
        return False
    try:
        return about.keys <= parse_object(read_text(path), str(path)).keys()
    except InputError:
        return False


def _names(folder: Path) -> Iterator[str]:
    """What a folder holds, relative to it; of folders inside it, those that hold nothing, with a slash. No link is followed."""
    for parent, folders, files in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        yield from ((inside / name).as_posix() for name in files)
        yield from ((inside / name).as_posix() for name in folders if Path(parent, name).is_symlink())
        if parent != str(folder) and not files and not folders:
            yield f"{inside.as_posix()}/"


def _folders(folder: Path) -> Iterator[Path]:
    return (Path(parent) for parent, _, _ in os.walk(folder))
