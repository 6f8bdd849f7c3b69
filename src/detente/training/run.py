"""The whole training run: score by cross-validation or on a held-out split, fit the final model, write and record all of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente._version import __version__
from detente.atomic import new_folder
from detente.dataset import LabelledDataset
from detente.dataset.folder import check_apart
from detente.dataset.segmented import Segmented, segment_texts
from detente.dataset.splits import n_left_out
from detente.evaluation import Evaluation
from detente.evaluation.abstention import threshold_line
from detente.evaluation.assessment import Assessment, on_one_scale
from detente.evaluation.files import PICTURES, joined, write_report
from detente.evaluation.markdown import markdown
from detente.evaluation.report import RunFacts, task_report
from detente.model import Classifier, save_model
from detente.model.encoder_config import encoder_config
from detente.model.families import family_of, load_tokenizer
from detente.model.folder import with_info
from detente.model.vocabulary_fit import vocabulary_fit
from detente.records import Example
from detente.tasks import Task
from detente.text import TextPath
from detente.text.actors import read_actors
from detente.training import distributed
from detente.training.assessing import assess_rows, insight
from detente.training.card import model_card
from detente.training.crossvalidation import cross_validate
from detente.training.finished import PREDICTIONS, write_result
from detente.training.fitting import fit
from detente.training.fitwatch import FitWatch
from detente.training.options import TrainOptions, encoder_digest
from detente.training.planning import plan_run
from detente.training.recorder import NullRecorder, Recorder
from detente.training.recording import record_end, record_start, run_metrics
from detente.training.rows_table import write_rows
from detente.training.scoring import Row, score_examples
from detente.training.starting import said_of_head, seen_before
from detente.training.unfinished import Unfinished

FINAL = "final model"
SPLITS = {"oof": "out-of-fold predictions", "validation": "the validation split"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class TrainingRun:
    """What a run left behind, its scores beside those of baselines by task; ``report`` is Markdown.

    ``folder`` holds model/, report.html, .md and .json with pictures/, result.json, predictions.parquet and config.json.
    """

    classifier: Classifier
    folder: Path
    run_key: str
    run_id: str | None
    split: str
    assessments: Mapping[str, Assessment]
    report: str
    encoder_digest: str = ""

    @property
    def model_folder(self) -> Path:
        """The final model's folder."""
        return self.folder / "model"

    @property
    def evaluations(self) -> dict[str, Evaluation]:
        """The scores by task."""
        return {task: own.evaluation for task, own in self.assessments.items()}

    @property
    def baselines_by_task(self) -> dict[str, Mapping[str, Evaluation]]:
        """The baselines' scores by task."""
        return {task: own.baselines for task, own in self.assessments.items()}

    @property
    def evaluation(self) -> Evaluation:
        """The scores of the first task."""
        return next(iter(self.evaluations.values()))

    @property
    def baselines(self) -> Mapping[str, Evaluation]:
        """The baselines' scores in the first task."""
        return next(iter(self.baselines_by_task.values()))


@dataclass(frozen=True)
class _Work:
    """What all steps of a run share."""

    dataset: LabelledDataset
    tasks: tuple[Task, ...]
    options: TrainOptions
    encoder: Path | None
    encoder_digest: str
    key: str
    segmented: Segmented
    recorder: Recorder
    watch: FitWatch
    say: Say


@dataclass(frozen=True)
class _Scored:
    """The final model, and the rows that the configuration is scored on."""

    split: str
    rows: list[Row]
    n_left_out: int
    classifier: Classifier


