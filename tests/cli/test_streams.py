"""Streams that are closed, full, left by their reader or of another encoding, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from detente.dataset import LabelledDataset
from detente.model import save_model
from detente.model.options import ModelOptions
from detente.text import TextOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions

TEXTS = "Nga và Mỹ đàm phán.\nNga điều quân.\n"


@pytest.fixture(scope="module")
def model(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always answers the same, and takes text as it is: no other is loaded as fast."""
    majority = ModelOptions(name="majority", kind="majority")
    options = TrainOptions(task="stance", model=majority, text=TextOptions(segmenter="raw"))
    folder = tmp_path_factory.mktemp("model") / "model"
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=None), folder)
    return folder


@pytest.fixture(autouse=True)
def _texts() -> None:
    Path("in.txt").write_text(TEXTS, encoding="utf-8")


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command line as bash runs it; ``detente`` is this one's."""
    program = f'detente() {{ "{sys.executable}" -m detente "$@"; }}; {command}'
    env = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    return subprocess.run(["bash", "-c", program], capture_output=True, encoding="utf-8", env=env, timeout=300)


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("detente --version >&-", 1, "error: stdout: is closed\n"),
        ("detente --version >/dev/full", 1, "error: stdout: No space left on device\n"),
        ("detente predict none in.txt -o out.xlsx.x 2>&-", 2, ""),
        ("detente predict none in.txt -o out.xlsx.x 2>/dev/full", 2, ""),
        ("detente predict {model} - -o out.csv <&-", 1, "error: stdin: is closed\n"),
        ("detente predict {model} in.txt -o - >/dev/full", 1, "error: stdout: No space left on device\n"),
        ("detente diff {data} {data} | true; exit ${{PIPESTATUS[0]}}", 141, ""),
    ],
)
def test_a_stream_that_fails_is_one_line(model: Path, dataset: LabelledDataset, command: str, code: int, said: str) -> None:
    called = shell(command.format(model=model, data=dataset.folder))
    assert (called.returncode, called.stderr, called.stdout) == (code, said, "")
    assert [path.name for path in Path().iterdir()] == ["in.txt"]


def test_a_reader_that_has_read_enough_ends_it_quietly(model: Path) -> None:
    Path("in.txt").write_text(TEXTS * 3000, encoding="utf-8")
    called = shell(f"detente predict {model} in.txt -o - 2>talk | head -1; exit ${{PIPESTATUS[0]}}")
    assert called.returncode == 141
    assert called.stdout.startswith('{"text": "Nga và Mỹ đàm phán."')
    assert "rror" not in Path("talk").read_text(encoding="utf-8")


def test_talk_that_nobody_hears_stops_no_work_and_is_in_no_file(model: Path) -> None:
    called = shell(f"detente predict {model} in.txt -o out.csv 2>&-")
    assert called.returncode == 0
    lines = Path("out.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["text", "Nga và Mỹ đàm phán.", "Nga điều quân."]


def test_a_terminal_of_another_encoding(model: Path) -> None:
    called = shell(f"detente explain {model} 'Nga và Mỹ đàm phán.'", PYTHONIOENCODING="ascii")
    assert (called.returncode, called.stderr) == (0, "")
    assert called.stdout.splitlines()[1] == r"Nga v\xe0 M\u1ef9 \u0111\xe0m ph\xe1n."


def test_names_that_are_not_utf8(model: Path) -> None:
    called = shell(f"mv in.txt $'in\\xff.txt'; detente predict {model} $'in\\xff.txt' -o $'out\\xff.csv'")
    assert called.returncode == 0, called.stderr
    assert Path(os.fsdecode(b"out\xff.csv")).is_file()
    called = shell("mkdir pages; cp $'in\\xff.txt' pages; detente label export pages -o a.jsonl")
    assert called.returncode == 1
    assert "pages/in\\udcff.txt: the file's name is not UTF-8, and no id can be made of it. Rename it." in called.stderr
