"""Predictions → the index: every figure of every period and group, as it was predicted and as the audit corrects it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.indexing.audit import Audit, match_audit, read_audit
from detente.indexing.cells import Cell, Counted, count
from detente.indexing.copies import Place
from detente.indexing.estimator import MIN_ERRORS, AuditSample, Correction, half_width, n_errors
from detente.indexing.measures import Measure, measures
from detente.indexing.options import ALL, IndexOptions
from detente.indexing.task import predicted_task
from detente.model.folder import read_info
from detente.tasks import Task

if TYPE_CHECKING:
    import numpy as np

FEW = 30
"""Below so many sentences a share is flagged."""

CORRECTED, ROUGH = "design-based", "design-based, rough"
NO_ERROR, TOO_FEW, UNDEFINED = "no error seen", "too few audited", "not estimable"

_OF_AUDIT = ("corrected", "low", "high", "n_audited", "n_audited_articles", "correction")


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One figure of one period and group: ``uncorrected`` is ``numerator / denominator``, weighted counts of predictions.

    ``start`` is the period's first day. ``few``: the denominator is below 30. ``corrected`` with its 95 % interval is the
    audit's, and ``correction`` says what kind it is or why there is none.
    """

    period: str
    start: date | None
    group: str
    measure: str
    n_sentences: int
    n_articles: int | None
    numerator: float
    denominator: float
    uncorrected: float | None
    few: bool
    corrected: float | None = None
    low: float | None = None
    high: float | None = None
    n_audited: int | None = None
    n_audited_articles: int | None = None
    correction: str = ""


@dataclass(frozen=True)
class StanceIndex:
    """The rows by period and group, then the groups over all periods, then everything; and what was counted on the way.

    ``source`` is where the predictions lie; ``notes`` say where the poles of the task are from, where that is not plain.
    """

    rows: tuple[IndexRow, ...]
    options: IndexOptions
    task: Task
    n_rows: int
    n_undated: int
    n_unpredicted: int
    n_without_article: int
    audit: Audit | None
    source: Path
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table; those of the audit only where there is one."""
        return tuple(f.name for f in fields(IndexRow) if self.audit is not None or f.name not in _OF_AUDIT)

    def records(self) -> list[dict[str, Any]]:
        """The rows by the names of the columns."""
        return [{name: getattr(row, name) for name in self.columns} for row in self.rows]


def stance_index(predictions: Path | str, options: IndexOptions | None = None) -> StanceIndex:
    """Shares of the labels and mean direction a period and group, from what ``predict`` wrote: a file or a folder of parts.

    Between the poles of the task (stance: dialogue, escalation), ``direction_all`` is (dialogue - escalation) / all and
    ``direction_decided`` (dialogue - escalation) / (dialogue + escalation); the poles are those of the model that predicted,
    and a task without any has shares alone. With an audit each figure is corrected for the classifier's errors, with a 95 %
    interval (see ``detente.indexing.estimator``). Predictions are read row by row. Raises UsageError or InputError.
    """
    options = options or IndexOptions()
    options.check()
    if options.model is not None:
        read_info(options.model)  # what is wrong with it is told before predictions are counted
    task, notes = predicted_task(Path(predictions), options)
    audit_rows = read_audit(options.audit, task) if options.audit is not None else []
    counted = count(Path(predictions), task, options, {row.sentence_id for row in audit_rows})
    audit = match_audit(audit_rows, counted, task, options) if audit_rows else None
    places = sorted(counted.cells, key=lambda place: (place[0] == ALL, place[1] == ALL, place))
    return StanceIndex(
        rows=tuple(row for place in places for row in _rows(place, counted, task, audit)),
        options=options,
        task=task,
        n_rows=counted.n_rows,
        n_undated=counted.n_undated,
        n_unpredicted=counted.n_unpredicted,
        n_without_article=counted.n_without_article,
        audit=audit,
        source=Path(predictions),
        notes=notes,
    )


def _rows(place: Place, counted: Counted, task: Task, audit: Audit | None) -> Iterator[IndexRow]:
    import numpy as np

    cell = counted.cells[place]
    weights = np.array(cell.weights)
    correction = audit.correction(place) if audit is not None else None
    for measure in measures(task):
        numerator, denominator = float(measure.numerator @ weights), float(measure.denominator @ weights)
        yield IndexRow(
            period=place[0],
            start=cell.start,
            group=place[1],
            measure=measure.name,
            n_sentences=cell.n_sentences,
            n_articles=_n_articles(cell, counted),
            numerator=numerator,
            denominator=denominator,
            uncorrected=numerator / denominator if denominator else None,
            few=denominator < FEW,
            **(_of_audit(measure, weights / weights.sum(), audit.sample, correction) if audit is not None else {}),
        )


def _n_articles(cell: Cell, counted: Counted) -> int | None:
    """None where no row says its article."""
    return len(cell.articles) if counted.n_without_article < counted.n_rows else None


def _of_audit(measure: Measure, shares: np.ndarray, sample: AuditSample, correction: Correction | None) -> dict[str, Any]:
    """The columns of the audit: the figure at the corrected shares, and its interval."""
    if correction is None:
        return {"n_audited": 0, "n_audited_articles": 0, "correction": TOO_FEW}
    found: dict[str, Any] = {"n_audited": correction.n_sentences, "n_audited_articles": correction.n_articles}
    if correction.is_too_few:
        return {**found, "correction": TOO_FEW}
    corrected = shares + correction.mean
    base = float(measure.denominator @ corrected)
    if base <= half_width(sample, correction, measure.denominator):
        # A ratio over what may be nothing has no interval that can be linearised.
        return {**found, "correction": UNDEFINED}
    value = measure.at(corrected)
    gradient = measure.gradient(corrected)
    n = n_errors(sample, correction, gradient)
    if not n:
        return {**found, "corrected": value, "correction": NO_ERROR}
    half = half_width(sample, correction, gradient)
    cut = {"corrected": value, "low": value - half, "high": value + half}
    cut = {name: min(1.0, max(measure.lowest, figure)) for name, figure in cut.items()}
    return {**found, **cut, "correction": CORRECTED if n >= MIN_ERRORS else ROUGH}
