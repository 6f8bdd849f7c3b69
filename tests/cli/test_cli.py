"""The command line as a user types it; in processes of its own where it is the process that is looked at."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from detente._version import __version__
from detente.cli import main
from detente.dataset import LabelledDataset

Called = subprocess.CompletedProcess[str]
Detente = Callable[..., Called]


@pytest.fixture
def detente(capfd: pytest.CaptureFixture[str]) -> Iterator[Detente]:
    """Calls the command line in this process; gives what a process would have left."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*arguments: str) -> Called:
        capfd.readouterr()
        try:
            code = main(arguments)
        except SystemExit as error:  # what Hydra leaves a failed job with
            code = int(error.code or 0)
        return subprocess.CompletedProcess(arguments, code, *capfd.readouterr())

    yield call
    signal.signal(signal.SIGTERM, before)


def in_a_process(*arguments: str, offline: str = "1") -> Called:
    env = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": offline}
    return subprocess.run([sys.executable, "-m", "detente", *arguments], capture_output=True, text=True, env=env, timeout=600)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["trian"], 2, "Did you mean 'train'?"),
        (["train", "dataset=none"], 1, "error: none: not a dataset folder"),
        (["--version"], 0, ""),
    ],
)
def test_a_process_ends_with_the_code_of_its_command(arguments: list[str], code: int, message: str) -> None:
    called = in_a_process(*arguments)
    assert called.returncode == code
    assert message in called.stderr
    assert called.stdout == ("" if code else f"detente {__version__}\n")


def test_version_and_help(detente: Detente) -> None:
    assert detente("--version").stdout.strip() == f"detente {__version__}"
    lines = ("", "build", "compare", "distill", "evaluate", "explain", "train", "predict", "demo", "label", "label agreement")
    for line in lines:
        command = tuple(line.split())
        shown = detente(*command, "--help")
        assert shown.returncode == 0
        assert "Example:" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ["trian"],
            2,
            "no command 'trian'; expected one of build, compare, demo, diff, distill, evaluate, explain, index, label, "
            "predict, publish, rebuild, train. Did you mean 'train'?",
        ),
        (["train", "task=stanse"], 2, "Did you mean 'stance'?"),
        (["train", "training.epochs=0"], 2, "training.epochs: expected more than 0, got 0."),
        (["train", "dataset=none"], 1, "none: not a dataset folder (no manifest.json). Make one with: detente build"),
        (["train", "model=phobert_base", "model.path=none", "tracking=none"], 1, "none: no such folder; expected an encoder"),
        (["train", "model=phobert_base", "tracking=none"], 1, "the Hugging Face hub cannot be reached"),
        (["build", "split=folds", "split.n_folds=9"], 1, "5 groups of articles for 9 folds"),
        (["distill", "out=x"], 2, "corpus.path: not set"),
        (["train", "training=probe", "training.method=prob"], 2, "Did you mean 'probe'"),
        (["build", "data.bad_page=maybe"], 2, "data.bad_page: expected error or skip"),
        (["predict", "none", "in.txt", "-o", "out.csv"], 1, "none: no such folder; expected a model folder"),
        (["predict", "none", "in.txt", "-o", "out.docx"], 2, "unknown format '.docx'"),
        (["predict", "none", "in.txt"], 2, "Missing option '-o'"),
        (["train", "task", "=", "stance"], 2, "expected key=value"),
        (["predict", "0" * 32, "in.txt", "-o", "out.csv"], 1, "no folder of this name, and the MLflow store at"),
        (["explain", "none", "Hai bên."], 1, "none: no such folder; expected a model folder"),
        (["explain", "none"], 2, "expected texts from one place"),
        (["explain", "none", "Hai bên.", "-i", "in.txt"], 2, "expected texts from one place"),
        (["explain", "none", "Hai bên.", "-"], 2, "expected it alone"),
        (["explain", "none", "-i", "in.txt"], 1, "in.txt: no such file"),
        (["explain", "none", "Hai bên.", "-o", "why.pdf"], 2, "unknown format '.pdf'; expected .html"),
        (["label", "agreement", "none.jsonl"], 1, "none.jsonl: no such file"),
        (["demo", "--task", "mood"], 2, "'mood' is not one of"),
    ],
)
def test_a_wrong_call_is_one_message_without_a_traceback(
    detente: Detente, arguments: list[str], code: int, message: str
) -> None:
    called = detente(*arguments)
    assert message in called.stderr
    assert "Traceback" not in called.stderr
    assert called.returncode == code
    assert called.stdout == ""
    assert not Path("out.csv").exists()


def test_a_hub_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    called = in_a_process("train", "model=phobert_base", "tracking=none", offline="0")
    assert called.returncode == 1
    last = called.stderr.splitlines()[-1]
    assert last.startswith("error: vinai/phobert-base (revision main): the Hugging Face hub cannot be reached")
    assert "model.path=FOLDER" in last
    assert not Path("runs").exists()


def test_all_keys_are_printed_on_request(detente: Detente) -> None:
    shown = detente("train", "--cfg", "job", "task=sentiment")
    assert shown.returncode == 0
    assert "method: probe" in shown.stdout
    assert "task: sentiment" in shown.stdout
    assert not list(Path().iterdir())


def test_an_output_that_cannot_be_written_is_one_message(detente: Detente) -> None:
    Path("file").write_text("no folder")
    called = detente("build", "out=file/below")
    assert called.returncode == 1
    assert called.stderr.startswith("error: ")
    assert "Traceback" not in called.stderr


