"""Ways of training on the seeds: both tasks with one encoder, an ordinal loss, LoRA, limits, and what contradicts itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from notes import Notes

from detente.dataset import LabelledDataset
from detente.errors import ConfigError, TrainingError
from detente.model import load_model
from detente.model.options import ModelOptions
from detente.training import TrainOptions, cross_validate, train
from detente.training.fitting import fit
from detente.training.options import TrainingOptions, check_options
from label_sets import LABELS, labelled

JOINT = "joint"


def test_both_tasks_with_one_encoder(dataset: LabelledDataset, quick: TrainOptions) -> None:
    notes = Notes()
    run = train(dataset, replace(quick, task=JOINT), recorder=notes)
    assert set(run.evaluations) == {"stance", "sentiment"}
    assert {task: evaluation.n for task, evaluation in run.evaluations.items()} == {"stance": 81, "sentiment": 81}
    assert {"oof/stance/macro_f1", "oof/sentiment/macro_f1", "oof/sentiment/macro_f1_of_tfidf"} <= notes.told["metrics"].keys()
    assert {"## stance: Per label", "## sentiment: Per label"} <= set(run.report.splitlines())
    model = load_model(run.model_folder)
    assert dict(model.info.tasks) == dict(LABELS)
    scores = model.score(["Hai bên nhất trí đàm phán."])
    assert {task: probs.shape for task, probs in scores.probs.items()} == {"stance": (1, 3), "sentiment": (1, 3)}


@pytest.mark.parametrize("method", ["finetune", "probe"])
def test_a_sentence_may_lack_one_of_the_labels(dataset: LabelledDataset, quick: TrainOptions, tiny: Path, method: str) -> None:
    rows = [
        replace(row, labels=labelled(row.label("stance") if at % 2 else None, None if at % 3 == 1 else row.label("sentiment")))
        for at, row in enumerate(dataset.rows)
    ]
    options = replace(quick, task=JOINT, training=replace(quick.training, method=method))
    fitted = fit(rows, options, seed=0, encoder=tiny)
    probs = fitted.score([row.text for row in rows]).probs
    assert all(np.allclose(own.sum(axis=1), 1) for own in probs.values())


def test_a_joint_probe_is_its_two_probes(dataset: LabelledDataset, tiny: Path) -> None:
    options = TrainOptions(model=ModelOptions(name="tiny", path=str(tiny)))
    texts = [row.text for row in dataset.rows[:20]]
    both = fit(dataset.rows, replace(options, task=JOINT), seed=0, encoder=tiny).score(texts)
    for task in LABELS:
        alone = fit(dataset.rows, replace(options, task=task), seed=0, encoder=tiny).score(texts)
        assert np.allclose(both.probs[task], alone.probs[task], atol=1e-4)


@pytest.mark.parametrize(
    "training",
    [
        {"method": "lora", "lora_rank": 4},
        {"loss": "ordinal", "label_smoothing": 0.1},
        {"layer_decay": 0.8, "freeze_embeddings": True},
    ],
)
def test_each_way_trains_and_predicts(dataset: LabelledDataset, quick: TrainOptions, training: dict[str, object]) -> None:
    options = replace(quick, training=replace(quick.training, **training))  # type: ignore[arg-type]
    scored = cross_validate(dataset, options)
    assert scored.evaluation.n == 81
    assert 0 < scored.evaluation.accuracy < 1


def test_time_is_shared_out_and_what_was_cut_short_is_said(dataset: LabelledDataset, quick: TrainOptions) -> None:
    said: list[str] = []
    options = replace(quick, training=replace(quick.training, epochs=500, max_minutes=0.02))
    run = train(dataset, options, say=said.append)
    assert run.evaluation.n == 81
    assert "fold 0 was stopped by training.max\\_minutes=0.02." in run.report.splitlines()
    assert "final model was stopped by training.max\\_minutes=0.02." in run.report.splitlines()
    assert any(line.startswith("fold 4: training.max_minutes: time is up after ") for line in said)


def test_one_line_an_epoch(dataset: LabelledDataset, quick: TrainOptions) -> None:
    said: list[str] = []
    train(dataset, replace(quick, training=replace(quick.training, epochs=2)), say=said.append)
    assert [line.split(":")[0] for line in said if line.startswith("fold 0,")] == ["fold 0, epoch 1/2", "fold 0, epoch 2/2"]


def test_a_class_with_one_example_is_trained_on(dataset: LabelledDataset, quick: TrainOptions, tiny: Path) -> None:
    rows = [row for row in dataset.labelled("stance") if row.label("stance") != "escalation"]
    rows += [row for row in dataset.labelled("stance") if row.label("stance") == "escalation"][:1]
    fitted = fit(rows, quick, seed=0, encoder=tiny)
    assert np.isfinite(fitted.score([rows[-1].text]).probs["stance"]).all()


def test_a_batch_larger_than_the_data(dataset: LabelledDataset, quick: TrainOptions, tiny: Path) -> None:
    options = replace(quick, training=replace(quick.training, batch_size=33))
    with pytest.raises(ConfigError, match=r"training\.batch_size: 33 is more than the 32 training sentences"):
        fit(dataset.labelled("stance")[:32], options, seed=0, encoder=tiny)


def test_more_frozen_layers_than_the_encoder_has_stops_before_anything(dataset: LabelledDataset, quick: TrainOptions) -> None:
    with pytest.raises(ConfigError, match="the encoder has 2 layers, 9 cannot be frozen"):
        train(dataset, replace(quick, training=replace(quick.training, freeze_layers=9)))
    assert not Path("runs").exists()


def test_a_task_of_a_joint_run_without_labels_is_named(dataset: LabelledDataset, quick: TrainOptions, tiny: Path) -> None:
    rows = [replace(row, labels=labelled(row.label("stance"))) for row in dataset.rows]
    with pytest.raises(TrainingError, match="no training sentence has a sentiment label"):
        fit(rows, replace(quick, task=JOINT), seed=0, encoder=tiny)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (TrainOptions(task=JOINT, model=ModelOptions(name="tfidf", kind="tfidf")), "task=joint: .* one task at a time"),
        (TrainOptions(training=TrainingOptions(loss="ordnal")), "Did you mean 'ordinal'"),
        (TrainOptions(training=TrainingOptions(precision="fp16")), "training.precision: expected auto, bf16, fp32, got 'fp16'"),
        (TrainOptions(training=TrainingOptions(layer_decay=0.0)), "layer_decay: expected a share above 0"),
        (TrainOptions(training=TrainingOptions(freeze_layers=-1)), "freeze_layers: expected 0 or more"),
        (
            TrainOptions(training=TrainingOptions(early_stopping=3)),
            "training.early_stopping=3: training.method=probe has no use for it; leave it at 0, or .*: finetune, lora",
        ),
        (TrainOptions(training=TrainingOptions(max_minutes=1.0)), "training.max_minutes=1.0: training.method=probe has no use"),
        (
            TrainOptions(training=TrainingOptions(method="lora", freeze_layers=2)),
            "training.freeze_layers=2: training.method=lora has no use for it",
        ),
        (
            TrainOptions(training=TrainingOptions(method="finetune", lora_rank=4)),
            "training.lora_rank=4: training.method=finetune has no use for it; leave it at 8, or .*: lora",
        ),
        (
            TrainOptions(training=TrainingOptions(method="finetune", learning_rate=float("nan"))),
            "training.learning_rate: expected a number, got nan",
        ),
        (TrainOptions(resume="yes"), "resume: expected auto, never, got 'yes'"),
    ],
)
def test_what_cannot_be(options: TrainOptions, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_options(options)
