"""What training tells of itself, and to whom: a small protocol that tracking implements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol


class Recorder(Protocol):
    """Takes down one run."""

    run_id: str | None

    def params(self, values: Mapping[str, Any]) -> None:
        """Flat parameters."""

    def tags(self, values: Mapping[str, str]) -> None:
        """Tags to search by."""

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Metrics named ``<split>/<metric>``."""

    def dataset(self, name: str, digest: str, rows: Sequence[Mapping[str, Any]], source: str) -> None:
        """The data the run used."""

    def text(self, name: str, text: str) -> None:
        """A text file."""

    def table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """A table, comparable across runs."""

    def picture(self, name: str, png: bytes) -> None:
        """A picture."""

    def model(self, folder: Path) -> None:
        """The final model's folder."""

    @contextmanager
    def child(self, name: str) -> Iterator[Recorder]:
        """A run inside this one, such as a fold."""
        yield self


class NullRecorder:
    """Takes nothing down."""

    run_id: str | None = None

    def _ignore(self, *args: Any, **kwargs: Any) -> None:
        pass

    params = tags = metrics = dataset = text = table = picture = model = _ignore

    @contextmanager
    def child(self, name: str) -> Iterator[Recorder]:
        """Another one that ignores."""
        yield self
