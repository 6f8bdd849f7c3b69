"""A recorder for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detente.training import NullRecorder


class Notes(NullRecorder):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.children: list[Notes] = []

    def params(self, values: Any) -> None:
        self.told["params"] = dict(values)

    def metrics(self, values: Any, step: int | None = None) -> None:
        self.told.setdefault("metrics", {}).update(values)

    def tags(self, values: Any) -> None:
        self.told["tags"] = dict(values)

    def text(self, name: str, text: str) -> None:
        self.told[name] = text

    def table(self, name: str, columns: Any) -> None:
        self.told[name] = columns

    def model(self, folder: Path) -> None:
        self.told["model"] = sorted(path.name for path in folder.iterdir())

    @contextmanager
    def child(self, name: str) -> Iterator[Notes]:
        self.children.append(Notes())
        yield self.children[-1]
