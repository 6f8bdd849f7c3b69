"""A store that is lost in the middle: what it missed arrives later, or its loss is said."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from detente.dataset import LabelledDataset
from detente.tracking import mlflow_run, open_store, outbox
from detente.tracking.options import TrackingOptions
from detente.tracking.outbox import Outbox


class Store:
    """Takes calls while it is up."""

    def __init__(self) -> None:
        self.up = True
        self.taken: list[int] = []

    def take(self, number: int) -> None:
        if not self.up:
            raise ConnectionError("refused")
        self.taken.append(number)


def test_what_was_missed_arrives_later_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.0)
    said: list[str] = []
    store, box = Store(), Outbox(said.append)
    for number in range(6):
        store.up = number not in (2, 3)
        box.send(lambda number=number: store.take(number))  # type: ignore[misc]
    assert store.taken == [0, 1, 2, 3, 4, 5]
    assert said == [
        "the tracking store does not answer (refused); training goes on, records wait",
        "the tracking store is back; what it missed was sent",
    ]


def test_what_never_arrives_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    said: list[str] = []
    store, box = Store(), Outbox(said.append)
    store.up = False
    for number in range(3):
        box.send(lambda number=number: store.take(number))  # type: ignore[misc]
    box.flush(last=True)
    assert said[-1] == "3 records never reached the tracking store; the run's folder has its results"
    assert store.taken == []


def test_an_answer_that_says_no_is_an_error_of_ours() -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

    box = Outbox(lambda line: pytest.fail(line))

    def refused() -> None:
        raise MlflowException("no such metric", error_code=INVALID_PARAMETER_VALUE)

    with pytest.raises(MlflowException, match="no such metric"):
        box.send(refused)
    box.flush(last=True)


@contextmanager
def server(folder: Path, port: int, migrated: Path) -> Iterator[subprocess.Popen[str]]:
    if not (folder / "server.db").exists():
        shutil.copyfile(migrated, folder / "server.db")
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    store, artifacts = f"sqlite:///{folder / 'server.db'}", str(folder / "artifacts")
    command += ["--backend-store-uri", store, "--artifacts-destination", artifacts]
    env = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # up in a third of the time
    log = (folder / "server.log").open("a")
    with (
        log,
        subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log, text=True, start_new_session=True) as process,
    ):
        try:
            deadline = time.monotonic() + 120
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.2)
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)


@pytest.mark.slow
def test_a_server_that_goes_and_comes_back(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.0)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = TrackingOptions(uri=f"http://127.0.0.1:{port}")
    said: list[str] = []
    with server(tmp_path, port, migrated):
        opened = mlflow_run(options, "cut off", say=said.append)
        recorder = opened.__enter__()
        recorder.metrics({"train/loss": 3.0}, step=1)
    recorder.metrics({"train/loss": 2.0}, step=2)
    recorder.tags({"while": "down"})
    with recorder.child("fold 0") as child:
        child.metrics({"train/loss": 9.0}, step=1)
    with server(tmp_path, port, migrated):
        recorder.metrics({"train/loss": 1.0}, step=3)
        opened.__exit__(None, None, None)
        client = open_store(options.uri).MlflowClient()
        run = client.get_run(recorder.run_id)
        assert [(each.step, each.value) for each in client.get_metric_history(recorder.run_id, "train/loss")] == [
            (1, 3.0),
            (2, 2.0),
            (3, 1.0),
        ]
        assert run.data.tags["while"] == "down"
        assert run.info.status == "FINISHED"
    assert any(line.startswith("the run 'fold 0' is not recorded") for line in said)
    assert said[-1] == "the tracking store is back; what it missed was sent"
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_a_training_run_outlives_its_server(
    tmp_path: Path,
    migrated: Path,
    dataset: LabelledDataset,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The server goes for good while the second fold is scored: the command ends well, and says what was not recorded."""
    from detente.cli import main
    from detente.training import crossvalidation

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    before, real, done = signal.getsignal(signal.SIGTERM), crossvalidation.score_examples, [0]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with server(tmp_path, port, migrated) as process:

        def score(*arguments: Any, **keywords: Any) -> Any:
            done[0] += 1
            if done[0] == 2:
                os.killpg(process.pid, 9)
                process.wait(30)
            return real(*arguments, **keywords)

        monkeypatch.setattr(crossvalidation, "score_examples", score)
        code = main(["train", "model=tfidf", f"dataset={dataset.folder}", f"tracking.uri=http://127.0.0.1:{port}"])
    signal.signal(signal.SIGTERM, before)
    out, err = capfd.readouterr()
    assert code == 0, err
    assert "Traceback" not in err
    assert err.count("the tracking store does not answer") == 4  # once that records wait, and three folds have no run
    assert err.count("is not recorded: the tracking store does not answer") == 3
    assert re.search(r"^\d+ records never reached the tracking store; the run's folder has its results$", err, re.M)
    assert out.splitlines()[1].split()[:2] == ["tfidf", "0.311"]
    (folder,) = (tmp_path / "runs").glob("[0-9a-f]*")
    assert {path.name for path in folder.iterdir()} >= {"model", "report.md", "predictions.parquet", "result.json"}
