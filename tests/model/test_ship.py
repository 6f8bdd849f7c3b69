"""The form of a model folder that ships: fp16 weights, its card, and a graph from which it predicts without torch."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.errors import ModelError, UsageError
from detente.model import ModelInfo, load_model, onnx, save_model
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.encoder import EncoderClassifier
from detente.model.engines import EngineOptions, load_engine
from detente.model.half import rounded
from detente.model.options import ModelOptions
from detente.model.probes import PROBES
from detente.model.ship import ShipOptions, main, ship_model
from detente.text import TextPath
from label_sets import STANCE
from saved_models import edit
from shipped_models import raw_classifier, raw_model

TEXTS = ["Hai bên nhất trí đàm phán hòa bình.", "Quân đội tập trận gần biên giới.", "Giá dầu tăng.", "Nga " * 300]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return raw_model(tmp_path_factory.mktemp("ship") / "model", intended_use="", name="student")


@pytest.fixture(scope="module")
def shipped(model: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    out, said = tmp_path_factory.mktemp("ship") / "dispute", list[str]()
    card = out.with_name("card.md")
    card.write_text("# The card\n", "utf-8")
    ship_model(model, out, ShipOptions("dispute", "Only\nfor disputes.", str(card)), said.append)
    return out, said


def kinds_of(folder: Path) -> set[str]:
    from safetensors import safe_open

    with safe_open(folder / "model.safetensors", framework="np") as stored:
        return {stored.get_slice(name).get_dtype() for name in stored.keys()}  # noqa: SIM118 - no mapping


def test_weights_in_half_are_widened_and_their_probes_are_theirs(tmp_path: Path) -> None:
    import torch

    classifier = raw_classifier(tmp_path / "encoder")
    before = [parameter.clone() for parameter in classifier.network.parameters()]
    save_model(classifier, tmp_path / "half", weights="fp16")
    save_model(classifier, tmp_path / "whole")
    assert (kinds_of(tmp_path / "half"), kinds_of(tmp_path / "whole")) == ({"F16"}, {"F32"})
    n_bytes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("half", "whole")]
    assert n_bytes[0] < 0.6 * n_bytes[1]
    loaded = load_model(tmp_path / "half", tolerance=1e-5)
    assert isinstance(loaded, EncoderClassifier)
    assert {parameter.dtype for parameter in loaded.network.parameters()} == {torch.float32}
    expected = rounded(classifier)
    assert all(torch.equal(a, b) for a, b in zip(loaded.network.parameters(), expected.network.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in zip(classifier.network.parameters(), before, strict=True)), "the given one changed"
    np.testing.assert_array_equal(loaded.score(TEXTS).probs["stance"], expected.score(TEXTS).probs["stance"])
    probes = json.loads((tmp_path / "half" / "text.json").read_text("utf-8"))["probes"]
    stored = np.array([probe["probs"]["stance"] for probe in probes])
    np.testing.assert_allclose(stored, expected.score(PROBES).probs["stance"], atol=1e-6)
    assert abs(stored - classifier.score(PROBES).probs["stance"]).max() > 1e-6, "the two are told apart"


def test_what_has_no_weights_for_half_is_refused(tmp_path: Path) -> None:
    pipeline = PIPELINES["majority"](ModelOptions(kind="majority"), STANCE, balanced=True, seed=0).fit(
        ["a", "b"], list(STANCE[:2])
    )
    baseline = BaselineClassifier(pipeline, TextPath("raw"), ModelInfo("majority", "majority", {"stance": STANCE}))
    with pytest.raises(UsageError, match="weights=fp16: majority has no weights of a network to store"):
        save_model(baseline, tmp_path / "model", weights="fp16")
    classifier = raw_classifier(tmp_path / "encoder")
    classifier.network.classifier.bias.data[0] = 1e5
    with pytest.raises(ModelError, match=r"weights=fp16: classifier\.bias holds a weight of 100000, and fp16 ends at 65504"):
        save_model(classifier, tmp_path / "model", weights="fp16")
    assert not (tmp_path / "model").exists()


def test_the_shipped_form_says_what_it_is(model: Path, shipped: tuple[Path, list[str]]) -> None:
    folder, said = shipped
    info = load_model(folder).info
    start = load_model(model).info
    assert info == replace(start, name="dispute", intended_use="Only for disputes.")
    assert (folder / "README.md").read_text("utf-8") == "# The card\n"
    assert kinds_of(folder) == {"F16"}
    assert said[0].startswith("weights in fp16: a probability of the 20 probe sentences moves by 0.00")
    assert any(line.endswith("model.safetensors") for line in said)
    assert said[-1].split(" MB  ")[1].startswith(f"{folder} (was 0.")
    (graph,) = folder.glob("onnx/*/graph.onnx")
    assert graph.stat().st_size < 60_000
    assert not list(folder.rglob("*.lock"))


def test_a_graph_becomes_the_export_without_torch(
    shipped: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "export", lambda *given: pytest.fail("exported by torch"))
    folder = Path(shutil.copytree(shipped[0], tmp_path / "model"))
    expected = load_model(folder).score(TEXTS)
    found = load_engine(folder, EngineOptions("onnx", n_threads=1)).score(TEXTS)
    for task, probs in expected.probs.items():
        np.testing.assert_allclose(found.probs[task], probs, atol=1e-5)
    assert onnx.exported(folder, 6, "int8").is_file()
    save_model(load_model(folder), folder)  # what engines leave there is ours to replace


def test_a_graph_of_other_weights_is_not_used(
    shipped: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exported(*given: Any) -> None:
        raise ModelError("by torch")

    monkeypatch.setattr(onnx, "export", exported)
    for number, change in enumerate(
        (lambda path: path.write_bytes(b"torn"), lambda path: edit(path.with_suffix(".json"), model="x"))
    ):
        folder = Path(shutil.copytree(shipped[0], tmp_path / str(number)))
        change(next(folder.glob("onnx/*/graph.onnx")))
        with pytest.raises(ModelError, match="by torch"):
            load_engine(folder, EngineOptions("onnx"))


def test_wrong_calls(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), "out"]) == 1
    assert "none: no such folder; expected a model folder" in capsys.readouterr().err
    assert main([str(model), str(model)]) == 1
    assert "is the input itself" in capsys.readouterr().err
    assert main([str(model), "out", "--card", "no.md"]) == 1
    assert "no.md: no such file" in capsys.readouterr().err
    assert main([str(model), "out", "--intended-use", "x" * 1001]) == 1
    assert "intended use: 1,001 characters; expected at most 1,000" in capsys.readouterr().err
    assert not Path("out").exists()


BLOCKED = ("torch", "transformers", "mlflow", "datasets", "sklearn", "onnxscript", "pandas", "underthesea", "ray", "hydra")
_PROGRAM = """
import sys
from importlib.abc import MetaPathFinder