@pytest.mark.slow
def test_build_train_predict_in_a_folder_with_a_space(
    detente: Detente, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "thư mục của tôi"
    folder.mkdir()
    monkeypatch.chdir(folder)
    built = detente("build")
    assert (built.returncode, built.stdout) == (0, "datasets/seeds\n")
    assert re.search(r"^vocabulary fit of mini: \d\.\d\d pieces a word of the news, \d\.\d\d over 81 texts", built.stderr, re.M)
    trained = detente("train", "dataset=datasets/seeds", "model=mini", "seed=0")
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.splitlines()[0].split() == ["model", "macro-F1", "accuracy", "000", "001", "002", "003", "004"]
    assert "smoke test, not evidence" in trained.stderr
    assert "vocabulary fit of mini" in trained.stderr
    model = next(Path("runs").glob("*/model"))
    run_id = next(line.split()[-1] for line in trained.stderr.splitlines() if line.startswith("run: "))
    Path("in.txt").write_text("Hai bên nhất trí đàm phán hòa bình.\nNga điều quân.\n", "utf-8")
    for name, source in (("a.jsonl", str(model)), ("b.jsonl", run_id)):
        predicted = detente("predict", source, "in.txt", "-o", name)
        assert predicted.returncode == 0, predicted.stderr
        assert predicted.stdout == ""
        assert "2 rows = 2 read + 0 rejected; 0 cut at 256 tokens" in predicted.stderr
    assert Path("a.jsonl").read_bytes() == Path("b.jsonl").read_bytes()
    assert json.loads(Path("a.jsonl").read_text("utf-8").splitlines()[1])["text"] == "Nga điều quân."


@pytest.mark.slow
def test_a_sweep_goes_on_past_a_job_that_fails(detente: Detente) -> None:
    swept = detente("train", "-m", "model=majority", "training.class_weights=none,balanced", "text.max_tokens=3,256")
    assert swept.returncode == 1
    assert "text.max_tokens: expected 4 to 16,384" in swept.stderr
    assert "Traceback" not in swept.stderr
    assert len(list(Path("runs").glob("*/model"))) == 2  # one of them between two that fail


@pytest.fixture
def endless(tiny: Path, dataset: LabelledDataset, migrated: Path) -> list[str]:
    """A training run of two thousand epochs."""
    shutil.copyfile(migrated, "mlflow.db")
    encoder = ["model.name=tiny", f"model.path={tiny}"]
    return ["train", "training=finetune_small", "training.epochs=2000", *encoder, f"dataset={dataset.folder}"]


@pytest.mark.slow
def test_an_interrupted_run_is_closed_and_leaves_nothing_half_written(endless: list[str]) -> None:
    command = [sys.executable, "-m", "detente", *endless]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        _wait_for_a_fold()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    check_that_it_was_closed(process.returncode, errors)


@pytest.mark.slow
def test_so_is_one_that_is_told_to_end(endless: list[str], detente: Detente) -> None:
    """SIGTERM, in this process."""

    def end() -> None:
        if _wait_for_a_fold():
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    called = detente(*endless)
    thread.join()
    check_that_it_was_closed(called.returncode, called.stderr)


def check_that_it_was_closed(code: int, errors: str) -> None:
    assert code == 130, errors
    assert errors.split("\n")[-4:] == ["stopped: the same command goes on from here", "", "interrupted", ""]
    assert "Traceback" not in errors
    from detente.tracking import open_store

    runs = open_store().search_runs(search_all_experiments=True, output_format="list")
    assert {run.info.run_name for run in runs} == {"tiny (untrained encoder), stance", "fold 0"}
    assert {run.info.status for run in runs} == {"KILLED"}
    assert [path.name for path in Path("runs").iterdir()] == [".unfinished"]
    assert len(list(Path("runs/.unfinished").glob("*/fold 0 checkpoints/*.safetensors"))) in (1, 2)


def _wait_for_a_fold() -> bool:
    deadline = time.monotonic() + 120
    while not (is_open := _open_folds()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return is_open


def _open_folds() -> bool:
    """Whether the first fold's run is in the database yet."""
    import sqlite3

    if not Path("mlflow.db").exists():
        return False
    try:
        with sqlite3.connect("file:mlflow.db?mode=ro", uri=True) as database:
            return bool(database.execute("select 1 from metrics where key = 'train/loss'").fetchall())
    except sqlite3.Error:
        return False


@pytest.mark.slow
def test_the_demo_twice_in_a_row(detente: Detente) -> None:
    for n_runs in (3, 6):
        shown = detente("demo", "--task", "sentiment")
        assert shown.returncode == 0, shown.stderr
        assert re.search(r"^mini +0\.\d{3} ", shown.stdout, re.M)
        assert re.search(r"^dispute +0\.834 +0\.877 ", shown.stdout, re.M)
        assert Path("predictions/sentiment-over-articles.png").read_bytes().startswith(b"\x89PNG")
        assert "5 groups of articles are a smoke test, not evidence" in shown.stdout
        assert shown.stdout.split("Compare the runs in your browser:")[1].strip().replace("'", "").endswith("mlflow ui")
        from detente.tracking import open_store

        runs = open_store().search_runs(
            search_all_experiments=True, output_format="list", filter_string="tags.task = 'sentiment'"
        )
        assert len(runs) == n_runs
        assert {run.info.status for run in runs} == {"FINISHED"}
    assert len(Path("predictions/titles-sentiment.csv").read_text("utf-8").splitlines()) == 8


@pytest.mark.parametrize("arguments", [["predict", "/m", "/a.csv", "-o", "/b.csv"], ["train"], ["index", "a.csv"]])
def test_a_working_directory_that_was_removed_is_told(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    from detente.cli import main

    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("error: the working directory is no longer there")
