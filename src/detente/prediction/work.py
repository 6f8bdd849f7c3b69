"""The folder of a prediction that is under way: its manifest, the parts that are done, and who is at it.

A part is done when its receipt is there, which is written after the part; both appear whole or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.atomic import leftover, new_file, write_text
from detente.errors import InputError, UsageError
from detente.outputs import folders_made
from detente.prediction.parts import Part
from detente.prediction.writing import Layout, file_digest, write_part
from detente.rows import COMPLETE, PARTS

RECEIPTS = "_receipts"
LOCKS = "_locks"
REJECTS = "_rejects.jsonl"
SUMMARIES = (COMPLETE, REJECTS)
"""What a folder of parts gets when all are there."""
FORMAT = 2
_PART = r"part-\d{6,}\.(?:csv|jsonl|parquet)"
_RECEIPT = r"\d{6,}\.json"
_SMALL = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Shard:
    """Which parts a process does: those whose number is ``index`` modulo ``n``."""

    index: int = 0
    n: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Of ``i/n``, i from 0. Raises UsageError."""
        index, slash, n = text.partition("/")
        if not slash or not _SMALL.fullmatch(index) or not _SMALL.fullmatch(n) or not int(index) < int(n):
            raise UsageError(f"--shard {text}: expected i/n with i from 0 to n-1 and n up to 999,999, as 0/4.")
        return cls(int(index), int(n))

    def has(self, number: int) -> bool:
        """Whether a part is this shard's."""
        return number % self.n == self.index


