"""The whole training run: score by cross-validation or on a held-out split, fit the final model, write and record all of it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from detente import places
from detente._version import __version__
from detente.atomic import new_folder
from detente.dataset import LabelledDataset
from detente.dataset.folder import check_apart
from detente.evaluation import Evaluation, metric_values
from detente.evaluation.pictures import confusion_picture
from detente.evaluation.report import RunFacts, run_report
from detente.model import Classifier, save_model
from detente.model.folder import with_info
from detente.model.options import ModelOptions
from detente.prediction.columns import example_columns, prediction_columns
from detente.training.card import model_card
from detente.training.crossvalidation import Row, cross_validate, evaluate_rows
from detente.training.fitting import encoder_folder, fit
from detente.training.options import TrainOptions, check_options, run_key
from detente.training.recorder import NullRecorder, Recorder

BASELINES = {
    "tfidf": ModelOptions(name="tfidf", kind="tfidf"),
    "majority": ModelOptions(name="majority", kind="majority"),
}
"""Computed beside every run, so that no score stands alone."""

_PACKAGES = ("torch", "transformers", "datasets", "scikit-learn", "hydra-core", "mlflow", "underthesea", "numpy")


@dataclass(frozen=True)
class TrainingRun:
    """What a run left behind. ``folder`` holds model/, report.md, predictions.parquet and config.json."""

    classifier: Classifier
    folder: Path
    run_key: str
    run_id: str | None
    split: str
    evaluation: Evaluation
    baselines: Mapping[str, Evaluation]
    report: str

    @property
    def model_folder(self) -> Path:
        """The final model's folder."""
        return self.folder / "model"


