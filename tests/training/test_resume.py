"""Runs that are killed, sweeps that go on, several processes as one: what is killed, and several, in processes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from safetensors.torch import load_file

from detente.cli import main
from detente.dataset import LabelledDataset

N_CHECKPOINTS = 28
"""Rather fewer than a run of ``arguments`` writes: one after each of its steps."""

KILLS = range(int(os.environ["DETENTE_KILLS"])) if "DETENTE_KILLS" in os.environ else (1,)
"""The numbers of the kills: one in the suite, the others in `make soak`."""

ENV = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="session")
def arguments(tiny: Path, three_folds: LabelledDataset) -> list[str]:
    """A short training run of the tiny encoder, with a checkpoint after every step."""
    return [*command(tiny), f"dataset={three_folds.folder}", "tracking.log_model=false"]


def command(tiny: Path, *more: str) -> list[str]:
    return [
        "train",
        "training=finetune_small",
        "training.epochs=2",
        "training.checkpoint_minutes=0",
        "model.name=tiny",
        f"model.path={tiny}",
        *more,
    ]


def process(*arguments: str) -> list[str]:
    """What starts the command in a process of its own."""
    return [sys.executable, "-m", "detente", *arguments]


def torchrun(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    launched = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "-m", "detente", *arguments]
    return subprocess.run(launched, capture_output=True, text=True, env=ENV, timeout=600, cwd=cwd)


@dataclass(frozen=True)
class Called:
    returncode: int
    stdout: str
    stderr: str


Call = Callable[..., Called]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Calls the command in this process, which has imported everything already."""
    before = signal.getsignal(signal.SIGTERM)

    def calling(*arguments: str, cwd: Path) -> Called:
        capfd.readouterr()
        with contextlib.chdir(cwd):
            code = main(arguments)
        return Called(code, *capfd.readouterr())

    yield calling
    signal.signal(signal.SIGTERM, before)


