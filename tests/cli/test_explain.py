from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest

from detente import cli
from detente.dataset import LabelledDataset
from detente.model import save_model
from detente.model.options import ModelOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from saved_models import edit, without_hashes

TEXT = "Nga\x1b[31m đe dọa <script>alert('&')</script> \u202exung đột."


@pytest.fixture(scope="module")
def model(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> str:
    options = TrainOptions(task="stance", model=ModelOptions(name="tfidf", kind="tfidf"))
    folder = tmp_path_factory.mktemp("model") / "model"
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=None), folder)
    return str(folder)


def test_a_bar_a_word_on_stdout_and_a_page_beside_it(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", model, TEXT, "Hai bên đàm phán.", "-o", "why.html"]) == 0
    shown = capsys.readouterr()
    assert shown.err == "why.html: 2 explained\n"
    first, second = shown.out.split("\n\n")
    label, text, *bars = first.splitlines()
    assert re.fullmatch(r"stance: (dialogue|neutral|escalation) 0\.\d{3}", label)
    assert text == "Nga [31m đe doạ <script>alert('&')</script> xung đột."
    rows = [re.fullmatch(r" *([+-]\d\.\d{3})  (\+*|-*) *  (\S+)", bar) for bar in bars]
    assert all(row is not None for row in rows)
    assert [row[3] for row in rows if row][-2:] == ["xung_đột", "."]
    assert all(set(row[2]) <= {row[1][0]} for row in rows if row)
    assert max(len(row[2]) for row in rows if row) > 0
    assert second.splitlines()[1] == "Hai bên đàm phán."
    page = Path("why.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in re.sub("<[^>]*>", "", page)
    assert not re.search("[\x1b\u202e]", page)
    assert page.startswith("<!doctype html>")


def test_texts_come_from_a_file_or_from_stdin(
    model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("in.csv").write_text("câu\nHai bên đàm phán.\nNga điều quân.\n", "utf-8")
    assert cli.main(["explain", model, "-i", "in.csv", "--text-column", "câu"]) == 0
    from_file = capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\ufeffHai bên đàm phán.\r\nNga điều quân.\n".encode())))
    assert cli.main(["explain", model, "-"]) == 0
    assert capsys.readouterr().out == from_file
    assert from_file.count("stance: ") == 2


@pytest.mark.parametrize(
    ("stdin", "message"),
    [(b"", "stdin:1: empty line"), ("Câu.\n\nHai.".encode(), "stdin:2: empty line"), (b"\xff", "not UTF-8")],
)
def test_stdin_that_holds_no_texts(
    stdin: bytes, message: str, model: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    assert cli.main(["explain", model, "-"]) == 1
    assert message in capsys.readouterr().err


def test_a_wrong_task_and_a_text_without_a_word_leave_no_page(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", model, "Hai bên.", "--task", "sentiment", "-o", "why.html"]) == 2
    assert "the model has no task 'sentiment'; expected stance." in capsys.readouterr().err
    assert cli.main(["explain", model, "Hai bên.", "\u200b", "-o", "why.html"]) == 1
    assert "holds no word" in capsys.readouterr().err
    assert not Path("why.html").exists()


def test_a_model_without_hashes_is_called_unverified(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = without_hashes(Path(shutil.copytree(model, tmp_path / "my model")))
    assert cli.main(["explain", str(folder), "Nga điều quân."]) == 0
    shown = capsys.readouterr().err
    assert "note: this model was saved without the sha256 of its files (format 1)" in shown


def test_a_model_that_was_changed_is_one_line(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(shutil.copytree(model, tmp_path / "my model"))
    edit(folder / "detente.json", temperature={"stance": 0})
    assert cli.main(["explain", str(folder), "Nga điều quân."]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith(f"error: {folder}/detente.json: 'temperature.stance': ")
    assert shown.count("\n") == 1
