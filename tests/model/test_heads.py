from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from detente.model import load_model
from detente.model.encoder_files import resolve_encoder
from detente.model.families import text_path_of
from detente.model.heads import shared_tasks, take_heads
from detente.model.network import load_network
from detente.text import TextPath
from label_sets import SENTIMENT, STANCE
from saved_models import sealed
from shipped_models import raw_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return raw_model(tmp_path_factory.mktemp("heads") / "model")


def test_rows_of_the_tasks_that_are_the_same_are_taken_whatever_their_order(model: Path) -> None:
    tasks = {"tone": ("calm", "harsh"), "sentiment": SENTIMENT, "stance": STANCE[::-1]}
    assert shared_tasks(model, tasks) == ("sentiment",)
    network = load_network(model, 8, fresh_head=True)
    drawn = network.classifier.weight.clone()
    take_heads(network, model, tasks)
    stored = load_model(model).network.classifier.weight  # type: ignore[attr-defined]
    assert torch.equal(network.classifier.weight[2:5], stored[3:])
    assert torch.equal(network.classifier.weight[:2], drawn[:2])
    assert torch.equal(network.classifier.weight[5:], drawn[5:])


def test_a_classifier_of_the_same_tasks_predicts_at_once_what_its_start_does(model: Path) -> None:
    start = load_model(model)
    network = load_network(model, 6, fresh_head=True).eval()
    take_heads(network, model, start.info.tasks)
    assert all(torch.equal(own, other) for own, other in zip(network.parameters(), start.network.parameters(), strict=True))  # type: ignore[attr-defined]


def test_a_mere_encoder_and_other_labels_leave_the_head_as_it_was_drawn(model: Path) -> None:
    encoder = model.with_name("model-encoder")
    for folder, tasks in ((encoder, {"stance": STANCE}), (model, {"stance": ("for", "against", "neither")})):
        network = load_network(folder, 3, fresh_head=True)
        drawn = network.classifier.weight.clone()
        take_heads(network, folder, tasks)
        assert shared_tasks(folder, tasks) == ()
        assert torch.equal(network.classifier.weight, drawn)


def test_a_classifier_reads_text_as_it_was_trained_to(model: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "model"))
    text = json.loads((folder / "text.json").read_text("utf-8"))
    (folder / "text.json").write_text(json.dumps({**text, "max_tokens": 32, "tone_marks": "new"}), "utf-8")
    assert text_path_of(resolve_encoder(str(sealed(folder)), "")) == TextPath("raw", "new", 32)
