"""Cross-validation over groups: every group held out once, its sentences scored by a model that saw no copy of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente.dataset import LabelledDataset
from detente.dataset.segmented import Segmented, segment_texts
from detente.errors import DatasetError
from detente.evaluation import Evaluation
from detente.records import Example
from detente.tasks import Task
from detente.text.actors import Actor
from detente.training.fitting import encoder_folder, fit, text_path
from detente.training.fitwatch import FitWatch
from detente.training.options import TrainOptions
from detente.training.recorder import NullRecorder, Recorder
from detente.training.scoring import Row, evaluate_rows, score_examples

Say = Callable[[str], None]


@dataclass(frozen=True)
class CrossValidation:
    """Out-of-fold predictions, a row a sentence and random seed, and their pooled scores, task by task.

    ``n_left_out`` sentences were left out of a training side, of one fold or several.
    """

    rows: tuple[Row, ...]
    evaluations: Mapping[str, Evaluation]
    n_left_out: int

    @property
    def evaluation(self) -> Evaluation:
        """The scores of the first task."""
        return next(iter(self.evaluations.values()))


def cross_validate(
    dataset: LabelledDataset,
    options: TrainOptions,
    *,
    recorder: Recorder | None = None,
    segmented: Segmented | None = None,
    watch: FitWatch | None = None,
    actors: Sequence[Actor] = (),
    say: Say = lambda line: None,
) -> CrossValidation:
    """Fit and score fold by fold, for every random seed; scores are of the pooled out-of-fold predictions.

    ``watch`` looks after the fits (progress, time, what is done already); ``segmented`` is the text path's work on the dataset,
    if it is done already; with ``actors`` the held-out sentences are scored with those masked, too. Raises DatasetError if the
    dataset has no folds, ModelError if the encoder cannot be found.
    """
    recorder, watch = recorder or NullRecorder(), watch or FitWatch()
    tasks = dataset.tasks_named(options.task)
    names = [task.name for task in tasks]
    if not dataset.n_folds:
        raise DatasetError(
            f"{dataset.folder}: has held-out splits ({', '.join(dataset.splits)}) and no folds to cross-validate over. Build "
            "it with split=folds."
        )
    encoder = encoder_folder(options)
    if segmented is None:
        segmented = segment_texts([row.text for row in dataset.labelled(names)], text_path(options, encoder))
    rows: list[Row] = []
    all_left_out: set[str] = set()
    for seed in options.seeds:
        for fold in range(dataset.n_folds):
            training, held_out, left_out = dataset.fold_sides(fold, names)
            all_left_out |= {row.sentence_id for row in left_out}
            if not held_out:
                continue
            name = f"fold {fold}" if options.repeats == 1 else f"seed {seed}, fold {fold}"
            done = watch.unfinished.rows(name)
            if done is None:
                with recorder.child(name) as child:
                    done = _one_fold(
                        name, training, held_out, segmented, tasks, options, (fold, seed), encoder, actors, child, watch, say
                    )
                watch.unfinished.keep(name, done)
            else:
                say(f"{name}: done before")
                watch.skip()
            rows += done
    return CrossValidation(tuple(rows), {task.name: evaluate_rows(rows, task) for task in tasks}, len(all_left_out))


def _one_fold(
    name: str,
    training: Sequence[Example],
    held_out: Sequence[Example],
    segmented: Segmented,
    tasks: Sequence[Task],
    options: TrainOptions,
    place: tuple[int, int],
    encoder: Path | None,
    actors: Sequence[Actor],
    recorder: Recorder,
    watch: FitWatch,
    say: Say,
) -> list[Row]:
    fold, seed = place
    started = time.monotonic()
    recorder.tags({"fold": str(fold), "seed": str(seed), "group": ", ".join(sorted({r.group_id for r in held_out}))})
    hooks = watch.hooks(name, recorder, say)
    classifier = fit(training, options, tasks=tasks, seed=seed, encoder=encoder, segmented=segmented, hooks=hooks)
    rows = score_examples(classifier, held_out, fold=fold, seed=seed, actors=actors, segmented=segmented)
    right = []
    for task in (each.name for each in tasks):
        known = [row for row in rows if row[task] is not None]
        n_right = sum(row[task] == row[f"{task}_pred"] for row in known)
        # Right and total only: a fold's own macro-F1 would be taken over whatever labels its page happens to have.
        prefix = "oof" if len(tasks) == 1 else f"oof/{task}"
        recorder.metrics({f"{prefix}/n_right": n_right, f"{prefix}/n": len(known), "train/n": len(training)})
        right.append(f"{'' if len(tasks) == 1 else task + ' '}right {n_right}/{len(known)}")
    say(f"{name}: trained on {len(training)}, {', '.join(right)} ({time.monotonic() - started:.1f} s)")
    return rows
