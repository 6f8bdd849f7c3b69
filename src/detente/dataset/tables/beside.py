"""What a row of a table says of a reading beside its labels: its rule, its guideline's version, how its sentence was drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from detente.dataset.annotations import check_rule
from detente.dataset.tables.cells import cell_text
from detente.dataset.tables.reading import SentenceRow
from detente.errors import DatasetError
from detente.strict_json import shown
from detente.tasks import Task

_FREE = ("design", "stratum")


def reading_cells(row: SentenceRow, columns: Sequence[str], tasks: Iterable[Task]) -> dict[str, Any]:
    """The fields of an ``Annotation`` that stand in the named columns of a row. Raises DatasetError for what cannot be.

    Without the columns the rule is not named and the version of the guideline is 1.
    """
    cells = {name: cell_text(row.cells.get(name)) for name in columns}
    rule, version = cells.get("rule", ""), cells.get("guideline_version", "")
    check_rule(rule, tasks, row.place, DatasetError)
    if version and not (version.isascii() and version.isdecimal() and len(version) < 10):
        raise DatasetError(f"{row.place}: 'guideline_version': expected a whole number, got {shown(version)}.")
    return {
        "rule": rule,
        "guideline_version": int(version or 1),
        "note": cells.get("note", ""),
        "inclusion_prob": _probability(cells.get("inclusion_prob", ""), row.place),
        **{name: cells.get(name) or None for name in _FREE},
    }


def _probability(cell: str, where: str) -> float | None:
    if not cell:
        return None
    try:
        value = float(cell)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1:
        raise DatasetError(f"{where}: 'inclusion_prob': expected a number above 0, up to 1, got {shown(cell)}.")
    return value
