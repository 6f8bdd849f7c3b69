"""`detente train`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente import places
from detente.cli import say
from detente.cli.hydra_app import SETTINGS, VALUES, argument, group_help, run_hydra
from detente.cli.sweeps import in_sweep, leave_note, read_notes
from detente.cli.tables import print_table

if TYPE_CHECKING:
    from detente.config import TrainConfig
    from detente.dataset import LabelledDataset
    from detente.tracking.options import TrackingOptions
    from detente.training import TrainingRun
    from detente.training.finished import Result

_GROUPS = group_help("train")
_SCORE = "score"
"""The kind of note that a job of a sweep leaves."""


@click.command(
    "train",
    short_help="Fit, score and record one model, or a sweep of them.",
    context_settings=SETTINGS,
    epilog=f"{VALUES}\n\n\b\nConfig groups:\n{_GROUPS}\n\n`--cfg job` prints all keys.",
)
@argument
def command(overrides: tuple[str, ...]) -> None:
    """Fit and score one model; KEY=VALUE sets a config group or a key, `-m` sweeps over a,b,c.

    A run that was cut goes on where it stopped, and one that is finished is not run again (resume=never starts anew). Below
    training.threshold (null, a probability, or auto: chosen on the run's own predictions) the model abstains.

    \b
    Example:
      detente train task=sentiment
      detente train dataset=datasets/mine model=phobert_base training=finetune
      detente train model=phobert_base model.path=FOLDER training=finetune training.epochs=5 seed=0 repeats=5
      detente train model=tfidf training.threshold=auto
      detente train -m model=majority,tfidf,mini task=stance,sentiment
      torchrun --nproc_per_node=2 -m detente train training=finetune_small
    """
    from detente.errors import UsageError
    from detente.training import distributed

    if distributed.launched() and any(flag in overrides for flag in ("-m", "--multirun")):
        raise UsageError("a sweep under torchrun: start the jobs one by one, or sweep without torchrun.")
    distributed.start()
    run_hydra("train", overrides, run, _check, prepare=_prepare, after=_mark_best)
    distributed.leave()


def _check(options: TrainConfig) -> None:
    """What is wrong with the options, the task too, before a dataset is built or read whole."""
    from detente.dataset.manifest import read_manifest
    from detente.tasks import known_names, task_names, tasks_named
    from detente.training.options import check_options

    check_options(options)
    there = read_manifest(Path(options.dataset)).tasks if options.dataset else {}
    if any(name not in there and name not in known_names() for name in task_names(options.task)):
        tasks_named(options.task)  # which says what tasks there are


def run(options: TrainConfig) -> float | None:
    """One training run: the table on stdout, the paths on stderr; returns macro-F1, of a joint run the mean over its tasks."""
    from detente.tracking import register
    from detente.training import distributed
    from detente.training.finished import result_of
    from detente.training.planning import in_order

    if not distributed.is_main():
        distributed.wait()  # the first process builds the dataset, where it is absent
    dataset = open_dataset(options.dataset)
    if distributed.is_main():
        distributed.wait()
    options = in_order(dataset, options)
    found = _finished(dataset, options) if distributed.is_main() else None
    if found:
        say(f"skipped: this run is finished (run key {found.run_key[:16]}); resume=never runs it again")
        register(_tracking(options), found.run_id, say)
    if distributed.sum_of(float(found is not None)):  # the first process has looked for all
        return _show(options, found) if found else None
    result = result_of(_train(dataset, options))
    return _show(options, result) if distributed.is_main() else result.score


def _finished(dataset: LabelledDataset, options: TrainConfig) -> Result | None:
    """What this very run came to, if it was finished before and the store knows of it."""
    from detente.tracking import is_finished
    from detente.training.finished import finished_result

    found = finished_result(dataset, options) if options.resume == "auto" else None
    return found if found and is_finished(options.tracking, found.run_id) else None


def _train(dataset: LabelledDataset, options: TrainConfig) -> TrainingRun:
    from detente.tracking import mlflow_run
    from detente.training import distributed, left_open, run_name, train

    if not distributed.is_main():
        return train(dataset, options)
    unfinished = left_open(dataset, options)  # which also checks the run, so that none is recorded that cannot be
    resume = unfinished if options.resume == "auto" else None
    try:
        with mlflow_run(_tracking(options), run_name(options), resume, say) as recorder:
            return train(dataset, options, recorder=recorder, progress=True, say=say)
    except KeyboardInterrupt:
        if left_open(dataset, options):
            say("stopped: the same command goes on from here")
        raise


def _tracking(options: TrainConfig) -> TrackingOptions:
    """Of a sweep the best run alone is registered, at its end."""
    return replace(options.tracking, register="") if in_sweep() else options.tracking


def _show(options: TrainConfig, result: Result) -> float | None:
    from detente.evaluation.tables import smoke_test_line
    from detente.tasks import title

    for task, table in result.tables.items():
        if len(result.tables) > 1:
            print(task)
        print_table(table)
    for task, estimate in result.estimates.items():
        say(f"{task}: macro-F1 {estimate}")
    if result.n_groups < 30:
        say(smoke_test_line(result.n_groups))
    say(f"model:  {result.folder / 'model'}\nreport: {result.folder / 'report.html'}")
    if result.run_id:
        say(f"run:    {result.run_id}")
    if result.score is not None:
        same = (title(options.task), result.split, result.data_digest)
        folder, tracking = str(result.folder), asdict(options.tracking)
        leave_note(_SCORE, _Scored(result.score, result.score_name, same, result.run_id, folder, tracking))
    return result.score


def _prepare(options: TrainConfig) -> None:
    """What the jobs of a sweep would otherwise make at the same moment: the tracking database, and the seeds' dataset."""
    from detente.tracking import open_experiment

    open_experiment(options.tracking)
    open_dataset(options.dataset)


@dataclass(frozen=True, slots=True)
class _Scored:
    """The note that a job of a sweep leaves: its score, what it compares with (task, split, data), and where the run is."""

    score: float
    metric: str
    same: tuple[str, ...]
    run_id: str | None
    folder: str
    tracking: dict[str, Any]


def _mark_best() -> None:
    """Say which run of a sweep was best, of each task and dataset (other scores do not compare), and mark it in the store."""
    from detente.errors import TrackingError
    from detente.tracking import mark_best, register
    from detente.tracking.options import TrackingOptions

    comparable: dict[tuple[str, ...], dict[str, _Scored]] = {}
    for note in read_notes(_SCORE, _Scored):
        comparable.setdefault(note.same, {})[note.folder] = note  # one run, however many jobs led to it
    for (task, *_), found in sorted(comparable.items()):
        best = max((found[folder] for folder in sorted(found)), key=lambda note: note.score)
        reason = f"highest {best.metric} of {len(found)} {task} runs: {best.score:.4f}"
        name, tracking = best.run_id or best.folder, TrackingOptions(**best.tracking)
        say(f"best of the sweep: {name} ({reason}); chosen on the very scores it is reported with, so it is too good")
        try:
            mark_best(tracking, best.run_id, reason)
            register(tracking, best.run_id, say)
        except TrackingError as error:
            say(
                f"it is not marked as the best: {error} All results are kept; the same command marks it and runs nothing again."
            )


def open_dataset(folder: str) -> LabelledDataset:
    """The dataset asked for; the seeds', built if absent, where none is named."""
    from detente.dataset import build_dataset, read_dataset

    if folder:
        return read_dataset(Path(folder))
    seeds = places.DATASETS / "seeds"
    return read_dataset(seeds) if (seeds / "manifest.json").is_file() else build_dataset(say=say)
