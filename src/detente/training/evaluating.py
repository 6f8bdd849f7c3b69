"""A model that is there already, scored on a dataset it was not trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from detente._version import __version__
from detente.atomic import new_folder
from detente.dataset import LabelledDataset
from detente.dataset.segmented import segment_texts
from detente.dataset.splits import n_left_out
from detente.errors import DatasetError, UsageError, near_miss
from detente.evaluation import explanations, mistakes
from detente.evaluation.assessment import REFERENCE, Assessment, assess
from detente.evaluation.blocks import Report, Section
from detente.evaluation.challenge import check_items
from detente.evaluation.explanations import explain
from detente.evaluation.files import PICTURES, joined, write_report
from detente.evaluation.markdown import markdown
from detente.evaluation.report import RunFacts, task_report
from detente.markers import check_replaceable
from detente.model import Classifier
from detente.model.baselines import BaselineClassifier
from detente.model.classifier import ModelInfo, sentence_hash
from detente.model.lexicon import lexicon_pipeline
from detente.outputs import check_outputs
from detente.prediction.columns import example_columns
from detente.records import Example
from detente.tasks import Task, check_same
from detente.text.actors import read_actors
from detente.training.assessing import BASELINES, baselines_for, insight
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from detente.training.recorder import Recorder
from detente.training.recording import record_scores, run_metrics
from detente.training.rows_table import write_rows
from detente.training.scoring import Row, score_examples

EVALUATIONS = Path("evaluations")
SEEN = ("refuse", "leave-out")
N_EXPLAINED = 3


@dataclass(frozen=True)
class ModelEvaluation:
    """``folder`` holds report.html, .md and .json with pictures/ and predictions.parquet; ``report`` is the Markdown.

    ``n_seen`` rows were left out because the model was trained on them.
    """

    folder: Path
    split: str
    assessments: Mapping[str, Assessment]
    rows: tuple[Row, ...] = field(repr=False)
    n_seen: int
    report: str = field(repr=False)


def evaluate_model(
    classifier: Classifier,
    dataset: LabelledDataset,
    split: str = "test",
    *,
    seen: str = "refuse",
    out: Path | None = None,
    challenge_file: Path | None = None,
) -> ModelEvaluation:
    """Score a model on a split of a dataset, beside baselines fitted on its train split where that is another one.

    Of a model of several tasks those are scored that the dataset has labels of. Rows that the model was trained on, by their
    fingerprints, are refused; ``seen="leave-out"`` scores the others. ``challenge_file`` takes the place of the seeds'.
    Written to ``out`` (default evaluations/<model>-<dataset>-<split>), whole or not at all. Raises DatasetError, UsageError,
    InputError.
    """
    info = classifier.info
    folder = evaluation_folder(info, dataset, split, out)
    tasks = shared_tasks(info, dataset)
    if challenge_file is not None:
        check_items(challenge_file, tasks)
    kept, n_seen = scored_rows(info, dataset, split, seen)
    rows = score_examples(classifier, kept, fold=None, seed=0, actors=read_actors())
    assessments = {
        task.name: assess(
            rows,
            task,
            _baseline_rows(classifier, dataset, split, kept, task),
            dataset.readings,
            within_groups=False,
            temperature="check",
            threshold=info.threshold.get(task.name),
            is_reference=info.kind == REFERENCE,
        )
        for task in tasks
    }
    report = joined(
        [_report(classifier, dataset, split, task, assessments[task.name], rows, n_seen, challenge_file) for task in tasks]
    )
    metrics = run_metrics(assessments, split)
    with new_folder(folder, "evaluation") as temporary:
        write_report(report, metrics, temporary)
        write_rows(rows, temporary / "predictions.parquet")
    return ModelEvaluation(folder, split, assessments, tuple(rows), n_seen, markdown(report, PICTURES))


def shared_tasks(info: ModelInfo, dataset: LabelledDataset) -> tuple[Task, ...]:
    """The tasks of a model that a dataset has labels of. Raises DatasetError for none, or where their labels differ."""
    tasks = tuple(dataset.tasks[name] for name in info.tasks if name in dataset.tasks)
    if not tasks:
        raise DatasetError(
            f"{dataset.folder}: has labels of {', '.join(dataset.tasks)}, and the model is one of {', '.join(info.tasks)}; "
            "expected a dataset with labels of a task of the model's."
        )
    for task in tasks:
        check_same(task, str(dataset.folder), info.tasks[task.name], f"the model {info.display_name}", error=DatasetError)
    return tasks


def evaluation_folder(
    info: ModelInfo,
    dataset: LabelledDataset,
    split: str,
    out: Path | None = None,
    model: Path | None = None,
    challenge_file: Path | None = None,
) -> Path:
    """Where an evaluation is written. Raises UsageError or InputError where that would overwrite anything but an evaluation."""
    folder = out or EVALUATIONS / f"{info.run_key[:16] or info.name}-{dataset.name}-{split}"
    check_outputs([dataset.folder, model, challenge_file], folders=[folder])
    check_replaceable(folder, "evaluation")
    return folder


def scored_rows(info: ModelInfo, dataset: LabelledDataset, split: str, seen: str = "refuse") -> tuple[list[Example], int]:
    """The rows of a split that a model is scored on, and how many it was trained on; no model has to be loaded for it.

    Raises UsageError for another ``seen`` than ``refuse`` and ``leave-out``, DatasetError for no such split, or no row left.
    """
    if seen not in SEEN:
        raise UsageError(f"seen: expected {' or '.join(SEEN)}, got '{seen}'.{near_miss(seen, SEEN)}")
    rows = {row.sentence_id: row for task in shared_tasks(info, dataset) for row in dataset.labelled(task.name, split)}
    known = {row.sentence_id for row in rows.values() if sentence_hash(row.text) in info.training_hashes}
    _check_seen(rows, known, dataset, split, seen)
    return [row for row in rows.values() if row.sentence_id not in known], len(known)


def record_evaluation(recorder: Recorder, result: ModelEvaluation, dataset: LabelledDataset) -> None:
    """Tell a recorder what was scored, on what, and how it went."""
    scored = {row["sentence_id"] for row in result.rows}
    rows = [example_columns(row, dataset.tasks) for row in dataset.splits[result.split] if row.sentence_id in scored]
    recorder.dataset(dataset.name, dataset.digest, rows, str(dataset.folder))
    record_scores(recorder, result.folder, result.rows, result.assessments, run_metrics(result.assessments, result.split))


def _check_seen(rows: Mapping[str, Example], known: set[str], dataset: LabelledDataset, split: str, seen: str) -> None:
    if known and seen == "refuse":
        first = rows[min(known)]
        others = [name for name in dataset.splits if name != split]
        remedy = f"Choose another split ({', '.join(others)}), or" if others else "Choose a dataset it has not seen, or"
        raise DatasetError(
            f"{dataset.folder}, split {split}: the model was trained on {len(known)} of its {len(rows)} sentences, first "
            f"{first.sentence_id}: {first.text!r}. A score on them says nothing. {remedy} score the rest: --seen leave-out"
        )
    if len(known) == len(rows):
        raise DatasetError(f"{dataset.folder}, split {split}: no labelled sentence is left that the model was not trained on.")


def _baseline_rows(
    classifier: Classifier, dataset: LabelledDataset, split: str, kept: Sequence[Example], task: Task
) -> dict[str, list[Row]]:
    """Baselines on the same rows, fitted on train; where there is no other split of that name, those that need no fit."""
    rows = [row for row in kept if row.label(task.name) is not None]
    training = dataset.labelled(task.name) if split != "train" and "train" in dataset.splits else []
    if not training:
        return _unfitted_rows(classifier, rows, task)
    segmented = segment_texts([row.text for row in training], classifier.text_path)
    found = {}
    for name in baselines_for(task, classifier.info.kind):
        options = TrainOptions(task=task.name, model=BASELINES[name])
        own = fit(training, options, tasks=[task], seed=0, encoder=None, segmented=segmented)
        found[name] = score_examples(own, rows, fold=None, seed=0)
    return found


def _unfitted_rows(classifier: Classifier, rows: Sequence[Example], task: Task) -> dict[str, list[Row]]:
    """Keywords, and the label shares that the model itself was trained on."""
    info, name, found = classifier.info, task.name, {}
    if "lexicon" in baselines_for(task, info.kind):
        of_task = replace(info, tasks={name: task.labels}, ordered=(), poles=None)
        keywords = BaselineClassifier(lexicon_pipeline(task.labels).fit([""], [""]), classifier.text_path, of_task)
        found["lexicon"] = score_examples(keywords, rows, fold=None, seed=0)
    counts = info.label_counts.get(name, {})
    if sum(counts.values()) and info.kind != REFERENCE:
        probs = {f"{name}_prob_{label}": n / sum(counts.values()) for label, n in counts.items()}
        most = max(counts, key=lambda label: counts[label])
        found[REFERENCE] = [{**example_columns(row, [name]), **probs, f"{name}_pred": most} for row in rows]
    return found


def _report(
    classifier: Classifier,
    dataset: LabelledDataset,
    split: str,
    task: Task,
    assessment: Assessment,
    rows: Sequence[Row],
    n_seen: int,
    challenge_file: Path | None,
) -> Report:
    info = classifier.info
    notes = [
        f"{n_seen} sentences were left out because the model was trained on them."
        if n_seen
        else "The model was trained on none of these sentences, by their fingerprints; near-copies of its training sentences "
        "in another dataset cannot be told from fingerprints."
    ]
    if "tfidf" not in assessment.baselines and info.kind != "tfidf":
        notes.append("The dataset has no train split apart from this one, so TF-IDF was not scored beside the model.")
    facts = RunFacts(
        model=info.display_name,
        untrained=info.untrained,
        licence=info.licence,
        task=task.name,
        dataset=dataset.name,
        dataset_version=dataset.version,
        digest=dataset.digest,
        run_key=info.run_key,
        version=__version__,
        split=f"the split {split}",
        n_left_out=0 if dataset.n_folds else n_left_out(dataset.dropped_pairs),
        n_truncated=sum(row["truncated"] for row in rows if row[task.name] is not None),
        n_texts=assessment.evaluation.n,
        seeds=(0,),
        temperature=info.temperature.get(task.name, 1.0),
        notes=tuple(notes),
    )
    return task_report(
        facts, assessment, [*insight(rows, task, classifier, challenge_file), *_explained(classifier, rows, task)]
    )


def _explained(classifier: Classifier, rows: Sequence[Row], task: Task) -> list[Section]:
    """The worst mistakes word by word: this model made them."""
    worst = mistakes.mistakes(rows, task, N_EXPLAINED)
    found = [explain(classifier, mistake.text, task.name) for mistake in worst]
    return [explanations.section(found, "The worst mistakes, word by word")] if found else []