def train(
    dataset: LabelledDataset,
    options: TrainOptions | None = None,
    *,
    recorder: Recorder | None = None,
    out: Path | None = None,
    progress: bool = False,
    say: Say = lambda line: None,
) -> TrainingRun:
    """Score the configured model, fit it on all the training data, and write it to ``out`` (default runs/<run_key>).

    A dataset with folds is cross-validated and the final model sees all rows; one with held-out splits is fitted on train and
    scored on validation, for every random seed; the final model is the first seed's. The folder appears whole or not at all.
    A run that was cut goes on where it stopped, unless ``options.resume`` is ``never``. Raises ConfigError, DatasetError,
    ModelError, TrainingError; InputError or UsageError where ``out`` would overwrite anything but a run.
    """
    options, recorder = options or TrainOptions(), recorder or NullRecorder()
    plan = plan_run(dataset, options, out)
    options, tasks, encoder, key, unfinished = plan.options, plan.tasks, plan.encoder, plan.key, plan.unfinished
    with unfinished.locked():
        if options.resume == "never":
            unfinished.remove()
        unfinished.keep_run_id(recorder.run_id)
        of_encoder = encoder_digest(encoder)
        record_start(recorder, dataset, options, key, of_encoder)
        text_path = TextPath.from_options(options.text)
        segmented = segment_texts([row.text for row in dataset.labelled([task.name for task in tasks])], text_path)
        for note in _notes(options):
            say(note)
        if encoder is not None:
            _say_encoder(encoder, options, tasks, text_path, segmented, say)
            if warning := seen_before(encoder, _scored_on(dataset, tasks)):
                say(f"note: {warning}")
        watch = _watch(dataset, options, unfinished, progress)
        try:
            work = _Work(dataset, tasks, options, encoder, of_encoder, key, segmented, recorder, watch, say)
            scored = _cross_validated(work) if dataset.n_folds else _held_out(work)
        finally:
            watch.close()
        run = _finish(work, scored, plan.folder)
        unfinished.remove()
    if watch.cut_short:
        say(f"training.max_minutes={options.training.max_minutes:g} cut short: {', '.join(watch.cut_short)}; see the report")
    distributed.wait()
    return run


def _notes(options: TrainOptions) -> list[str]:
    if options.stepwise or options.repeats == 1:
        return []
    what = "a probe" if options.model.kind == "encoder" else options.model.kind
    return [
        f"Chance has no part in {what}: the {options.repeats} repeats are one and the same, and their sd of 0 says nothing."
    ]


def _watch(dataset: LabelledDataset, options: TrainOptions, unfinished: Unfinished, progress: bool) -> FitWatch:
    return FitWatch(
        unfinished,
        n_fits=dataset.n_folds * options.repeats + 1 if dataset.n_folds else options.repeats,
        epochs=options.training.epochs if options.stepwise else 0,
        max_minutes=options.training.max_minutes,
        title=options.model.name,
        show=progress and distributed.is_main(),
    )


def _cross_validated(work: _Work) -> _Scored:
    scored = cross_validate(
        work.dataset,
        work.options,
        recorder=work.recorder,
        segmented=work.segmented,
        watch=work.watch,
        actors=read_actors(),
        say=work.say,
    )
    classifier = _fit_final(work, work.dataset.labelled([task.name for task in work.tasks]))
    return _Scored("oof", list(scored.rows), scored.n_left_out, classifier)


def _held_out(work: _Work) -> _Scored:
    options, names = work.options, [task.name for task in work.tasks]
    training, held_out = work.dataset.labelled(names, "train"), work.dataset.labelled(names, "validation")
    check_apart(training, held_out)
    classifier = _fit_final(work, training)
    rows = score_examples(classifier, held_out, fold=None, seed=options.seed, actors=read_actors())
    for seed in options.seeds[1:]:
        name = f"seed {seed}"
        found = work.watch.unfinished.rows(name)
        if found is None:
            with work.recorder.child(name) as child:
                hooks = work.watch.hooks(name, child, work.say)
                other = fit(
                    training, options, tasks=work.tasks, seed=seed, encoder=work.encoder, segmented=work.segmented, hooks=hooks
                )
            found = score_examples(other, held_out, fold=None, seed=seed, actors=read_actors())
            work.watch.unfinished.keep(name, found)
        else:
            work.watch.skip()
        rows += found
    return _Scored("validation", rows, n_left_out(work.dataset.dropped_pairs), classifier)


def _fit_final(work: _Work, examples: Sequence[Any]) -> Classifier:
    started = time.monotonic()
    classifier = fit(
        examples,
        work.options,
        tasks=work.tasks,
        seed=work.options.seed,
        encoder=work.encoder,
        segmented=work.segmented,
        data_digest=work.dataset.digest,
        hooks=work.watch.hooks(FINAL, work.recorder, work.say),
    )
    work.say(f"{FINAL}: trained on {len(examples)} ({time.monotonic() - started:.1f} s)")
    return with_info(classifier, run_key=work.key)


