"""Where things lie: what the package carries, and what the commands write into the working directory."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
MINI = PACKAGE / "model" / "mini"
"""The encoder that comes with the package."""


def _carried(name: str) -> Path:
    """A folder the wheel carries inside the package and a checkout keeps at its top."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parents[1] / name


CONFIGS = _carried("configs")
SEEDS = _carried("seeds")

DATASETS = Path("datasets")
RUNS = Path("runs")
