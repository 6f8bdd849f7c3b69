"""Everything that is said of one model in one task, computed from prediction rows: scores, baselines, calibration, readings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detente.evaluation.calibration import Calibration, calibrate
from detente.evaluation.predictions import Predictions, Row, predictions_of
from detente.evaluation.readings import ReadingScore, reading_scores
from detente.evaluation.scores import Evaluation, evaluate
from detente.records import Annotation

REFERENCE = "majority"
"""The baseline whose probabilities are the label shares of the training side."""


@dataclass(frozen=True)
class Assessment:
    """``baselines`` were scored on the same sentences, best known first; ``calibration`` is None for a model without
    probabilities or where it was not asked for; ``readings`` are annotators against the gold labels and each other.
    """

    predictions: Predictions = field(repr=False)
    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    calibration: Calibration | None
    readings: tuple[ReadingScore, ...]

    @property
    def task(self) -> str:
        """The task."""
        return self.evaluation.task


def assess(
    rows: Sequence[Row],
    task: str,
    baseline_rows: Mapping[str, Sequence[Row]],
    readings: Sequence[Annotation] = (),
    *,
    within_groups: bool,
    calibrated: bool = True,
    is_reference: bool = False,
) -> Assessment:
    """Score prediction rows beside those of baselines on the same sentences.

    ``within_groups`` says that several models scored the rows, as in cross-validation; ``is_reference`` that the rows are those
    of the baseline that losses are compared with. Raises InputError.
    """
    predictions = predictions_of(rows, task)
    of_baselines = {name: predictions_of(own, task, name) for name, own in baseline_rows.items()}
    reference = predictions if is_reference else of_baselines.get(REFERENCE)
    return Assessment(
        predictions=predictions,
        evaluation=evaluate(predictions, reference, within_groups=within_groups),
        baselines={name: evaluate(own, reference, within_groups=within_groups) for name, own in of_baselines.items()},
        calibration=calibrate(predictions) if calibrated else None,
        readings=reading_scores(readings, predictions),
    )
