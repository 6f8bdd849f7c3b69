from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

import detente
from detente.errors import ModelError, UsageError
from detente.model import load_model, names
from detente.model.engines import EngineOptions, chosen_engine, load_engine
from detente.model.folder import read_info
from detente.tracking import find_model
from shipped_models import raw_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return raw_model(tmp_path_factory.mktemp("shipped") / "dispute")


@pytest.fixture
def shipped(model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(names.SHIPPED, "dispute", model)
    return model


def test_a_name_is_the_shipped_model_for_everything_that_takes_a_model(shipped: Path) -> None:
    assert names.named_folder("dispute") == shipped
    assert find_model("dispute").folder == shipped
    assert read_info("dispute").name == "dispute"
    assert detente.load_model("dispute").info == load_model(shipped).info
    assert load_engine("dispute").info == load_model(shipped).info


def test_what_is_a_path_is_always_a_folder(shipped: Path) -> None:
    for path in ("./dispute", f".{os.sep}dispute", "models/dispute", Path("dispute")):
        assert names.named_folder(path) == Path(path)
    with pytest.raises(ModelError, match="dispute: no such folder; expected a model folder, as `detente train`"):
        load_model("./dispute")
    with pytest.raises(ModelError, match=r"^dispite: no such folder; .* Did you mean 'dispute'\?$"):
        load_model("dispite")


def test_a_folder_of_the_name_that_is_no_model_is_not_meant(shipped: Path) -> None:
    Path("dispute").mkdir()
    Path("dispute/page.html").write_text("<p>Hai bên đàm phán.")
    assert names.named_folder("dispute") == shipped


def test_a_name_that_is_two_models_is_refused_and_both_are_told(shipped: Path) -> None:
    shutil.copytree(shipped, "dispute")
    told = f"dispute: is the model that comes with détente ({shipped}), and a model folder here. For the folder write ./dispute"
    with pytest.raises(UsageError, match=re.escape(told)):
        load_model("dispute")
    assert names.named_folder("./dispute") == Path("dispute")
    assert names.named_folder(str(shipped)) == shipped
    os.chdir(shipped.parent)
    assert names.named_folder("dispute") == shipped  # one folder, by two ways


def test_an_installation_without_the_model_says_so(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setitem(names.SHIPPED, "dispute", Path("absent"))
    with pytest.raises(ModelError, match=r"^dispute: the model of this name is not in this installation .there is no absent"):
        load_model("dispute")
    shutil.copytree(model, "dispute")
    assert names.named_folder("dispute") == Path("dispute")


def test_what_computes_where_nobody_says(shipped: Path, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    auto = EngineOptions("auto")
    assert chosen_engine("dispute", auto).engine == "onnx"
    other = Path(shutil.copytree(model, tmp_path / "mine"))
    assert chosen_engine(other, auto).engine == "torch"
    assert chosen_engine(other, EngineOptions("auto", "int8")).engine == "onnx"
    assert chosen_engine("dispute", EngineOptions("auto", "bf16")).engine == "torch"
    assert chosen_engine("dispute", EngineOptions("torch")).engine == "torch"
    monkeypatch.setattr("detente.model.engines.missing_packages", lambda *given: ["onnxruntime"])
    assert chosen_engine("dispute", auto).engine == "torch"
