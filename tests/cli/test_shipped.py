"""The model that comes with the package, as a user meets it; a small one stands in for it."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from detente import places
from detente.cli import main
from detente.model import names
from shipped_models import USE, raw_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return raw_model(tmp_path_factory.mktemp("shipped") / "dispute")


@pytest.fixture
def shipped(model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setitem(names.SHIPPED, "dispute", model)
    monkeypatch.setenv("XDG_CACHE_HOME", str(model.parent / "cache"))
    Path("news.txt").write_text("Hai bên nhất trí nối lại đàm phán.\nQuân đội tập trận.\n", "utf-8")
    return model


def test_one_argument_is_predicted_by_the_shipped_model_and_told(shipped: Path, capfd: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in shipped.rglob("*")}
    assert main(["predict", "news.txt", "-o", "news.csv"]) == 0
    said = capfd.readouterr().err
    assert said.startswith("no MODEL named: stance and sentiment by dispute, which comes with détente (of détente ")
    assert said.count(f"note: dispute: {USE}\n") == 1
    with Path("news.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["text"] for row in rows] == Path("news.txt").read_text("utf-8").splitlines()
    assert {"stance_pred", "sentiment_pred"} <= rows[0].keys()
    meta = json.loads(Path("news.csv.meta.json").read_text("utf-8"))
    assert (meta["model"]["name"], meta["model"]["intended_use"]) == ("dispute", USE)
    assert meta["settings"]["engine"] == "onnx/fp32"
    assert {path: path.stat().st_mtime_ns for path in shipped.rglob("*")} == before, "the package was written into"
    assert main(["predict", "dispute", "news.txt", "-o", "named.csv"]) == 0
    said = capfd.readouterr().err
    assert "no MODEL named" not in said
    assert USE in said
    assert Path("named.csv").read_bytes() == Path("news.csv").read_bytes()


def test_a_pipe_is_one_argument_too(shipped: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Hai bên đàm phán.\n".encode())))
    assert main(["predict", "-", "-o", "-"]) == 0
    captured = capfd.readouterr()
    assert json.loads(captured.out)["text"] == "Hai bên đàm phán."
    assert USE in captured.err


@pytest.mark.parametrize("name", ["dispute", "my-model", "models:/stance@best", "0123456789abcdef0123456789abcdef"])
def test_a_model_without_an_input_is_told(shipped: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    Path("my-model").symlink_to(shipped)
    assert main(["predict", name, "-o", "out.csv"]) == 2
    said = capfd.readouterr().err
    assert f"{name}: is a model, and no INPUT follows it. Name one: detente predict {name} INPUT -o OUT." in said
    assert not Path("out.csv").exists()


def test_numbers_of_arguments(shipped: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "-o", "out.csv"]) == 2
    assert "Missing argument '[MODEL] INPUT'" in capfd.readouterr().err
    assert main(["predict", "a", "b", "c", "-o", "out.csv"]) == 2
    assert "expected INPUT, or MODEL and INPUT, got 3 arguments: 'a' 'b' 'c'." in capfd.readouterr().err


def test_a_folder_of_articles_called_as_the_model_is_an_input(shipped: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("dispute").mkdir()
    page = min((places.SEEDS / "articles").glob("*.txt"), key=lambda path: path.stat().st_size)
    shutil.copyfile(page, f"dispute/{page.name}")
    assert main(["predict", "dispute", "-o", "out.jsonl"]) == 0
    assert "no MODEL named" in capfd.readouterr().err
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert {row["article_id"] for row in rows} == {page.stem}


def test_a_model_folder_of_its_name_changes_nothing_where_no_model_is_named(
    shipped: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(shipped, "dispute")
    assert main(["predict", "news.txt", "-o", "news.csv"]) == 0
    assert "no MODEL named: stance and sentiment by dispute" in capfd.readouterr().err
    assert main(["predict", "dispute", "news.txt", "-o", "named.csv"]) == 2
    assert "is the model that comes with détente" in capfd.readouterr().err


def test_a_run_without_an_input_is_told(shipped: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(shipped, "runs/one/model")
    Path("runs/one/result.json").write_text("{}")
    assert main(["predict", "runs/one", "-o", "out.csv"]) == 2
    assert "runs/one: is a run, and no INPUT follows it. Its model is runs/one/model" in capfd.readouterr().err
    assert not Path("out.csv").exists()


def test_without_a_place_for_an_export_torch_computes(
    shipped: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/x")
    assert main(["predict", "news.txt", "-o", "news.csv"]) == 0, capfd.readouterr().err
    assert json.loads(Path("news.csv.meta.json").read_text("utf-8"))["settings"]["engine"] == "torch/fp32"

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert main(["predict", "news.txt", "-o", "homeless.csv"]) == 0, capfd.readouterr().err


def test_an_output_is_not_the_shipped_model(shipped: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "news.txt", "-o", f"{shipped}/news.csv"]) == 2
    assert "lies in the input" in capfd.readouterr().err


def test_explain_and_a_missing_model(
    shipped: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["explain", "dispute", "Hai bên đàm phán.", "--task", "stance"]) == 0
    captured = capfd.readouterr()
    assert captured.out.startswith("stance: ")
    assert USE in captured.err
    monkeypatch.setitem(names.SHIPPED, "dispute", tmp_path / "absent")
    for arguments in (
        ["predict", "news.txt", "-o", "out.csv"],
        ["explain", "dispute", "Hai bên."],
        ["evaluate", "dispute", "."],
    ):
        assert main(arguments) == 1
        assert "error: dispute: the model of this name is not in this installation" in capfd.readouterr().err
