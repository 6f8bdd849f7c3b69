"""The result of a finished run, on disk: what a command that would run it again shows instead."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detente import places, strict_json
from detente.dataset import LabelledDataset
from detente.digests import sha256_of
from detente.errors import InputError
from detente.evaluation.tables import score_table, short_names
from detente.training.fitting import concrete, encoder_folder
from detente.training.options import TrainOptions, run_key

if TYPE_CHECKING:
    from detente.training.run import TrainingRun

RESULT = "result.json"
PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True)
class Result:
    """``score`` is what a sweep compares, None where it is not estimable, and ``score_name`` says what it is.

    ``estimates`` (macro-F1 with its interval) and ``tables`` are those printed, by task; ``encoder_digest`` tells encoders
    apart wherever they lie. ``predictions_sha256`` is of the predictions beside it; results of older versions have none.
    """

    folder: Path
    run_key: str
    run_id: str | None
    split: str
    data_digest: str
    score: float | None
    score_name: str
    estimates: dict[str, str]
    n_groups: int
    tables: dict[str, list[list[str]]]
    encoder_digest: str = ""
    predictions_sha256: str = ""


def write_result(folder: Path, run: TrainingRun) -> None:
    """Write result.json of a run into a folder that has its predictions already."""
    result = replace(result_of(run), predictions_sha256=sha256_of(folder / PREDICTIONS))
    facts = {name: value for name, value in vars(result).items() if name != "folder"}
    (folder / RESULT).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def result_of(run: TrainingRun) -> Result:
    """What is shown and kept of a run; the score of several tasks is the mean of their macro-F1."""
    tables, estimates = {}, {}
    for task, evaluation in run.evaluations.items():
        scores = {run.classifier.info.display_name: evaluation, **run.baselines_by_task[task]}
        tables[task] = score_table(scores, short_names(evaluation))
        estimates[task] = str(evaluation.macro_f1)
    values = [value for each in run.evaluations.values() if (value := each.macro_f1.value) is not None]
    tasks = list(run.evaluations)
    return Result(
        folder=run.folder,
        run_key=run.run_key,
        run_id=run.run_id,
        split=run.split,
        data_digest=run.classifier.info.data_digest,
        score=sum(values) / len(values) if len(values) == len(tasks) else None,
        score_name=f"{run.split}/macro_f1" if len(tasks) == 1 else f"{run.split}/macro_f1 (mean of {' and '.join(tasks)})",
        estimates=estimates,
        n_groups=run.evaluation.n_groups,
        tables=tables,
        encoder_digest=run.encoder_digest,
    )


def finished_result(dataset: LabelledDataset, options: TrainOptions) -> Result | None:
    """The result of the run with this configuration, data, encoder and code, if it is there. Raises ModelError, InputError."""
    encoder = encoder_folder(options)
    key = run_key(concrete(options, encoder), dataset.digest, encoder, dataset.tasks_named(options.task))
    folder = places.RUNS / key[:16]
    if not (folder / RESULT).is_file():
        return None
    found = read_result(folder)
    return found if found.run_key == key else None


def check_predictions(result: Result) -> None:
    """Raise InputError where the predictions beside a result are not those that were written with it."""
    path = result.folder / PREDICTIONS
    if result.predictions_sha256 and path.is_file() and sha256_of(path) != result.predictions_sha256:
        raise InputError(f"{path}: is not what {RESULT} has the sha256 of: it was changed after it was written")


def read_result(folder: Path) -> Result:
    """The result that lies in a run's folder. Raises InputError."""
    path = folder / RESULT
    facts = {**strict_json.read_object(path), "folder": str(folder)}
    remedy = "Train again with resume=never, or take the folder from where it came once more."
    return strict_json.convert(facts, Result, str(path), remedy=remedy)
