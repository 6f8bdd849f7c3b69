"""What a training run tells its recorder: configuration and data at the start, scores and artefacts at the end."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from detente._version import __version__
from detente.dataset import LabelledDataset
from detente.evaluation import Evaluation, metric_values
from detente.evaluation.assessment import Assessment
from detente.evaluation.files import FILES
from detente.evaluation.pictures import confusion_picture
from detente.prediction.columns import example_columns
from detente.tasks import title
from detente.training.options import TrainOptions
from detente.training.recorder import Recorder
from detente.training.scoring import Row

_PACKAGES = ("torch", "transformers", "datasets", "scikit-learn", "hydra-core", "mlflow", "underthesea", "numpy")


def record_start(
    recorder: Recorder, dataset: LabelledDataset, options: TrainOptions, run_key: str, encoder_digest: str
) -> None:
    """The resolved configuration, the data, the encoder, the versions and the commit."""
    digests = {"data_digest": dataset.digest, "encoder_digest": encoder_digest}
    recorder.params({**flat_config(options), **digests, "dataset_version": dataset.version})
    recorder.tags(
        {
            "task": title(options.task),
            "model": options.model.name,
            "text_path": f"{options.text.segmenter}, tone marks {options.text.tone_marks}",
            "dataset_name": dataset.name,
            "run_key": run_key,
            "detente_version": __version__,
            "git_commit": git_commit(),
        }
    )
    recorder.dataset(
        dataset.name, dataset.digest, [example_columns(row, dataset.tasks) for row in dataset.rows], str(dataset.folder)
    )
    recorder.text("config.json", json.dumps(asdict(options), indent=2) + "\n")
    recorder.text("versions.json", json.dumps(package_versions(), indent=2) + "\n")


def record_end(
    recorder: Recorder,
    folder: Path,
    split: str,
    rows: Sequence[Row],
    assessments: Mapping[str, Assessment],
    metrics: Mapping[str, float],
) -> None:
    """Scores, predictions, report and the final model."""
    recorder.tags({"split": split})
    record_scores(recorder, folder, rows, assessments, metrics)
    recorder.model(folder / "model")


def record_scores(
    recorder: Recorder,
    folder: Path,
    rows: Sequence[Row],
    assessments: Mapping[str, Assessment],
    metrics: Mapping[str, float],
) -> None:
    """The scores, the predictions and the report's figures as tables, and the report that lies in ``folder``."""
    recorder.table("predictions.json", {name: [row[name] for row in rows] for name in rows[0]})
    recorder.metrics(metrics)
    for task, own in assessments.items():
        evaluation, suffix = own.evaluation, "" if len(assessments) == 1 else f"-{task}"
        recorder.table(f"by_label{suffix}.json", _label_columns(evaluation))
        recorder.table(f"by_group{suffix}.json", _group_columns(evaluation))
        confusion = {"gold": list(evaluation.labels)}
        confusion |= {label: evaluation.confusion[:, at].tolist() for at, label in enumerate(evaluation.labels)}
        recorder.table(f"confusion{suffix}.json", confusion)
        recorder.picture(f"confusion{suffix}.png", confusion_picture(evaluation, f"{task}, n = {evaluation.n}"))
    for name in FILES:
        recorder.text(name, (folder / name).read_text(encoding="utf-8"))


def run_metrics(assessments: Mapping[str, Assessment], split: str) -> dict[str, float]:
    """All metrics of a run, ``<split>/<metric>``; with several tasks ``<split>/<task>/<metric>``."""
    metrics: dict[str, float] = {}
    for task, own in assessments.items():
        prefix = split if len(assessments) == 1 else f"{split}/{task}"
        metrics |= metric_values(own.evaluation, prefix)
        for name, baseline in own.baselines.items():
            if baseline.macro_f1.value is not None:
                metrics[f"{prefix}/macro_f1_of_{name}"] = baseline.macro_f1.value
        metrics |= {f"{prefix}/{name}": value for name, value in _of_probabilities(own).items() if value is not None}
    return metrics


def _of_probabilities(assessment: Assessment) -> dict[str, float | None]:
    """The temperature that the model keeps, and what its threshold leaves."""
    calibration, abstention = assessment.calibration, assessment.abstention
    found: dict[str, float | None] = {}
    if calibration is not None:
        found["log_loss_calibrated"] = calibration.log_loss_after.value
        found["temperature"] = assessment.temperature if assessment.may_keep else None
    if abstention is not None:
        found["threshold"] = abstention.threshold
        if (answered := abstention.answered) is not None:
            found |= {
                "n_answered": answered.n,
                "macro_f1_answered": answered.macro_f1,
                "accuracy_answered": answered.accuracy,
            }
    return found


def _label_columns(evaluation: Evaluation) -> dict[str, list[Any]]:
    scores = evaluation.by_class
    names = ("precision", "recall", "f1", "n_gold", "n_predicted")
    return {"label": list(scores), **{name: [getattr(score, name) for score in scores.values()] for name in names}}


def _group_columns(evaluation: Evaluation) -> dict[str, list[Any]]:
    scores = evaluation.by_group
    counts = {"n_right": [score.n_right for score in scores], "n": [score.n for score in scores]}
    return {"group": [score.group_id for score in scores], **counts}


def flat_config(options: Any, prefix: str = "") -> dict[str, Any]:
    """Nested options → dotted keys, as on the command line."""
    flat: dict[str, Any] = {}
    for name, value in (options if isinstance(options, dict) else asdict(options)).items():
        flat |= flat_config(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide numbers."""
    versions = {"python": platform.python_version(), "detente": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def git_commit() -> str:
    """The commit of the working directory, with "+changes" where it was not clean; "none" outside a repository."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + ("+changes" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return "none"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True, timeout=10).stdout.strip()