def _finish(work: _Work, scored: _Scored, folder: Path) -> TrainingRun:
    """Score, write the run's folder, and record it."""
    options, recorder = work.options, work.recorder
    assessments = {
        task.name: assess_rows(scored.rows, task, work.dataset, options, scored.split, work.segmented) for task in work.tasks
    }
    rows = on_one_scale(scored.rows, assessments)
    classifier = with_info(
        scored.classifier,
        temperature={task: own.temperature for task, own in assessments.items()},
        threshold={task: own.threshold for task, own in assessments.items()},
    )
    facts = {task: _facts(work, scored, task, own.evaluation.n) for task, own in assessments.items()}
    sections = {task.name: insight(rows, task, classifier) for task in work.tasks}
    report = joined([task_report(facts[task], own, sections[task]) for task, own in assessments.items()])
    run = TrainingRun(
        classifier,
        folder,
        work.key,
        recorder.run_id,
        scored.split,
        assessments,
        markdown(report, PICTURES),
        work.encoder_digest,
    )
    if not distributed.is_main():
        return run
    metrics = run_metrics(assessments, scored.split)
    with new_folder(folder, "run") as temporary:
        card = model_card(classifier.info, work.tasks, next(iter(facts.values())), run.evaluations, run.baselines_by_task)
        save_model(classifier, temporary / "model", card)
        write_report(report, metrics, temporary)
        (temporary / "config.json").write_text(json.dumps(asdict(options), indent=2) + "\n", encoding="utf-8")
        write_rows(rows, temporary / PREDICTIONS)
        write_result(temporary, run)
    for task, own in assessments.items():
        if (line := threshold_line(own.abstention)) is not None:
            work.say(f"{task}: {line}")
    record_end(recorder, folder, scored.split, rows, assessments, metrics)
    return run


def _facts(work: _Work, scored: _Scored, task: str, n: int) -> RunFacts:
    info, options = scored.classifier.info, work.options
    limit = f"training.max_minutes={options.training.max_minutes:g}"
    seen = seen_before(work.encoder, _scored_on(work.dataset, work.tasks))
    notes = [*_notes(options), *([seen] if seen else []), *(f"{name} was stopped by {limit}." for name in work.watch.cut_short)]
    return RunFacts(
        model=info.display_name,
        untrained=info.untrained,
        licence=info.licence,
        task=task,
        dataset=work.dataset.name,
        dataset_version=work.dataset.version,
        digest=work.dataset.digest,
        run_key=work.key,
        version=__version__,
        split=SPLITS[scored.split],
        n_left_out=scored.n_left_out,
        n_truncated=sum(row["truncated"] for row in scored.rows if row["seed"] == options.seed and row[task] is not None),
        n_texts=n,
        seeds=options.seeds,
        notes=tuple(notes),
    )


def _scored_on(dataset: LabelledDataset, tasks: Sequence[Task]) -> list[Example]:
    names = [task.name for task in tasks]
    return dataset.labelled(names) if dataset.n_folds else dataset.labelled(names, "validation")


def _say_encoder(
    encoder: Path, options: TrainOptions, tasks: Sequence[Task], text_path: TextPath, segmented: Segmented, say: Say
) -> None:
    """What was taken for what, and whether the vocabulary is made for such text."""
    name = options.model.name
    kind = encoder_config(encoder).architecture.model_type
    text = "raw text" if text_path.segmenter == "raw" else f"text segmented by {text_path.segmenter}"
    say(
        f"{name}: {family_of(encoder).described} ({kind}); {text}, tone marks {text_path.tone_marks}, cut at "
        f"{text_path.max_tokens:,} tokens"
    )
    if head := said_of_head(encoder, options, tasks):
        say(f"{name}: {head}")
    tokenizer = load_tokenizer(encoder)
    for line in vocabulary_fit(tokenizer, text_path, list(segmented.values())).lines(name):
        say(line)
