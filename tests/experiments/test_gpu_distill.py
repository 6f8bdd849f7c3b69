"""The script for a bare machine, on the processor: packed, trained in two pieces, unpacked."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from detente import places
from detente.dataset import build_dataset
from detente.dataset.build import BuildOptions
from detente.dataset.splits import SplitOptions
from detente.model import load_model, save_model
from detente.model.folder import with_info
from detente.text import normalise
from detente.training.distillation.averaging import MeanClassifier, mean_info
from detente.training.distillation.objectives import ProbabilityObjective
from detente.training.distillation.options import (
    CorpusOptions,
    DistillOptions,
    DistillTrainingOptions,
    StudentOptions,
    TeacherOptions,
)
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from tiny_encoders import bert_many_pieces

FOLDER = places.PACKAGE.parents[1] / "experiments" / "008-dispute"
SENTENCES = [f"Bên thứ {n % 37} ký thỏa thuận số {n} về hòa bình với nước {n % 11}." for n in range(60)]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def options(tmp_path: Path, quick: TrainOptions) -> DistillOptions:
    """Two teachers of both tasks, a corpus of sixty sentences, and a dataset with gold labels."""
    dataset = build_dataset(BuildOptions(out=str(tmp_path / "sides"), split=SplitOptions(method="holdout")))
    bert_many_pieces(tmp_path / "start")
    joint = replace(quick, task=("stance", "sentiment"), model=replace(quick.model, path=str(tmp_path / "start")))
    rows = dataset.labelled(("stance", "sentiment"))
    teacher = fit(rows, joint, seed=0, encoder=tmp_path / "start")
    save_model(teacher, tmp_path / "teacher-0")
    save_model(with_info(teacher, temperature={"stance": 3.0}), tmp_path / "teacher-1")
    (tmp_path / "news.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    return DistillOptions(
        out=str(tmp_path / "model"),
        work=str(tmp_path / "work"),
        dataset=str(dataset.folder),
        corpus=CorpusOptions(path=str(tmp_path / "news.txt")),
        teacher=TeacherOptions(kind="classifier", path=(str(tmp_path / "teacher-0"), str(tmp_path / "teacher-1"))),
        student=StudentOptions(vocabulary="pruned", vocab_size=300, layers=(0,)),
        training=DistillTrainingOptions(sentences=160, batch_size=16, learning_rate=1e-3, gold_weight=0.2, temperature=2.0),
    )


def test_packed_trained_in_pieces_and_unpacked(options: DistillOptions, tmp_path: Path) -> None:
    pack, gpu = script("pack"), script("gpu_distill")
    pack.pack(options, tmp_path / "pack")
    assert gpu.train(tmp_path / "pack", tmp_path / "whole")
    n_stops = 0
    while not gpu.train(tmp_path / "pack", tmp_path / "pieces", stop_after=1e-4):
        n_stops += 1
    assert n_stops >= 2
    whole, pieces = (load_file(tmp_path / name / "student.safetensors") for name in ("whole", "pieces"))
    assert whole.keys() == pieces.keys()
    assert all(torch.allclose(whole[name], pieces[name], atol=1e-6) for name in whole)
    log = [json.loads(line) for line in (tmp_path / "pieces" / "log.jsonl").read_text().splitlines()]
    assert log[-1]["sentences"] >= 160
    assert log[-1]["per_second"] > 0
    # What the teachers say is what they say here, but for half precision.
    classifiers = [load_model(path) for path in options.teacher.path]
    expected = MeanClassifier(classifiers, mean_info(options.teacher.path)).score([normalise(line) for line in SENTENCES])
    said = np.mean([np.load(tmp_path / "whole" / f"teacher-{number}.npy") for number in (0, 1)], axis=0)
    assert np.allclose(said, np.concatenate(list(expected.probs.values()), axis=1), atol=5e-3)
    pack.unpack(tmp_path / "pack", tmp_path / "whole", tmp_path / "model")
    model = load_model(tmp_path / "model")
    assert model.info.name == "model (distilled)"
    assert set(model.info.tasks) == {"stance", "sentiment"}
    start = load_model(tmp_path / "pack" / "student").score(SENTENCES).probs["stance"]
    assert not np.allclose(model.score(SENTENCES).probs["stance"], start)
    assert f"({log[-1]['sentences']} sentences shown)" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_it_needs_nothing_of_this_package() -> None:
    imported = set()
    for node in ast.walk(ast.parse((FOLDER / "gpu_distill.py").read_text(encoding="utf-8"))):
        imported |= {alias.name.split(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()
        imported |= {str(node.module).split(".")[0]} if isinstance(node, ast.ImportFrom) else set()
    assert imported - set(sys.stdlib_module_names) == {"numpy", "safetensors", "torch", "transformers"}


class Fixed(torch.nn.Module):
    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, **_: object) -> Fixed:
        return self


def test_its_losses_are_those_of_the_package() -> None:
    from detente.training.distillation.batches import Batch

    gpu = script("gpu_distill")
    logits = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.5, 0.5, 0.0, 3.0]])
    soft = torch.tensor([[0.7, 0.3, 0.9, 0.1], [0.2, 0.8, 0.5, 0.5]])
    pack = {"tasks": {"a": ["x", "y"], "b": ["x", "y"]}, "temperature": 2.0}
    ids = torch.zeros(2, 1, dtype=torch.long)
    ours = ProbabilityObjective(Fixed(logits), (2, 2), 2.0)
    assert torch.allclose(gpu.soft_loss(logits, soft, pack), ours(Batch(ids, ids, soft, ids, None)))
    gold = torch.tensor([[1.0, 0, 0, 1], [0, 0, 1, 0]])
    labels = torch.tensor([[0, 1], [gpu.MISSING, 0]])
    assert torch.allclose(gpu.gold_loss(logits, labels, pack), ours.gold(Batch(ids, ids, gold, ids, None)))