def outcome(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    (found,) = (folder / "runs").glob("[0-9a-f]*")
    weights = load_file(found / "model" / "model.safetensors")
    result = json.loads((found / "result.json").read_text("utf-8"))
    return weights, pq.read_table(found / "predictions.parquet").to_pylist(), {**result, "run_id": None}


def assert_same(one: Any, other: Any) -> None:
    assert one[0].keys() == other[0].keys()
    assert all((one[0][name] == other[0][name]).all() for name in one[0])
    assert one[1:] == other[1:]


@pytest.fixture(scope="module")
def whole(arguments: list[str], migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A run from start to end, and how long it took."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copyfile(migrated, folder / "mlflow.db")
    before, started = signal.getsignal(signal.SIGTERM), time.monotonic()
    with contextlib.chdir(folder):
        assert main(arguments) == 0
    signal.signal(signal.SIGTERM, before)
    return folder, time.monotonic() - started


@pytest.mark.slow
@pytest.mark.parametrize("number", KILLS)
def test_a_killed_run_goes_on_to_the_same_weights_and_scores(
    arguments: list[str], whole: tuple[Path, float], migrated: Path, tmp_path: Path, call: Call, number: int
) -> None:
    """Every third kill comes at any moment, the others while a checkpoint is written: which one, and how far, is random."""
    reference, seconds = whole
    generator = random.Random(number)
    shutil.copyfile(migrated, tmp_path / "mlflow.db")
    command, nowhere = process(*arguments), subprocess.DEVNULL
    with subprocess.Popen(command, stderr=nowhere, stdout=nowhere, env=ENV, cwd=tmp_path) as cut:
        if number % 3 == 0:
            _wait_for(cut, lambda: bool(list(tmp_path.glob("runs/.unfinished/*/run.json"))), 0.05)
            time.sleep(generator.uniform(0, 0.7 * seconds))
        else:
            _wait_for(cut, _Checkpoint(tmp_path, generator.randrange(N_CHECKPOINTS)).is_being_written, 0.0)
            time.sleep(generator.choice((0.0, 0.0, 0.002, 0.005, 0.01)))
        cut.send_signal(signal.SIGKILL)
    again = call(*arguments, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert_same(outcome(tmp_path), outcome(reference))
    assert not list(tmp_path.glob("runs/.unfinished/*/"))
    assert _statuses(tmp_path) == {"FINISHED": 4}  # the run and its three folds, and no second run of it
    assert _metrics(tmp_path) == _metrics(reference)


def _wait_for(process: subprocess.Popen[bytes], condition: Callable[[], bool], pause: float) -> None:
    deadline = time.monotonic() + 120
    while not condition() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(pause)


class _Checkpoint:
    """One of the checkpoints of a run, by its number; known by the temporary file that becomes it."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder, number
        self._seen: set[str] = set()

    def is_being_written(self) -> bool:
        with contextlib.suppress(FileNotFoundError):  # a fit that is done takes its folder away
            self._seen.update(path.name for path in self._folder.glob("runs/.unfinished/*/* checkpoints/.0*.safetensors"))
        return len(self._seen) > self._number


def _metrics(folder: Path) -> set[tuple[Any, ...]]:
    """Every value of every metric with its step, to the last bit; a value recorded once more after a kill is the same."""
    import sqlite3

    with sqlite3.connect(folder / "mlflow.db") as database:
        query = "select name, key, step, value from metrics join runs using (run_uuid)"
        return set(database.execute(query).fetchall())


def _statuses(folder: Path) -> dict[str, int]:
    import sqlite3
    from collections import Counter

    with sqlite3.connect(folder / "mlflow.db") as database:
        return dict(Counter(status for (status,) in database.execute("select status from runs")))


@pytest.mark.slow
def test_a_finished_run_is_not_run_again_unless_asked(arguments: list[str], whole: tuple[Path, float], call: Call) -> None:
    folder, _ = whole
    before = outcome(folder)
    again = call(*arguments, cwd=folder)
    assert re.search(
        r"^skipped: this run is finished \(run key [0-9a-f]{16}\); resume=never runs it again$", again.stderr, re.M
    )
    assert again.stdout.startswith("model")
    anew = call(*arguments, "resume=never", cwd=folder)
    assert "skipped" not in anew.stderr
    assert_same(outcome(folder), before)


@pytest.mark.slow
def test_two_processes_make_one_run_with_the_same_result(
    tiny: Path, three_folds: LabelledDataset, tmp_path: Path, call: Call
) -> None:
    plain = ["model.dropout=0", "training.precision=fp32", "training.checkpoint_minutes=5"]
    arguments = command(_without_dropout(tiny, tmp_path), *plain, f"dataset={three_folds.folder}", "tracking.log_model=false")
    for name, start in (("one", call), ("two", torchrun)):
        (tmp_path / name).mkdir()
        done = start(*arguments, cwd=tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("majority") == 1
    one, two = outcome(tmp_path / "one"), outcome(tmp_path / "two")
    assert max(float((one[0][name] - two[0][name]).abs().max()) for name in one[0]) < 1e-4
    assert [row["stance_pred"] for row in one[1]] == [row["stance_pred"] for row in two[1]]
    assert _statuses(tmp_path / "two") == {"FINISHED": 4}
    again = torchrun(*arguments, cwd=tmp_path / "two")
    assert (again.returncode, again.stderr.count("skipped: this run is finished")) == (0, 1), again.stderr
    assert _statuses(tmp_path / "two") == {"FINISHED": 4}


def _without_dropout(tiny: Path, tmp_path: Path) -> Path:
    """Each process draws its own dropout; without it both do the same sums."""
    folder = tmp_path / "encoder"
    if not folder.exists():
        shutil.copytree(tiny, folder)
        config = json.loads((folder / "config.json").read_text())
        config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        (folder / "config.json").write_text(json.dumps(config))
    return folder


def end_workers() -> None:
    """The processes of Hydra's joblib launcher wait for more work, in the environment of the sweep they were made for."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_a_sweep_on_a_fresh_database_goes_on_where_it_stopped(
    three_folds: LabelledDataset, tmp_path: Path, call: Call, launcher: str
) -> None:
    more = [] if launcher == "basic" else ["hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    sweep = ["train", "-m", *more, "model=majority,tfidf", "tracking.log_model=false", f"dataset={three_folds.folder}"]
    first = call(*sweep, "training.class_weights=balanced", cwd=tmp_path)
    end_workers()
    assert first.returncode == 0, first.stderr
    assert "skipped" not in first.stdout + first.stderr
    assert _statuses(tmp_path) == {"FINISHED": 8}
    marked = re.search(
        r"^best of the sweep: ([0-9a-f]{32}) \(highest oof/macro_f1 of 2 stance runs: 0\.\d{4}\)", first.stderr, re.M
    )
    assert marked
    second = call(*sweep, "training.class_weights=balanced,none", cwd=tmp_path)
    end_workers()
    assert second.returncode == 0, second.stderr
    assert (second.stdout + second.stderr).count("skipped: this run is finished") == 2
    assert _statuses(tmp_path) == {"FINISHED": 16}
    assert "of 4 stance runs" in second.stderr


@pytest.mark.slow
def test_optuna_goes_on_by_the_same_rule(three_folds: LabelledDataset, tmp_path: Path, call: Call) -> None:
    search = ["train", "-m", "experiment=search-tfidf", "hydra.sweeper.n_trials=2"]
    search += [f"dataset={three_folds.folder}", "tracking.log_model=false"]
    first = call(*search, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "of 2 stance runs" in first.stderr
    second = call(*search, cwd=tmp_path)
    assert second.returncode == 0, second.stderr
    assert (second.stdout + second.stderr).count("skipped: this run is finished") == 2
