"""model.safetensors that does not fit config.json, or holds no numbers, is told with the tensor."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from detente.errors import ModelError
from detente.model.network import load_network

FIRST = "encoder.layer.0.attention.self.query.weight"


def edited(encoder: Path, folder: Path, edit: Callable[[dict[str, Any]], object], **config: Any) -> Path:
    shutil.copytree(encoder, folder)
    tensors = load_file(folder / "model.safetensors")
    edit(tensors)
    save_file(tensors, folder / "model.safetensors")
    stored = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**stored, **config}))
    return folder


def nothing(tensors: dict[str, Any]) -> None:
    return


def fill(value: float) -> Callable[[dict[str, Any]], object]:
    def edit(tensors: dict[str, Any]) -> None:
        tensors[FIRST][3, 5] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "config", "message"),
    [
        (
            nothing,
            {"num_hidden_layers": 1},
            r"holds 16 tensors for which config\.json has no place, first roberta\.encoder\.layer\.1\.",
        ),
        (nothing, {"num_hidden_layers": 3}, r"lacks 16 of the model's tensors, first roberta\.encoder\.layer\.2\."),
        (nothing, {"intermediate_size": 32}, r"shape \(64, 32\) .*asks for \(32, 32\)"),
        (
            nothing,
            {"hidden_size": 8192, "num_hidden_layers": 2},
            r"word_embeddings\.weight has shape \(\d+, 32\).*asks for \(\d+, 8192\)",
        ),
        (lambda t: t.update(more=torch.zeros(2)), {}, r"holds 1 tensors .*first roberta\.more"),
        (lambda t: t.update({FIRST: t[FIRST].to(torch.int8)}), {}, f"the tensor roberta.{FIRST} has .*type I8"),
        (fill(float("nan")), {}, f"the tensor roberta.{FIRST} holds NaN or infinity"),
        (fill(float("-inf")), {}, f"the tensor roberta.{FIRST} holds NaN or infinity"),
    ],
)
def test_weights_that_do_not_fit(tiny: Path, tmp_path: Path, edit: Any, config: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        load_network(edited(tiny, tmp_path / "encoder", edit, **config), 3, fresh_head=True)


def test_heads_of_pretraining_are_left_out(tiny: Path, tmp_path: Path) -> None:
    def add(tensors: dict[str, Any]) -> None:
        bodies = {f"roberta.{name}": tensors.pop(name) for name in list(tensors)}
        tensors.update(bodies)
        tensors["lm_head.bias"] = torch.zeros(4)
        tensors["roberta.pooler.dense.weight"] = torch.zeros(32, 32)
        tensors["roberta.embeddings.position_ids"] = torch.arange(258)[None]
        tensors["classifier.out_proj.weight"] = torch.full((7, 32), float("nan"))

    folder = edited(tiny, tmp_path / "encoder", add)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        plain = load_network(tiny, 3, fresh_head=True).state_dict()
        torch.manual_seed(0)
        other = load_network(folder, 3, fresh_head=True).state_dict()
    assert plain.keys() == other.keys()
    assert all(torch.equal(plain[name], other[name]) for name in plain)


def test_a_folder_beside_the_weights_is_not_looked_into(tiny: Path, tmp_path: Path) -> None:
    folder = edited(tiny, tmp_path / "encoder", nothing)
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"x": "elsewhere.safetensors"}}')
    (folder / "generation_config.json").write_text("[")
    assert load_network(folder, 3, fresh_head=True).config.num_hidden_layers == 2
