"""A classifier of ours as the start of another run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detente.cli import main
from detente.dataset import LabelledDataset
from detente.model import load_model, names
from detente.model.classifier import sentence_hashes
from detente.model.options import ModelOptions
from detente.training import TrainOptions, train
from detente.training.options import TrainingOptions
from shipped_models import raw_model


@pytest.fixture(scope="module")
def start(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier that was trained on five sentences of the dataset, and on one of no dataset."""
    seen = sentence_hashes([*(row.text for row in dataset.labelled("stance")[:5]), "Một câu khác."])
    return raw_model(tmp_path_factory.mktemp("start") / "dispute", training_hashes=seen, licence="CC0")


def test_what_a_run_takes_of_its_start_is_told_and_kept(dataset: LabelledDataset, start: Path) -> None:
    said: list[str] = []
    training = TrainingOptions(method="finetune", epochs=1, learning_rate=1e-12, warmup=0.0)
    options = TrainOptions(model=ModelOptions(name="mine", path=str(start)), training=training)
    run = train(dataset, options, say=said.append)
    assert "mine: its head is trained on for stance" in said
    warning = (
        f"dispute, which this run starts from, was trained on 5 of the {len(dataset.labelled('stance'))} sentences that the"
    )
    assert any(line.startswith(f"note: {warning}") for line in said)
    assert warning in run.report
    info = run.classifier.info
    assert load_model(start).info.training_hashes < info.training_hashes
    assert (info.name, info.licence, info.intended_use) == ("mine", "CC0", "")
    texts = [row.text for row in dataset.labelled("stance")[:8]]
    before = load_model(start)
    before.info = replace(before.info, temperature=run.classifier.info.temperature)
    probs = run.classifier.score(texts).probs["stance"]
    assert abs(probs - before.score(texts).probs["stance"]).max() < 1e-3, "a step of no length leaves the start as it was"


def test_a_probe_of_the_shipped_model_by_its_name(
    start: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(names.SHIPPED, "dispute", start)
    assert main(["train", "model=dispute", "tracking=none"]) == 0
    said = capfd.readouterr().err
    assert "from_dispute: an encoder of transformers with its own fast tokenizer (bert); raw text" in said
    assert "from_dispute: of the classifier the encoder is read; a probe has a head of its own" in said
    assert "was trained on 5 of the" in said
    monkeypatch.setitem(names.SHIPPED, "dispute", start / "absent")
    assert main(["train", "model=dispute", "tracking=none"]) == 1
    assert "dispute: the model of this name is not in this installation" in capfd.readouterr().err
