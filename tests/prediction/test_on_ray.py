"""Ray's workers make what the loop makes, byte for byte, also where one of them is killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from detente.cli import main
from detente.dataset import LabelledDataset
from detente.errors import InputError, ModelError, UsageError
from detente.model import Classifier, load_model, save_model
from detente.prediction import on_ray, predict
from detente.prediction.on_ray import RayRunner, check_ray
from detente.prediction.sources import PART_ROWS, open_source
from detente.text.path import TextOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions

N_PARTS = 7


def n_rows(n_parts: int) -> int:
    return n_parts * PART_ROWS - 100


def n_rejected(n_parts: int) -> int:
    return len(range(7, n_rows(n_parts), 500))


@pytest.fixture
def _ray() -> None:
    if find_spec("ray") is None:
        reason = "ray is not installed (pip install 'detente[ray]')"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def write_rows(n_parts: int) -> Path:
    """Rows of which one in every five hundred cannot be read."""
    path = Path("in.jsonl")
    lines = ("{oops" if n % 500 == 7 else json.dumps({"n": n, "text": f"Câu {n}: đàm phán."}) for n in range(n_rows(n_parts)))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def rows() -> Path:
    return write_rows(N_PARTS)


@pytest.fixture
def encoder(dataset: LabelledDataset, quick: TrainOptions, tmp_path: Path) -> Path:
    """A model folder with the tiny encoder."""
    path = Path(quick.model.path)
    options = replace(quick, text=TextOptions(segmenter="syllables"))
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=path), tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def baseline(classifier: Classifier, tmp_path: Path) -> Path:
    save_model(classifier, tmp_path / "baseline")
    return tmp_path / "baseline"


def results() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().glob("out*") if path.is_file()}


def n_receipts() -> int:
    return len(list(Path("out.jsonl.parts/_receipts").glob("[0-9]*.json")))


def workers(process: psutil.Process) -> list[psutil.Process]:
    """The processes of Ray that run our class."""
    found = []
    for each in family(process):
        with suppress(psutil.Error):
            if "".join(each.cmdline()[:1]).startswith("ray::MapWorker"):
                found.append(each)
    return found


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and all it has started, as far as they are still there."""
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


@contextmanager
def meanwhile(look: Callable[[], bool]) -> Iterator[None]:
    """Call ``look`` again and again in a thread, until it has seen what it wants."""
    is_over = threading.Event()

    def looking() -> None:
        while not is_over.is_set() and not look():
            time.sleep(0.25)  # looking costs a core: it reads every process of the machine

    thread = threading.Thread(target=looking)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


@pytest.mark.slow
@pytest.mark.usefixtures("_ray")
def test_two_workers_make_what_the_loop_makes(encoder: Path) -> None:
    """By the command, as a user gives it; and Ray listens to this machine alone."""
    n_parts, before = 4, signal.getsignal(signal.SIGTERM)
    command = ["predict", str(encoder), str(write_rows(n_parts)), "--threads", "1", "-o", "out.jsonl"]
    assert main(command) == 0
    signal.signal(signal.SIGTERM, before)
    whole, n_read = results(), n_rows(n_parts) - n_rejected(n_parts)
    assert whole["out.jsonl"].count(b"\n") == n_read
    for name in whole:
        Path(name).unlink()

    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    with_ray = [sys.executable, "-m", "detente", *command, "--runner", "ray", "--workers", "2"]
    process = subprocess.Popen(with_ray, env=environment, stderr=subprocess.PIPE, text=True)
    one = psutil.Process(process.pid)
    seen: set[int] = set()
    addresses: set[str] = set()

    def look() -> bool:
        seen.update(worker.pid for worker in workers(one))
        for each in family(one):
            with suppress(psutil.Error):
                addresses.update(c.laddr.ip for c in each.net_connections("inet") if c.status == psutil.CONN_LISTEN)
        return False

    with meanwhile(look):
        said = process.communicate(timeout=900)[1]
    assert process.returncode == 0, said
    assert "ray: workers 2, threads each 1\n" in said
    assert f"out.jsonl: {n_rows(n_parts):,} rows = {n_read:,} read + {n_rejected(n_parts)} rejected" in said
    assert results() == whole
    assert len(seen) == 2
    assert addresses
    assert addresses <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.mark.slow
@pytest.mark.usefixtures("_ray")
def test_a_killed_worker_loses_nothing(baseline: Path, rows: Path) -> None:
    predict(load_model(baseline), rows, "out.jsonl")
    whole = results()
    for name in whole:
        Path(name).unlink()
    killed: list[int] = []

    def look() -> bool:
        if n_receipts():
            for worker in workers(psutil.Process()):
                worker.kill()
                killed.append(n_receipts())
        return bool(killed)

    with meanwhile(look):
        summary = predict(
            load_model(baseline), rows, "out.jsonl", runner=RayRunner(baseline, say=lambda line: None), n_workers=1
        )
    assert killed
    assert killed[0] < N_PARTS
    assert (summary.n_units, summary.n_rejected, summary.n_new) == (n_rows(N_PARTS), 29, n_rows(N_PARTS))
    assert results() == whole


@pytest.mark.slow
@pytest.mark.usefixtures("_ray")
def test_what_goes_wrong_in_a_worker_is_said_as_here(baseline: Path) -> None:
    """A model that is not there for the workers; then, by the loop, what is missing."""
    rows = write_rows(1)
    said: list[str] = []
    loaded = load_model(baseline)
    shutil.move(baseline, "elsewhere")
    with pytest.raises(ModelError, match=r"baseline: "):
        predict(loaded, rows, "out.jsonl", runner=RayRunner(baseline, say=said.append), n_workers=1)
    assert said == ["ray: workers 1, threads each 1"]
    assert predict(loaded, rows, "out.jsonl").n_new == n_rows(1)


def test_parts_are_read_in_any_order(rows: Path) -> None:
    source = open_source(rows, "text")
    reader, whole = on_ray._Reader(source), dict(source.parts())
    for number in (0, 1, 4, 4, 2, 6, 0):
        assert reader.part(number) == whole[number]
    with pytest.raises(InputError, match=r"in\.jsonl: has no part 7 where a worker reads it"):
        reader.part(N_PARTS)
    assert reader.part(3) == whole[3]


def test_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_ray, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"Ray is not installed; pip install 'detente\[ray\]'"):
        check_ray(is_piped=False)
    monkeypatch.setattr(on_ray, "find_spec", lambda name: object())
    with pytest.raises(UsageError, match="cannot read a pipe"):
        check_ray(is_piped=True)


@pytest.mark.usefixtures("_ray")
def test_a_cluster_that_is_not_there(baseline: Path, rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    with pytest.raises(UsageError, match=r"the Ray cluster at RAY_ADDRESS=127\.0\.0\.1:9 cannot be used \(.*refused\)"):
        predict(load_model(baseline), rows, "out.jsonl", runner=RayRunner(baseline))


def test_a_ray_of_this_machine_is_closed_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_USAGE_STATS_ENABLED"):
        monkeypatch.delenv(name, raising=False)
    on_ray.set_environment()
    first = os.environ["RAY_AUTH_TOKEN"]
    assert len(first) == 64
    assert (os.environ["RAY_AUTH_MODE"], os.environ["RAY_USAGE_STATS_ENABLED"]) == ("token", "0")
    on_ray.set_environment()
    assert os.environ["RAY_AUTH_TOKEN"] == first
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAY_ADDRESS", "local")
    on_ray.set_environment()
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    on_ray.set_environment()
    assert "RAY_AUTH_TOKEN" not in os.environ
