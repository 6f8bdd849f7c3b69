"""What a run has done so far, on disk: the rows of its finished fits and the checkpoints of the one under way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from detente import strict_json
from detente.atomic import write_text
from detente.errors import TrainingError
from detente.training import distributed
from detente.training.scoring import Row

T = TypeVar("T")
_Cell = str | int | float | bool | None
_REMEDY = "Remove it, or start anew with resume=never."


@dataclass(frozen=True, slots=True)
class _Run:
    """Which tracked run this is."""

    run_id: str | None


class Unfinished:
    """The folder of a run that is under way; without a folder nothing is kept.

    Of several processes that train together the first one alone writes.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def rows(self, name: str) -> list[Row] | None:
        """The prediction rows of a fit that is done."""
        return self._read(f"{name}.json", list[dict[str, _Cell]])

    def keep(self, name: str, rows: list[Row]) -> None:
        """Note that a fit is done, and let go of its checkpoints."""
        self._write(f"{name}.json", rows)
        if (checkpoints := self.checkpoints(name)) is not None and distributed.is_main():
            shutil.rmtree(checkpoints, ignore_errors=True)

    def checkpoints(self, name: str) -> Path | None:
        """Where the checkpoints of a fit lie."""
        return self.folder / f"{name} checkpoints" if self.folder else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes away from the same run. Raises TrainingError if one has it."""
        from filelock import FileLock, Timeout

        if self.folder is None or not distributed.is_main():
            yield
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder.with_suffix(".lock"))  # the system's own: a killed process lets go of it
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise TrainingError(
                f"another process is at this very run (run key {self.folder.name}). Wait for it, or change the configuration."
            ) from error
        try:
            yield
        finally:
            lock.release()

    @property
    def run_id(self) -> str | None:
        """The tracked run that this is."""
        found = self._read("run.json", _Run)
        return found.run_id if found else None

    def keep_run_id(self, run_id: str | None) -> None:
        """Note which tracked run this is."""
        self._write("run.json", {"run_id": run_id})

    def remove(self) -> None:
        """Forget everything."""
        if self.folder and distributed.is_main():
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, name: str, kind: type[T]) -> T | None:
        path = self.folder / name if self.folder else None
        return strict_json.read(path, kind, error=TrainingError, remedy=_REMEDY) if path and path.is_file() else None

    def _write(self, name: str, value: Any) -> None:
        if self.folder and distributed.is_main():
            write_text(self.folder / name, json.dumps(value, ensure_ascii=False))
