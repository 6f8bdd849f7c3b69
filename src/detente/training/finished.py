"""The result of a finished run, on disk: what a command that would run it again shows instead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente import places
from detente.dataset import LabelledDataset
from detente.evaluation.tables import score_table, short_names
from detente.training.fitting import encoder_folder
from detente.training.options import TrainOptions, run_key

if TYPE_CHECKING:
    from detente.training.run import TrainingRun

RESULT = "result.json"


@dataclass(frozen=True)
class Result:
    """``macro_f1`` is that of the first task, None where it is not estimable; ``tables`` are those printed, by task."""

    folder: Path
    run_key: str
    run_id: str | None
    split: str
    macro_f1: float | None
    estimate: str
    n_groups: int
    tables: dict[str, list[list[str]]]


def write_result(folder: Path, run: TrainingRun) -> None:
    """Write result.json of a run into a folder."""
    result = result_of(run)
    facts = {name: value for name, value in vars(result).items() if name != "folder"}
    (folder / RESULT).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def result_of(run: TrainingRun) -> Result:
    """What is shown and kept of a run."""
    tables = {}
    for task, evaluation in run.evaluations.items():
        scores = {run.classifier.info.display_name: evaluation, **run.baselines_by_task[task]}
        tables[task] = score_table(scores, short_names(evaluation))
    first = run.evaluation
    return Result(
        run.folder, run.run_key, run.run_id, run.split, first.macro_f1.value, str(first.macro_f1), first.n_groups, tables
    )


def finished_result(dataset: LabelledDataset, options: TrainOptions) -> Result | None:
    """The result of the run with this configuration, data, encoder and code, if it is there. Raises ModelError."""
    key = run_key(options, dataset.digest, encoder_folder(options))
    folder = places.RUNS / key[:16]
    try:
        facts = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        found = Result(folder=folder, **facts)
    except (OSError, ValueError, TypeError):
        return None
    return found if found.run_key == key else None
