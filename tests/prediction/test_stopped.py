"""Predictions that are cut, at any moment and in any way: the same command ends in the same bytes, or says why it will not."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from detente.errors import InputError, UsageError
from detente.model import Classifier
from detente.prediction import Shard, batch, job, predict, sources
from detente.prediction.job import output_of
from detente.prediction.work import Work
from detente.prediction.writing import Layout

N_ROWS = 600
PART_ROWS = 20


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PART_ROWS", PART_ROWS)


@pytest.fixture
def rows() -> Path:
    """Rows of which every fiftieth cannot be read."""
    path = Path("in.jsonl")
    made = (
        "{oops\n" if n % 50 == 7 else json.dumps({"n": n, "text": f"Câu {n}: hai bên đàm phán."}) + "\n" for n in range(N_ROWS)
    )
    path.write_text("".join(made), "utf-8")
    return path


def results(folder: Path = Path()) -> dict[str, bytes]:
    """The output and what lies beside it."""
    return {path.name: path.read_bytes() for path in folder.glob("out*") if path.is_file()}


def n_receipts() -> int:
    return len(list(Path().glob("out*.parts/_receipts/[0-9]*.json")))


class CutError(Exception):
    """Stands for whatever ends a run."""


@contextmanager
def cut_after(n_parts: int) -> Iterator[None]:
    """Raise in place of the part after the first ``n_parts``."""
    keep, done = Work.keep, [0]

    def counting(self: Work, *arguments: Any) -> None:
        if done[0] == n_parts:
            raise CutError
        done[0] += 1
        keep(self, *arguments)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(CutError):
        patch.setattr(Work, "keep", counting)
        yield


def in_a_process(classifier: Classifier, source: Path, out: str) -> int:
    """Predict in a copy of this process; its id."""
    process = os.fork()
    if not process:
        code = 1
        try:
            predict(classifier, source, out)
            code = 0
        finally:
            os._exit(code)
    return process


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv.gz"])
def test_killed_at_random_moments(name: str, classifier: Classifier, rows: Path, tmp_path: Path) -> None:
    """SIGKILL as soon as a random number of parts is done, and a moment later; then the same command to the end."""
    (tmp_path / "whole").mkdir()
    whole = predict(classifier, rows, f"whole/{name}")
    draw = random.Random()
    n_kills, n_killed = int(os.environ.get("DETENTE_KILLS", "3")), 0
    for _ in range(n_kills):
        target = n_receipts() + draw.randrange(2 + N_ROWS // PART_ROWS // n_kills)
        process = in_a_process(classifier, rows, name)
        status = 0
        while not status and n_receipts() < target and not Path(name).exists():
            time.sleep(0.001)
            status = os.waitpid(process, os.WNOHANG)[0]
        if not status:
            time.sleep(draw.random() * 0.02)
            os.kill(process, signal.SIGKILL)
            n_killed += os.WIFSIGNALED(os.waitpid(process, 0)[1])
    last = predict(classifier, rows, name)
    assert n_killed
    assert results() == results(tmp_path / "whole")
    assert (last.n_units, last.n_rows, last.n_rejected) == (whole.n_units, whole.n_rows, whole.n_rejected) == (600, 588, 12)
    assert sorted(path.name for path in Path().iterdir()) == sorted(["in.jsonl", "whole", *results()])


def test_only_what_is_missing_is_done_again(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out.csv")
    whole = results()
    Path("out.csv.meta.json").unlink()
    with cut_after(11):
        predict(classifier, rows, "out.csv")
    summary = predict(classifier, rows, "out.csv")
    assert (summary.n_units, summary.n_new) == (N_ROWS, N_ROWS - 11 * PART_ROWS)
    assert results() == whole
    said: list[str] = []
    assert predict(classifier, rows, "out.csv", say=said.append).n_new == 0
    assert said == ["out.csv: is complete already; nothing to do (--restart starts anew)"]
    Path("out.csv").write_text("changed")
    assert predict(classifier, rows, "out.csv").n_new == N_ROWS
    assert results() == whole


@pytest.mark.parametrize("moment", ["join_parts", "_place", "file_stamps"])
def test_cut_while_the_parts_are_joined(
    moment: str, classifier: Classifier, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(classifier, rows, "out.jsonl")
    whole = results()
    predict(classifier, rows, "out2.jsonl")
    for path in Path().glob("out*"):
        path.unlink()

    def stopping(*arguments: Any) -> None:
        raise CutError

    with monkeypatch.context() as patch, pytest.raises(CutError):
        patch.setattr(batch, moment, stopping)
        predict(classifier, rows, "out.jsonl")
    assert predict(classifier, rows, "out.jsonl").n_new == 0
    assert results() == whole


def test_another_input_model_or_setting_is_refused(classifier: Classifier, rows: Path) -> None:
    with cut_after(2):
        predict(classifier, rows, "out.jsonl")
    with pytest.raises(UsageError, match=r"cannot go on with it: settings\.batch_size was 32, is 8\. .*--restart"):
        predict(classifier, rows, "out.jsonl", batch_size=8)
    with pytest.raises(UsageError, match=r'model\.id was "[0-9a-f]{16}", is "other"'):
        predict(classifier, rows, "out.jsonl", model_id="other")
    text = rows.read_text("utf-8")
    rows.write_text(text.replace('"n": 1,', '"n": 1000,'), "utf-8")
    with pytest.raises(UsageError, match=r'input\.sha256 was "[0-9a-f]+", is "[0-9a-f]+"'):
        predict(classifier, rows, "out.jsonl")
    assert predict(classifier, rows, "out.jsonl", restart=True).n_new == N_ROWS


def test_an_input_that_changes_meanwhile_is_noticed(classifier: Classifier, rows: Path) -> None:
    keep = Work.keep

    def growing(self: Work, *arguments: Any) -> None:
        keep(self, *arguments)
        with rows.open("a", encoding="utf-8") as file:
            file.write('{"text": "thêm"}\n')

    with pytest.MonkeyPatch.context() as patch, pytest.raises(InputError, match="changed while it was predicted"):
        patch.setattr(Work, "keep", growing)
        predict(classifier, rows, "out.jsonl")
    assert not Path("out.jsonl").exists()


def test_a_part_that_was_damaged_is_made_again(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out.jsonl")
    whole = results()
    Path("out.jsonl.meta.json").unlink()
    with cut_after(3):
        predict(classifier, rows, "out.jsonl")
    part = Path("out.jsonl.parts/part-000001.jsonl")
    part.write_bytes(part.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"part-000001\.jsonl: was changed after it was written"):
        predict(classifier, rows, "out.jsonl")
    assert predict(classifier, rows, "out.jsonl").n_new == PART_ROWS
    assert results() == whole


def test_a_second_process_on_one_output_is_refused(classifier: Classifier, rows: Path) -> None:
    work = Work(output_of("out.jsonl").work_folder, Layout("jsonl", ()))
    refused = pytest.raises(UsageError, match="another process is writing this output")
    with work.locked(Shard()), refused:
        predict(classifier, rows, "out.jsonl")
    with work.locked(Shard()), refused:
        predict(classifier, rows, "out.jsonl", shard=Shard(0, 2))
    with work.locked(Shard(1, 2)), refused:
        predict(classifier, rows, "out.jsonl")
    with work.locked(Shard(1, 2)):
        assert predict(classifier, rows, "out.jsonl", shard=Shard(0, 2)).n_missing == 15


def held_after(n_parts: int, classifier: Classifier, source: Path, out: str, **options: Any) -> int:
    """Predict in a copy of this process that makes some parts and then waits for a file named "go"; its id."""
    process = os.fork()
    if process:
        return process
    code, keep, done = 1, Work.keep, [0]

    def waiting(self: Work, *arguments: Any) -> None:
        keep(self, *arguments)
        done[0] += 1
        while done[0] == n_parts and not Path("go").exists():
            time.sleep(0.005)

    try:
        Work.keep = waiting  # type: ignore[method-assign]
        predict(classifier, source, out, **options)
        code = 0
    finally:
        os._exit(code)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("waited for a minute")


@pytest.mark.parametrize("shard", [Shard(), Shard(1, 2)])
def test_a_plain_call_leaves_the_parts_of_a_restart_that_is_under_way(shard: Shard, classifier: Classifier, rows: Path) -> None:
    """Two processes: the output is complete, one begins it anew, and another finds it complete meanwhile."""
    predict(classifier, rows, "out.csv")
    whole = results()
    process = held_after(11, classifier, rows, "out.csv", restart=True)
    wait_for(lambda: n_receipts() == 11)
    before = {path: path.stat().st_ino for path in Path("out.csv.parts").rglob("*")}
    said: list[str] = []
    assert predict(classifier, rows, "out.csv", shard=shard, say=said.append).n_new == 0
    assert said == ["out.csv: is complete already; nothing to do (--restart starts anew)"]
    assert {path: path.stat().st_ino for path in Path("out.csv.parts").rglob("*")} == before
    with pytest.raises(UsageError, match="another process is writing this output"):
        predict(classifier, rows, "out.csv", restart=True)
    Path("go").touch()
    assert os.waitpid(process, 0)[1] == 0
    assert results() == whole
    assert not Path("out.csv.parts").exists()


def test_a_shard_that_comes_last_finds_the_parts_joined(classifier: Classifier, rows: Path) -> None:
    """While it makes its last part, another joins all parts and lets go of them."""
    predict(classifier, rows, "whole.csv")
    assert predict(classifier, rows, "out.csv", shard=Shard(0, 2)).n_missing == 15
    process = held_after(15, classifier, rows, "out.csv", shard=Shard(1, 2))
    wait_for(lambda: n_receipts() == 30)
    assert predict(classifier, rows, "out.csv", shard=Shard(0, 2)).n_missing == 0
    Path("go").touch()
    assert os.waitpid(process, 0)[1] == 0
    assert Path("out.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert not Path("out.csv.parts").exists()


def test_parts_that_vanish_are_no_other_shards(classifier: Classifier, rows: Path) -> None:
    keep = Work.keep

    def vanishing(self: Work, number: int, *arguments: Any) -> None:
        keep(self, number, *arguments)
        if number == 5:
            (self.folder / "_receipts" / "000002.json").unlink()

    with pytest.MonkeyPatch.context() as patch, pytest.raises(InputError, match="1 parts vanished while others were made"):
        patch.setattr(Work, "keep", vanishing)
        predict(classifier, rows, "out.csv")
    assert predict(classifier, rows, "out.csv").n_new == PART_ROWS


def test_what_a_killed_process_left_beside_a_complete_output_goes(classifier: Classifier, rows: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Work, "remove", lambda self: None)
        predict(classifier, rows, "out.csv")
    Path("out.csv.parts/mine.txt").write_text("mine")
    assert predict(classifier, rows, "out.csv").n_new == 0
    assert [path.name for path in Path("out.csv.parts").iterdir()] == ["mine.txt"]


def test_beginning_anew_mends_an_output_that_was_damaged(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out.csv")
    whole = results()
    Path("out.csv").write_bytes(whole["out.csv"].replace(b"neutral", b"NEUTRAL"))
    predict(classifier, rows, "out.csv", restart=True)
    assert results() == whole


def test_beginning_anew_leaves_what_is_not_the_predictions(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out/", to="csv")
    for name in ("part-of-mine.csv", "notes.txt", "_receipts/mine.json", ".hidden", "_new-ideas.txt"):
        Path("out", name).write_text("mine")
    predict(classifier, rows, "out/", to="jsonl", restart=True)
    for name in ("part-of-mine.csv", "notes.txt", "_receipts/mine.json", ".hidden", "_new-ideas.txt"):
        assert Path("out", name).read_text() == "mine"
    assert not list(Path("out").glob("part-0*.csv"))
    assert predict(classifier, rows, "out/", to="jsonl").n_new == 0


def test_shards_make_what_one_process_makes(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out.parquet")
    whole = results()
    for path in Path().glob("out*"):
        path.unlink()
    assert predict(classifier, rows, "out.parquet", shard=Shard(2, 3)).n_missing == 20
    with pytest.raises(InputError, match=r"20 of 30 parts are missing, the first is 0"):
        predict(classifier, rows, "out.parquet", join=True)
    assert predict(classifier, rows, "out.parquet", shard=Shard(0, 3)).n_missing == 10
    last = predict(classifier, rows, "out.parquet", shard=Shard(1, 3))
    assert (last.n_new, last.n_units, last.n_missing) == (N_ROWS // 3, N_ROWS, 0)
    assert results() == whole
    assert [path.name for path in Path().glob("*.parts")] == []


def test_beginning_anew(classifier: Classifier, rows: Path) -> None:
    predict(classifier, rows, "out/", to="csv")
    assert predict(classifier, rows, "out/", to="csv").n_new == 0
    with pytest.raises(UsageError, match="--restart would remove the parts of the other shards"):
        predict(classifier, rows, "out/", to="csv", restart=True, shard=Shard(0, 2))
    with pytest.raises(UsageError, match=r"settings\.output was \"csv\", is \"jsonl\""):
        predict(classifier, rows, "out/", to="jsonl")
    assert predict(classifier, rows, "out/", to="jsonl", restart=True).n_new == N_ROWS
    assert {path.suffix for path in Path("out").glob("part-*")} == {".jsonl"}


@pytest.mark.parametrize("text", ["4/4", "1", "a/b", "-1/2", "1/0"])
def test_a_shard_that_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="expected i/n with i from 0 to n-1"):
        Shard.parse(text)


@contextmanager
def files_of_at_most(n_bytes: int) -> Iterator[None]:
    """What a full disk does, to files that are large."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_a_disk_that_is_full(name: str, classifier: Classifier, rows: Path) -> None:
    """At the parts, and then, where these are small enough, at the joined file."""
    predict(classifier, rows, name)
    whole = results()
    for path in Path().glob("out*"):
        path.unlink()
    with files_of_at_most(1000), pytest.raises(OSError, match="File too large"):
        predict(classifier, rows, name)
    with files_of_at_most(9000), pytest.raises(OSError, match="File too large"):
        predict(classifier, rows, name)
    assert not Path(name).exists()
    assert n_receipts() == N_ROWS // PART_ROWS
    assert predict(classifier, rows, name).n_new == 0
    assert results() == whole


def test_worker_processes_change_nothing(classifier: Classifier, rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    predict(classifier, rows, "out.jsonl", n_workers=1)
    whole = Path("out.jsonl").read_bytes()
    monkeypatch.setattr(job, "WORTH_WORKERS", 1)
    assert predict(classifier, rows, "over.jsonl", n_workers=2).n_new == N_ROWS
    assert Path("over.jsonl").read_bytes() == whole
