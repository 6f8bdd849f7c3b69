"""The options of a prediction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente.articles.told import PageOptions, check_day
from detente.errors import UsageError
from detente.prediction.sources import ARTICLES, Source, open_source
from detente.prediction.work import ALL, Shard
from detente.strict_json import shown

MOST = 10**12
_LEAST = {"limit": 0, "batch_size": 1, "batch_tokens": 0, "n_workers": 0}


@dataclass(frozen=True)
class PredictOptions(PageOptions):
    """What can be said about a prediction; ``detente predict --help`` tells of each.

    ``to`` is the format of a folder's parts (parquet) or of stdout (jsonl); ``bom``: CSV begins with a byte-order mark.
    ``batch_tokens`` and ``n_workers`` are the engine's and the machine's own where 0; ``model_id`` stands for the model in the
    manifest, by default what the model itself shows; ``engine`` is what computes, as the manifest calls it.
    """

    format: str = ""
    to: str = ""
    columns: tuple[str, ...] = ()
    limit: int = 0
    strict: bool = False
    stamp: bool = False
    batch_size: int = 32
    batch_tokens: int = 0
    n_workers: int = 0
    shard: Shard = ALL
    join: bool = False
    restart: bool = False
    bom: bool = False
    engine: str = "torch"
    model_id: str = ""

    def __post_init__(self) -> None:
        """Raise UsageError for a number out of range, a day that is none, or options that exclude each other."""
        check_day(self.date, "--date")
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= MOST:
                raise UsageError(f"{name}: expected a whole number from {least} to {MOST}, got {shown(value)}.")
        if self.join and self.restart:
            raise UsageError("--join and --restart exclude each other: one joins the parts that the other removes. Choose one.")
        if self.restart and self.shard.n > 1:
            raise UsageError(
                "--restart would remove the parts of the other shards; remove the folder of parts before they start."
            )

    def opened(self, path: Path, given: str | None = None) -> Source:
        """The input, as ``open_source`` finds it; ``given`` is its format where it is not the one that was said."""
        return open_source(path, self.said, self.format if given is None else given, self.limit)

    def settings(self, source: Source, kind: str) -> dict[str, Any]:
        """What decides the output beside input and model, as the manifest has it; ``kind`` is the output's format."""
        said = {"pages": asdict(self.said)} if source.kind == ARTICLES else {}
        return {
            "text_column": self.text_column,
            "format": source.format.kind,
            "columns": list(self.columns),
            "limit": self.limit,
            "stamp": self.stamp,
            "batch_size": self.batch_size,
            "batch_tokens": self.batch_tokens,
            "bom": self.bom,
            "engine": self.engine,
            "part_size": source.part_size,
            "output": kind,
            **said,
        }
