"""The whole training run: score by cross-validation or on a held-out split, fit the final model, write and record all of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from detente import places
from detente._version import __version__
from detente.atomic import new_folder
from detente.dataset import LabelledDataset
from detente.dataset.folder import check_apart
from detente.dataset.segmented import Segmented, segment_texts
from detente.evaluation import Evaluation
from detente.evaluation.report import RunFacts, run_report
from detente.model import Classifier, save_model
from detente.model.folder import with_info
from detente.model.options import ModelOptions
from detente.model.phobert import encoder_config, load_tokenizer
from detente.model.vocabulary_fit import vocabulary_fit
from detente.text import TextPath
from detente.training.card import model_card
from detente.training.crossvalidation import cross_validate
from detente.training.fitting import encoder_folder, fit
from detente.training.options import TrainOptions, check_options, run_key
from detente.training.recorder import NullRecorder, Recorder
from detente.training.recording import record_end, record_start
from detente.training.scoring import Row, evaluate_rows, score_examples

BASELINES = {
    "tfidf": ModelOptions(name="tfidf", kind="tfidf"),
    "majority": ModelOptions(name="majority", kind="majority"),
}
"""Computed beside every run, so that no score stands alone."""


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
    scored on validation, for every random seed; the final model is the first seed's. The folder appears whole or not at all.
    Raises ConfigError, DatasetError, ModelError, TrainingError.
    """
    options, recorder = options or TrainOptions(), recorder or NullRecorder()
    check_options(options)
    encoder = encoder_folder(options)
    key = run_key(options, dataset.digest, encoder)
    task = options.task.name
    record_start(recorder, dataset, options, key)
    text_path = TextPath.from_options(options.text)
    segmented = segment_texts([row.text for row in dataset.labelled(task)], text_path)
    if encoder is not None:
        _say_vocabulary_fit(encoder, options.model.name, text_path, segmented, say)
    with _bar(options, dataset, progress) as bar:
        if dataset.n_folds:
            split = "oof"
            scored = cross_validate(dataset, options, recorder=recorder, segmented=segmented, progress=bar, say=say)
            rows, evaluation, n_left_out = list(scored.rows), scored.evaluation, scored.n_left_out
            final = dataset.labelled(task)
            classifier = _fit_final(final, segmented, options, encoder, dataset, key, recorder, bar)
        else:
            split = "validation"
            final, held_out = dataset.labelled(task, "train"), dataset.labelled(task, "validation")
            check_apart(final, held_out)
            n_left_out = len(dataset.dropped_pairs)
            classifier = _fit_final(final, segmented, options, encoder, dataset, key, recorder, bar)
            rows = score_examples(classifier, held_out, fold=None, seed=options.seed)
            for seed in options.seeds[1:]:
                other = fit(
                    final, options, seed=seed, encoder=encoder, segmented=segmented, on_epoch=lambda epoch, loss: bar.update()
                )
                rows += score_examples(other, held_out, fold=None, seed=seed)
            evaluation = evaluate_rows(rows, task)
    baselines = _baselines(dataset, segmented, options, split)
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
    record_end(recorder, folder, split, rows, evaluation, baselines, report)
    return TrainingRun(classifier, folder, key, recorder.run_id, split, evaluation, baselines, report)


def _say_vocabulary_fit(
    encoder: Path, name: str, text_path: TextPath, segmented: Segmented, say: Callable[[str], None]
) -> None:
    tokenizer = load_tokenizer(encoder, encoder_config(encoder)["vocab_size"])
    for line in vocabulary_fit(tokenizer, text_path, list(segmented.values())).lines(name):
        say(line)


def _fit_final(
    examples: Sequence[Any],
    segmented: Segmented,
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

    classifier = fit(
        examples,
        options,
        seed=options.seed,
        encoder=encoder,
        segmented=segmented,
        data_digest=dataset.digest,
        on_epoch=on_epoch,
    )
    return with_info(classifier, run_key=key)


def _baselines(dataset: LabelledDataset, segmented: Segmented, options: TrainOptions, split: str) -> dict[str, Evaluation]:
    found = {}
    for name, model in BASELINES.items():
        if name == options.model.kind:
            continue
        own = replace(options, model=model, repeats=1)
        if split == "oof":
            found[name] = cross_validate(dataset, own, segmented=segmented).evaluation
        else:
            examples = dataset.labelled(own.task.name, "train")
            classifier = fit(examples, own, seed=own.seed, encoder=None, segmented=segmented)
            rows = score_examples(classifier, dataset.labelled(own.task.name, "validation"), fold=None, seed=own.seed)
            found[name] = evaluate_rows(rows, own.task.name)
    return found


def _bar(options: TrainOptions, dataset: LabelledDataset, show: bool) -> Any:
    from tqdm import tqdm

    fits = dataset.n_folds * options.repeats + 1 if dataset.n_folds else options.repeats
    fits = fits if options.model.kind == "encoder" and options.training.method == "finetune" else 0
    total = fits * options.training.epochs
    # None: no bar where stderr is a file.
    disable = None if show and total else True
    return tqdm(total=total, unit="epoch", desc=options.model.name, file=sys.stderr, disable=disable, leave=False)


def _write_table(rows: Sequence[Row], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(list(rows)), path)
