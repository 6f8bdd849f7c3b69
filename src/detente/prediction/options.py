"""The options of a prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from detente.errors import UsageError
from detente.prediction.sources import Source
from detente.prediction.work import ALL, Shard
from detente.strict_json import shown

MOST = 10**12
_LEAST = {"limit": 0, "batch_size": 1, "batch_tokens": 0, "n_workers": 0}


@dataclass(frozen=True)
class PredictOptions:
    """What can be said about a prediction; ``detente predict --help`` tells of each.

    ``to`` is the format of a folder's parts (parquet) or of stdout (jsonl); ``bom``: CSV begins with a byte-order mark.
    ``batch_tokens`` and ``n_workers`` are the engine's and the machine's own where 0; ``model_id`` stands for the model in the
    manifest, by default what the model itself shows; ``engine`` is what computes, as the manifest calls it.
    """

    text_column: str = "text"
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
        """Raise UsageError for a number out of range."""
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not isinstance(value, int) or not least <= value <= MOST:
                raise UsageError(f"{name}: expected a whole number from {least} to {MOST}, got {shown(value)}.")

    def settings(self, source: Source, kind: str) -> dict[str, Any]:
        """What decides the output beside input and model, as the manifest has it; ``kind`` is the output's format."""
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
        }
