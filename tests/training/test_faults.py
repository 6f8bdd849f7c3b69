"""What goes wrong around a run: data too few, a signal, a disk that is full. Nothing torn, and the same command goes on."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from notes import Notes

from detente.dataset import LabelledDataset
from detente.errors import ConfigError, TrainingError
from detente.records import Example
from detente.training import TrainOptions, crossvalidation, finetuning, train
from detente.training.planning import plan_run


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """What a full disk does, to files that are large."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_early_stopping_on_held_out_splits_watches_a_group_of_the_training_side(
    held_out: LabelledDataset, quick: TrainOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[Example]] = []
    real = finetuning.items_of

    def items_of(rows: list[Example], *others: Any) -> Any:
        seen.append(list(rows))
        return real(rows, *others)

    monkeypatch.setattr(finetuning, "items_of", items_of)
    notes = Notes()
    training = replace(quick.training, epochs=60, early_stopping=1, learning_rate=5e-3)
    run = train(held_out, replace(quick, training=training), recorder=notes)
    trained, inner = ({row.group_id for row in rows} for rows in seen)
    assert len(inner) == 1
    assert trained | inner == {row.group_id for row in held_out.splits["train"]}
    assert not trained & inner
    assert run.split == "validation"
    assert run.evaluation.n == len(held_out.splits["validation"])
    assert {row["group_id"] for row in pq.read_table(run.folder / "predictions.parquet").to_pylist()}.isdisjoint(
        trained | inner
    )


def test_early_stopping_without_a_group_to_spare_is_refused_before_anything_is_trained(
    dataset: LabelledDataset, quick: TrainOptions
) -> None:
    """Of two groups each training side has one."""
    options = replace(quick, training=replace(quick.training, early_stopping=2))
    two = sorted({row.group_id for row in dataset.rows})[:2]
    rows = tuple(row for row in dataset.rows if row.group_id in two)
    small = replace(dataset, splits={"train": rows}, dropped_pairs=())
    with pytest.raises(TrainingError, match=r"the training side of 1 groups cannot spare one .*early_stopping=0"):
        train(small, options)
    assert not Path("runs").exists()


def test_a_batch_larger_than_the_smallest_fold_is_refused_before_anything_is_trained(
    dataset: LabelledDataset, quick: TrainOptions
) -> None:
    with pytest.raises(ConfigError, match=r"training\.batch_size: 60 is more than the 48 training sentences"):
        train(dataset, replace(quick, training=replace(quick.training, batch_size=60)))
    assert not Path("runs").exists()


def test_a_signal_while_a_fold_is_scored(
    dataset: LabelledDataset, quick: TrainOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detente.tracking import mlflow_run, open_store
    from detente.tracking.options import TrackingOptions
    from detente.training import left_open

    tracking = TrackingOptions(log_model=False)
    real, done = crossvalidation.score_examples, [0]

    def score(*arguments: Any, **keywords: Any) -> Any:
        done[0] += 1
        if done[0] == 2:
            signal.raise_signal(signal.SIGTERM)
        return real(*arguments, **keywords)

    def interrupt(number: int, frame: Any) -> None:  # what the command line does with the signal
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        monkeypatch.setattr(crossvalidation, "score_examples", score)
        with pytest.raises(KeyboardInterrupt), mlflow_run(tracking, "cut") as recorder:
            train(dataset, quick, recorder=recorder)
    finally:
        signal.signal(signal.SIGTERM, before)
    monkeypatch.setattr(crossvalidation, "score_examples", real)
    assert statuses(open_store()) == {"cut": "KILLED", "fold 0": "FINISHED", "fold 1": "KILLED"}
    (folder,) = (path for path in Path("runs/.unfinished").iterdir() if path.is_dir())
    assert [path.name for path in Path("runs").iterdir()] == [".unfinished"]
    assert {path.name for path in folder.iterdir()} >= {"run.json", "fold 0.json"}

    said: list[str] = []
    with mlflow_run(tracking, "cut", left_open(dataset, quick)) as recorder:
        resumed = train(dataset, quick, recorder=recorder, say=said.append)
    assert "fold 0: done before" in said
    assert set(statuses(open_store()).values()) == {"FINISHED"}
    assert len(statuses(open_store())) == 6
    whole = train(dataset, replace(quick, resume="never"), out=tmp_path / "whole")
    predictions = [pq.read_table(run.folder / "predictions.parquet") for run in (resumed, whole)]
    assert predictions[0].equals(predictions[1])


def statuses(mlflow: Any) -> dict[str, str]:
    found = mlflow.search_runs(search_all_experiments=True, output_format="list")
    return {run.info.run_name: run.info.status for run in found}


def test_a_disk_that_is_full_at_the_checkpoints_and_at_the_final_model(dataset: LabelledDataset, quick: TrainOptions) -> None:
    """Training goes on without checkpoints; the model's folder is whole or absent, and only the last fit is done again."""
    options = replace(quick, training=replace(quick.training, checkpoint_minutes=0))
    said: list[str] = []
    with files_of_at_most(1_000_000), pytest.raises(OSError, match=r"model.*cannot be written"):
        train(dataset, options, say=said.append)
    assert any("checkpoint not written, training goes on without it" in line for line in said)
    assert [path.name for path in Path("runs").iterdir()] == [".unfinished"]
    folder = Path("runs/.unfinished") / plan_run(dataset, options).key[:16]
    assert sorted(path.name for path in folder.glob("*.json")) == [*(f"fold {at}.json" for at in range(5)), "run.json"]
    assert not [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".json"]
    said.clear()
    run = train(dataset, options, say=said.append)
    assert said.count("fold 4: done before") == 1
    assert (run.model_folder / "model.safetensors").stat().st_size > 1_000_000


def test_a_loss_that_is_no_number_again_the_second_time(dataset: LabelledDataset, quick: TrainOptions) -> None:
    """A checkpoint from before the fault leads to the same error, not to a model."""
    training = replace(quick.training, epochs=3, learning_rate=1e30, max_grad_norm=1e30, checkpoint_minutes=0)
    for _ in range(2):
        with pytest.raises(TrainingError, match=r"the training loss is (nan|inf) .*Lower training\.learning_rate"):
            train(dataset, replace(quick, training=training))
    assert [path.name for path in Path("runs").iterdir()] == [".unfinished"]
