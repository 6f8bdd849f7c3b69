"""Prediction rows as a parquet file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detente.training.scoring import Row


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write prediction rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(list(rows)), path)