def train(
    dataset: LabelledDataset,
    options: TrainOptions | None = None,
    *,
    recorder: Recorder | None = None,
    out: Path | None = None,
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> TrainingRun:
    """Score the configured model, fit it on all the training data, and write it to ``out`` (default runs/<run_key>).

    A dataset with folds is cross-validated and the final model sees all rows; one with held-out splits is fitted on train and
    scored on validation. The folder appears whole or not at all. Raises ConfigError, DatasetError, ModelError, TrainingError.
    """
    options, recorder = options or TrainOptions(), recorder or NullRecorder()
    check_options(options)
    encoder = encoder_folder(options)
    key = run_key(options, dataset.digest, encoder)
    task = options.task.name
    _record_start(recorder, dataset, options, key)
    with _bar(options, dataset, progress) as bar:
        if dataset.n_folds:
            split = "oof"
            scored = cross_validate(dataset, options, encoder=encoder, recorder=recorder, progress=bar, say=say)
            rows, evaluation, n_left_out = scored.rows, scored.evaluation, scored.n_left_out
            final = dataset.labelled(task)
            classifier = _fit_final(final, options, encoder, dataset, key, recorder, bar)
        else:
            split = "validation"
            final, held_out = dataset.labelled(task, "train"), dataset.labelled(task, "validation")
            check_apart(final, held_out)
            n_left_out = len(dataset.dropped_pairs)
            classifier = _fit_final(final, options, encoder, dataset, key, recorder, bar)
            rows = score_examples(classifier, held_out, seed=options.seed)
            evaluation = evaluate_rows(rows, task)
    baselines = _baselines(dataset, options, split)
    facts = RunFacts(
        model=classifier.info.display_name,
        untrained=classifier.info.untrained,
        licence=classifier.info.licence,
        task=task,
        dataset=dataset.name,
        dataset_version=dataset.version,
        digest=dataset.digest,
        run_key=key,
        version=__version__,
        split={"oof": "out-of-fold predictions", "validation": "the validation split"}[split],
        n_left_out=n_left_out,
        n_truncated=sum(row["truncated"] for row in rows if row["seed"] == options.seed),
        n_texts=evaluation.n,
        seeds=options.seeds,
    )
    report = run_report(facts, evaluation, baselines)
    folder = out or places.RUNS / key[:16]
    with new_folder(folder) as temporary:
        save_model(classifier, temporary / "model", model_card(classifier.info, facts, evaluation, baselines))
        (temporary / "report.md").write_text(report, encoding="utf-8")
        (temporary / "config.json").write_text(json.dumps(asdict(options), indent=2) + "\n", encoding="utf-8")
        _write_table(rows, temporary / "predictions.parquet")
    _record_end(recorder, folder, split, rows, evaluation, baselines, report)
    return TrainingRun(classifier, folder, key, recorder.run_id, split, evaluation, baselines, report)


def score_examples(classifier: Classifier, examples: Sequence[Any], *, seed: int) -> tuple[Row, ...]:
    """Prediction rows of labelled sentences."""
    columns = prediction_columns(classifier.info, classifier.score([row.text for row in examples]))
    return tuple(
        {**example_columns(row), **{name: values[at] for name, values in columns.items()}, "fold": None, "seed": seed}
        for at, row in enumerate(examples)
    )


def flat_config(options: Any, prefix: str = "") -> dict[str, Any]:
    """Nested options → dotted keys, as on the command line."""
    flat: dict[str, Any] = {}
    for name, value in (options if isinstance(options, dict) else asdict(options)).items():
        flat |= flat_config(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _fit_final(
    examples: Sequence[Any],
    options: TrainOptions,
    encoder: Path | None,
    dataset: LabelledDataset,
    key: str,
    recorder: Recorder,
    bar: Any,
) -> Classifier:
    def on_epoch(epoch: int, loss: float) -> None:
        recorder.metrics({"train/loss": loss}, step=epoch)
        bar.update()

    classifier = fit(examples, options, seed=options.seed, encoder=encoder, data_digest=dataset.digest, on_epoch=on_epoch)
    return with_info(classifier, run_key=key)


def _baselines(dataset: LabelledDataset, options: TrainOptions, split: str) -> dict[str, Evaluation]:
    found = {}
    for name, model in BASELINES.items():
        if name == options.model.kind:
            continue
        own = replace(options, model=model, repeats=1)
        if split == "oof":
            found[name] = cross_validate(dataset, own).evaluation
        else:
            classifier = fit(dataset.labelled(own.task.name, "train"), own, seed=own.seed, encoder=None)
            rows = score_examples(classifier, dataset.labelled(own.task.name, "validation"), seed=own.seed)
            found[name] = evaluate_rows(rows, own.task.name)
    return found


def _bar(options: TrainOptions, dataset: LabelledDataset, show: bool) -> Any:
    from tqdm import tqdm

    fits = dataset.n_folds * options.repeats + 1 if options.model.kind == "encoder" else 0
    total = fits * options.training.epochs
    # None: no bar where stderr is a file.
    disable = None if show and total else True
    return tqdm(total=total, unit="epoch", desc=options.model.name, file=sys.stderr, disable=disable, leave=False)


def _record_start(recorder: Recorder, dataset: LabelledDataset, options: TrainOptions, key: str) -> None:
    recorder.params({**flat_config(options), "data_digest": dataset.digest, "dataset_version": dataset.version})
    recorder.tags(
        {
            "task": options.task.name,
            "model": options.model.name,
            "text_path": f"{options.text.segmenter}, tone marks {options.text.tone_marks}",
            "dataset": dataset.name,
            "run_key": key,
            "detente_version": __version__,
            "git_commit": git_commit(),
        }
    )
    recorder.dataset(dataset.name, dataset.digest, [example_columns(row) for row in dataset.rows], str(dataset.folder))
    recorder.text("config.json", json.dumps(asdict(options), indent=2) + "\n")
    recorder.text("versions.json", json.dumps(package_versions(), indent=2) + "\n")


def _record_end(
    recorder: Recorder,
    folder: Path,
    split: str,
    rows: Sequence[Row],
    evaluation: Evaluation,
    baselines: Mapping[str, Evaluation],
    report: str,
) -> None:
    metrics = metric_values(evaluation, split)
    for name, baseline in baselines.items():
        if baseline.macro_f1.value is not None:
            metrics[f"{split}/macro_f1_of_{name}"] = baseline.macro_f1.value
    recorder.metrics(metrics)
    recorder.table("predictions.json", {name: [row[name] for row in rows] for name in rows[0]})
    confusion = {"gold": list(evaluation.labels)}
    confusion |= {label: evaluation.confusion[:, at].tolist() for at, label in enumerate(evaluation.labels)}
    recorder.table("confusion.json", confusion)
    recorder.picture("confusion.png", confusion_picture(evaluation, f"{evaluation.task}, n = {evaluation.n}"))
    recorder.text("report.md", report)
    recorder.model(folder / "model")


def _write_table(rows: Sequence[Row], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(list(rows)), path)


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
        commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True, timeout=10)
        status = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "none"
    return commit.stdout.strip() + ("+changes" if status.stdout.strip() else "")