class Refused(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        assert name.partition(".")[0] not in {blocked!r}, name + " was imported"

sys.meta_path.insert(0, Refused())
from pathlib import Path
from detente.cli import main
from detente.model import names
names.SHIPPED["dispute"] = Path({shipped!r})
codes = [
    main(["predict", "news.txt", "-o", "first.csv"]),
    main(["predict", "news.txt", "-o", "second.csv"]),
    main(["predict", {mine!r}, "news.txt", "-o", "mine.jsonl", "--engine", "onnx"]),
    main(["explain", "dispute", "Hai bên đàm phán.", "--task", "stance"]),
]
print(codes)
"""


def test_nothing_heavy_is_imported_to_predict_from_an_export(
    model: Path, shipped: tuple[Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped form from its graph, then from what that became; a model of one's own from an export of before."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    Path("news.txt").write_text("Hai bên nhất trí nối lại đàm phán.\nQuân đội tập trận.\n", "utf-8")
    load_engine(model, EngineOptions("onnx"))
    program = _PROGRAM.format(blocked=BLOCKED, shipped=str(shipped[0]), mine=str(model))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["[0, 0, 0, 0]"], done.stderr
    assert "fp32.onnx: exported" in done.stderr
    assert done.stderr.count("exported") == 1
    assert Path("first.csv").read_bytes() == Path("second.csv").read_bytes()
    assert [path.stem for path in (tmp_path / "cache").rglob("*.onnx")] == ["fp32"]
