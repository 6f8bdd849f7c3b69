"""Encoders of every family, trained and used by the commands."""

from __future__ import annotations

import csv
import json
import re
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from detente.cli import main
from detente.dataset import BuildOptions, build_dataset
from detente.dataset.splits import SplitOptions
from detente.model.architectures import architecture_of
from detente.model.network import load_network
from detente.tracking.pyfunc_model import DetenteModel
from detente.training.lora import merged
from detente.training.options import TrainingOptions
from detente.training.parameters import adapt, parameter_groups
from tiny_encoders import TINY

TEXT = "Hai bên nhất trí nối lại đàm phán hòa bình."
METHODS = dict(zip(TINY, cycle(("probe", "finetune", "lora"))))
"""How each is trained by the command; what a method does to each network is looked at for all of them without it."""


@pytest.fixture(scope="module", params=list(TINY))
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoders") / str(request.param)
    TINY[request.param](folder)
    return folder


def test_frozen_parts_are_the_embeddings_and_the_lowest_layers(encoder: Path) -> None:
    network = adapt(load_network(encoder, 3, fresh_head=True), TrainingOptions(method="finetune", freeze_layers=1))
    architecture = architecture_of(network)
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    below = (*architecture.embeddings, f"{architecture.layers}0.")
    expected = {name for name, _ in network.named_parameters() if name.removeprefix(architecture.body).startswith(below)}
    assert expected
    assert frozen == expected


def test_a_lower_layer_learns_more_slowly(encoder: Path) -> None:
    network = load_network(encoder, 3, fresh_head=True)
    n_layers = network.config.num_hidden_layers
    groups = parameter_groups(network, TrainingOptions(method="finetune", learning_rate=1.0, layer_decay=0.5))
    assert {group["lr"] for group in groups} == {0.5**k for k in range(n_layers + 2)}
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))


def test_lora_finds_its_projections_and_is_merged_away(encoder: Path) -> None:
    import torch

    network = load_network(encoder, 3, fresh_head=True).eval()
    names = set(network.state_dict())
    ids = torch.tensor([[5, 6, 7, 8]])
    before = network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    adapted = adapt(network, TrainingOptions(method="lora", lora_dropout=0.0))
    trained = {name for name, parameter in adapted.named_parameters() if parameter.requires_grad}
    assert any("lora_A" in name for name in trained)
    again = merged(adapted).eval()
    assert set(again.state_dict()) == names
    after = again(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    assert torch.allclose(before, after, atol=1e-6)


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds with one part held out: two fits."""
    folder = tmp_path_factory.mktemp("held-out") / "seeds"
    build_dataset(BuildOptions(out=str(folder), split=SplitOptions(method="holdout")))
    return folder


@pytest.mark.slow
def test_trained_and_used_by_the_commands(
    encoder: Path, held_out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    method = METHODS[encoder.name]
    call = ["train", f"model.path={encoder}", f"dataset={held_out}", "tracking=none", f"training={_name(method)}"]
    options = [] if method == "probe" else ["training.epochs=1", "training.batch_size=32"]
    assert main([*call, *options]) == 0
    told = capsys.readouterr()
    assert f"{encoder.name}: an encoder of transformers with its own fast tokenizer (" in told.err
    assert re.search(r"; raw text, tone marks (?:keep|new), cut at [\d,]+ tokens$", told.err, re.MULTILINE)
    (run,) = [path for path in (tmp_path / "runs").iterdir() if path.is_dir() and path.name != ".unfinished"]
    model = run / "model"
    assert json.loads((model / "text.json").read_text())["segmenter"] == "raw"
    (tmp_path / "in.csv").write_text(f"text\n{TEXT}\nGiá dầu tăng.\n", encoding="utf-8")
    assert main(["predict", str(model), "in.csv", "-o", "torch.csv"]) == 0
    ours = rows("torch.csv")
    if method == "probe":  # what is exported of the other methods is the network that tests/model/test_families.py exports
        assert main(["predict", str(model), "in.csv", "-o", "onnx.csv", "--engine", "onnx"]) == 0
        for one, other in zip(ours, rows("onnx.csv"), strict=True):
            assert abs(float(one["stance_prob_dialogue"]) - float(other["stance_prob_dialogue"])) < 1e-4
    served = DetenteModel()
    served.load_context(SimpleNamespace(artifacts={"model": str(model)}))
    frame = served.predict(None, pd.DataFrame({"text": [row["text"] for row in ours]}))
    assert frame["stance_pred"].tolist() == [row["stance_pred"] for row in ours]
    assert main(["explain", str(model), TEXT]) == 0
    assert "đàm" in capsys.readouterr().out


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(name).read_text(encoding="utf-8-sig").splitlines()))


def _name(method: str) -> str:
    return {"finetune": "finetune_small"}.get(method, method)
