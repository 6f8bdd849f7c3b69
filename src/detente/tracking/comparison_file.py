"""A comparison of runs as a file: .md, .json or .html."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from detente import places
from detente.atomic import write_text
from detente.errors import UsageError
from detente.evaluation.html import page
from detente.outputs import check_outputs
from detente.tracking.comparing import RunComparison
from detente.tracking.store import ARTIFACTS

_WRITTEN: dict[str, Callable[[RunComparison], str]] = {
    ".md": lambda comparison: comparison.markdown,
    ".json": lambda comparison: json.dumps(comparison.to_json(), ensure_ascii=False, indent=1) + "\n",
    ".html": lambda comparison: page(comparison.report),
}


def check_comparison_file(runs: Sequence[str], out: Path) -> None:
    """Raise UsageError for another ending, or an output that lies on or in a run that is compared."""
    if out.suffix not in _WRITTEN:
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected {', '.join(_WRITTEN)}.")
    # A run that is named by its id may be any of those that lie here.
    folders = [path.parent for path in places.RUNS.glob("*/result.json")]
    check_outputs([path for path in (*map(Path, runs), *folders, ARTIFACTS) if path.exists()], files=[out])


def write_comparison(comparison: RunComparison, runs: Sequence[str], out: Path) -> None:
    """Write the whole report of a comparison of these runs, with the sentences, whole or not at all. Raises UsageError."""
    check_comparison_file(runs, out)
    write_text(out, _WRITTEN[out.suffix](comparison))