@dataclass(frozen=True, slots=True)
class Reject:
    """A unit of the input that could not be predicted."""

    row: int
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a part came to; ``sha256`` is of its file."""

    number: int
    n_units: int
    n_rows: int
    n_truncated: int
    sha256: str
    rejects: tuple[Reject, ...]


ALL = Shard()


class Work:
    """The folder; ``layout`` says what a part looks like."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder = folder
        self.layout = layout

    def part(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"part-{number:06}.{self.layout.part_kind}"

    def begin(self, manifest: Mapping[str, Any], *, anew: bool = False) -> None:
        """Note what this is, or check that what is there is the same; ``anew`` removes parts that are there first.

        Raises UsageError that says what changed, or what else the folder holds.
        """
        path = self.folder / PARTS
        check_own(self.folder)
        if anew:
            self._clear()
        if anew or not path.is_file():
            write_text(path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
            return
        changed = differences(strict_json.read_object(path), manifest)
        if changed:
            raise UsageError(
                f"{self.folder}: holds parts of another prediction, and cannot go on with it: {'; '.join(changed)}. Run the "
                "command as it was, choose another output, or start anew with --restart, which removes these parts."
            )

    def _clear(self) -> None:
        """Remove the parts and what goes with them, and nothing else; the manifest stays, by which the folder is known."""
        if (self.folder / PARTS).is_file():
            _remove(self.folder, f"{_PART}|{_names(SUMMARIES)}|{self._temporaries}")
            _remove(self.folder / RECEIPTS, f"{_RECEIPT}|{leftover(_RECEIPT)}")
            with suppress(OSError):
                (self.folder / RECEIPTS).rmdir()

    def keep(self, number: int, part: Part) -> None:
        """Write a part, then its receipt."""
        with new_file(self.part(number)) as temporary:
            write_part(part.rows, temporary, self.layout)
            digest = file_digest(temporary)
        receipt = {
            "n_units": part.n_units,
            "n_rows": len(part.rows),
            "n_truncated": part.n_truncated,
            "sha256": digest,
            "rejects": part.rejects,
        }
        write_text(self._receipt(number), json.dumps(receipt, ensure_ascii=False) + "\n")

    def is_done(self, number: int) -> bool:
        """Whether a part needs not be made again."""
        return self._receipt(number).is_file() and self.part(number).is_file()

    def receipt(self, number: int) -> Receipt:
        """What a part that is done came to. Raises InputError."""
        path = self._receipt(number)
        facts = {"number": number, **strict_json.read_object(path)}
        remedy = "Remove it, and the command makes this part anew."
        return strict_json.convert(facts, Receipt, str(path), remedy=remedy)

    def check_whole(self, receipts: Sequence[Receipt]) -> None:
        """Raise InputError for a part that is not what was written; its receipt goes, so that it is made again."""
        for receipt in receipts:
            path = self.part(receipt.number)
            if file_digest(path) != receipt.sha256:
                self._receipt(receipt.number).unlink()
                raise InputError(f"{path}: was changed after it was written. Run the command again: this part is made anew.")

    @contextmanager
    def locked(self, shard: Shard) -> Iterator[None]:
        """Keep others away: from the whole output, or with shards from this one. Raises UsageError if one is at it.

        Where the block fails before anything was begun, nothing is left of it.
        """
        from filelock import FileLock, Timeout

        locks = self.folder / LOCKS
        own = locks / ("all.lock" if shard.n == 1 else f"{shard.index}-of-{shard.n}.lock")
        with ExitStack() as held:
            held.enter_context(folders_made(locks))
            others = list(locks.glob("*.lock")) if shard.n == 1 else [locks / "all.lock"]
            try:
                held.enter_context(FileLock(own, timeout=0))  # the system's own: a killed process lets go of it
                for other in others:
                    if other != own:
                        with FileLock(other, timeout=0):
                            pass
            except Timeout as error:
                raise UsageError(
                    f"{self.folder}: another process is writing this output. Wait for it, or choose another output."
                ) from error
            held.callback(self._let_go, own)
            yield

    @contextmanager
    def placed(self, path: Path) -> Iterator[Path]:
        """A temporary file in this folder that takes the place of ``path``: what a kill leaves over, it leaves in here.

        What a link leads to may be on another disk: there the temporary file is beside it.
        """
        if path.is_symlink():
            with new_file(path) as temporary:
                yield temporary
            return
        own = self.folder / f"_new-{path.name}"
        with new_file(own) as temporary:
            yield temporary
        own.replace(path)

    def tidy(self) -> None:
        """Remove the temporary files of processes that were killed; for who knows that none is at work."""
        _remove(self.folder, self._temporaries)

    def remove(self) -> None:
        """Remove the parts, and the folder unless it holds something else; for who holds the lock."""
        self._clear()
        (self.folder / PARTS).unlink(missing_ok=True)
        _remove(self.folder / LOCKS, r"(?:all|join|\d+-of-\d+)\.lock")
        with suppress(OSError):
            (self.folder / LOCKS).rmdir()
            self.folder.rmdir()

    def _let_go(self, lock: Path) -> None:
        """Leave no lock where there are no parts."""
        if not (self.folder / PARTS).is_file():
            lock.unlink(missing_ok=True)
            with suppress(OSError):
                lock.parent.rmdir()

    @property
    def _temporaries(self) -> str:
        """The names of what a process that was killed may leave in the folder."""
        out = self.folder.name.removesuffix(".parts")
        placed = _names([f"_new-{name}" for name in (*SUMMARIES, out, f"{out}.meta.json", f"{out}.rejects.jsonl")])
        return f"{placed}|{leftover(_PART)}|{leftover(_names([PARTS]))}|{leftover(placed)}"

    def _receipt(self, number: int) -> Path:
        return self.folder / RECEIPTS / f"{number:06}.json"


def check_own(folder: Path) -> None:
    """Raise UsageError for a folder that holds something and no prediction. What begins with a dot is in nobody's way."""
    if not folder.is_dir() or (folder / PARTS).is_file():
        return
    others = [path.name for path in folder.iterdir() if path.name != LOCKS and path.name[0] != "."]
    if others:
        raise UsageError(f"{folder}: holds other files (as {min(others)}); expected a new folder, or one of a prediction.")


def _names(names: Sequence[str]) -> str:
    return "|".join(map(re.escape, names))


def _remove(folder: Path, known: str) -> None:
    """Remove the files of a folder whose whole names follow a pattern, and nothing else."""
    if folder.is_dir():
        for path in folder.iterdir():
            if re.fullmatch(known, path.name) and path.is_file():
                path.unlink(missing_ok=True)


def differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> list[str]:
    """What differs between two manifests, as ``settings.batch_size was 32, is 64``."""
    found = []
    for name in dict.fromkeys((*before, *now)):
        old, new = before.get(name), now.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += differences(old, new, f"{prefix}{name}.")
        elif old != new:
            found.append(f"{prefix}{name} was {_shown(old)}, is {_shown(new)}")
    return found


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
