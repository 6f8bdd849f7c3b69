"""Everything that is said of one model in one task, computed from prediction rows: scores, baselines, calibration, readings.

All of it is on one scale of probabilities: after the temperature where one is kept, each group's sentences at the one fitted on
the other groups, so that no figure rests on a temperature that has seen its labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from detente.evaluation.abstention import Abstention, abstain
from detente.evaluation.calibration import Calibration, calibrate
from detente.evaluation.predictions import Predictions, Row, predictions_of
from detente.evaluation.readings import ReadingScore, reading_scores
from detente.evaluation.scores import Evaluation, evaluate
from detente.model.classifier import tempered
from detente.records import Annotation
from detente.tasks import Task

if TYPE_CHECKING:
    import numpy as np

REFERENCE = "majority"
"""The baseline whose probabilities are the label shares of the training side; no temperature changes them."""

Temperature = Literal["keep", "check", "none"]
"""A temperature is fitted and kept where it helps; fitted to be told and no more; or not fitted."""


@dataclass(frozen=True)
class Assessment:
    """``predictions`` are on the scale of all that is said; ``baselines`` were scored on the same sentences, best known first.

    ``calibration`` is None for a model without probabilities or where it was not asked for; its temperature is the model's to
    keep where it ``may_keep`` one. ``readings`` are annotators against the gold labels and each other.
    """

    predictions: Predictions = field(repr=False)
    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    calibration: Calibration | None
    may_keep: bool
    abstention: Abstention | None
    readings: tuple[ReadingScore, ...]

    @property
    def task(self) -> str:
        """The task."""
        return self.evaluation.task

    @property
    def is_kept(self) -> bool:
        """Whether the model keeps the fitted temperature, and all figures are after it."""
        return self.may_keep and self.calibration is not None and self.calibration.helps

    @property
    def temperature(self) -> float:
        """What the model is given: the fitted temperature where it is kept, else 1."""
        return self.calibration.fitted if self.calibration and self.is_kept else 1.0

    @property
    def threshold(self) -> float | None:
        """The probability below which the model abstains; None where it never does."""
        return self.abstention.threshold if self.abstention else None


def assess(
    rows: Sequence[Row],
    task: Task,
    baseline_rows: Mapping[str, Sequence[Row]],
    readings: Sequence[Annotation] = (),
    *,
    within_groups: bool,
    temperature: Temperature = "keep",
    threshold: float | str | None = None,
    is_reference: bool = False,
) -> Assessment:
    """Score prediction rows beside those of baselines on the same sentences.

    ``within_groups`` says that several models scored the rows, as in cross-validation; ``is_reference`` that the rows are those
    of the baseline that losses are compared with. ``threshold`` is one that is given, ``auto`` or none. Raises InputError.
    """
    raw = predictions_of(rows, task)
    of_baselines = {name: predictions_of(own, task, name) for name, own in baseline_rows.items()}
    reference = raw if is_reference else of_baselines.get(REFERENCE)
    calibration = None if temperature == "none" or is_reference else calibrate(raw)
    if temperature == "keep":
        of_baselines = {name: own if name == REFERENCE else _kept(own, calibrate(own)) for name, own in of_baselines.items()}
    predictions = _kept(raw, calibration) if temperature == "keep" else raw
    return Assessment(
        predictions=predictions,
        evaluation=evaluate(predictions, reference, within_groups=within_groups),
        baselines={name: evaluate(own, reference, within_groups=within_groups) for name, own in of_baselines.items()},
        calibration=calibration,
        may_keep=temperature == "keep",
        abstention=abstain(predictions, threshold),
        readings=reading_scores(readings, predictions),
    )


def on_one_scale(rows: Sequence[Row], assessments: Mapping[str, Assessment]) -> list[dict[str, Any]]:
    """The rows as they are told of: probabilities on the scale of the assessments, and where the model abstains.

    A sentence without a gold label is in no figure, and stands at the model's own temperature.
    """
    import numpy as np

    found = [dict(row) for row in rows]
    for task, own in assessments.items():
        if own.predictions.probs is None:
            continue
        names = [f"{task}_prob_{label}" for label in own.predictions.labels]
        told = _probs_by_row(own.predictions.probs, own.predictions)
        for row in found:
            probs = told.get(_place(row))
            if probs is None:
                probs = tempered(np.array([float(row[name]) for name in names]), own.temperature)
            row |= {name: round(float(prob), 6) for name, prob in zip(names, probs, strict=True)}
            row[f"{task}_abstain"] = own.threshold is not None and float(max(probs)) < own.threshold
    return found


def _kept(predictions: Predictions, calibration: Calibration | None) -> Predictions:
    if calibration is None or not calibration.helps:
        return predictions
    return replace(predictions, probs=calibration.probs_after)


def _probs_by_row(probs: np.ndarray, predictions: Predictions) -> dict[tuple[int, str], np.ndarray]:
    return {
        (seed, sentence_id): layer[at]
        for seed, layer in zip(predictions.seeds, probs, strict=True)
        for at, sentence_id in enumerate(predictions.sentence_ids)
    }


def _place(row: Row) -> tuple[int, str]:
    return int(row.get("seed") or 0), str(row["sentence_id"])
