"""Cross-validation over groups: every group held out once, its sentences scored by a model that saw no copy of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.dataset import LabelledDataset
from detente.dataset.segmented import Segmented, segment_texts
from detente.errors import DatasetError
from detente.evaluation import Evaluation
from detente.records import Example
from detente.text import TextPath
from detente.training.fitting import encoder_folder, fit
from detente.training.options import TrainOptions
from detente.training.recorder import NullRecorder, Recorder
from detente.training.scoring import Row, evaluate_rows, score_examples

Say = Callable[[str], None]


@dataclass(frozen=True)
class CrossValidation:
    """Out-of-fold predictions, a row a sentence and random seed, and their pooled scores."""

    task: str
    rows: tuple[Row, ...]
    evaluation: Evaluation
    n_left_out: int


def cross_validate(
    dataset: LabelledDataset,
    options: TrainOptions,
    *,
    recorder: Recorder | None = None,
    segmented: Segmented | None = None,
    progress: Any = None,
    say: Say = lambda line: None,
) -> CrossValidation:
    """Fit and score fold by fold, for every random seed; scores are of the pooled out-of-fold predictions.

    ``progress`` is advanced by one an epoch (tqdm's ``update``); ``segmented`` is the text path's work on the dataset, if it is
    done already. Raises DatasetError if the dataset has no folds, ModelError
    if the encoder cannot be found.
    """
    recorder = recorder or NullRecorder()
    task = options.task.name
    if not dataset.n_folds:
        raise DatasetError(
            f"{dataset.folder}: has held-out splits ({', '.join(dataset.splits)}) and no folds to cross-validate over. Build "
            "it with split=folds."
        )
    encoder = encoder_folder(options)
    if segmented is None:
        segmented = segment_texts([row.text for row in dataset.labelled(task)], TextPath.from_options(options.text))
    rows: list[Row] = []
    n_left_out = 0
    for seed in options.seeds:
        for fold in range(dataset.n_folds):
            training, held_out, left_out = dataset.fold_sides(fold, task)
            n_left_out += len(left_out) if seed == options.seed else 0
            if not held_out:
                continue
            name = f"fold {fold}" if options.repeats == 1 else f"seed {seed}, fold {fold}"
            with recorder.child(name) as child:
                rows += _one_fold(training, held_out, segmented, options, (fold, seed), encoder, child, progress, say)
    return CrossValidation(task, tuple(rows), evaluate_rows(rows, task), n_left_out)


def _one_fold(
    training: Sequence[Example],
    held_out: Sequence[Example],
    segmented: Segmented,
    options: TrainOptions,
    place: tuple[int, int],
    encoder: Path | None,
    recorder: Recorder,
    progress: Any,
    say: Say,
) -> list[Row]:
    fold, seed = place
    task = options.task.name
    started = time.monotonic()
    losses: list[float] = []

    def on_epoch(epoch: int, loss: float) -> None:
        losses.append(loss)
        recorder.metrics({"train/loss": loss}, step=epoch)
        if progress is not None:
            progress.update()

    classifier = fit(training, options, seed=seed, encoder=encoder, segmented=segmented, on_epoch=on_epoch)
    rows = score_examples(classifier, held_out, fold=fold, seed=seed)
    n_right = sum(row[task] == row[f"{task}_pred"] for row in rows)
    # Right and total only: a fold's own macro-F1 would be taken over whatever labels its page happens to have.
    recorder.metrics({"oof/n_right": n_right, "oof/n": len(rows), "train/n": len(training)})
    recorder.tags({"fold": str(fold), "seed": str(seed), "group": ", ".join(sorted({r.group_id for r in held_out}))})
    loss = f"loss {losses[-1]:.3f}, " if losses else ""
    say(
        f"seed {seed} fold {fold}: trained on {len(training)}, {loss}right {n_right}/{len(rows)} "
        f"({time.monotonic() - started:.1f} s)"
    )
    return rows
