"""Every JSON file of ours, changed by hand in every way: one error of ours that names it, or none for what is optional."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detente import places
from detente.dataset import BuildOptions, LabelledDataset, build_dataset
from detente.dataset.annotations import read_annotations
from detente.dataset.build import DataOptions
from detente.dataset.labelling.audit import AuditRow
from detente.dataset.publishing import publish_dataset, rebuild_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import DetenteError, InputError
from detente.evaluation.challenge import read_challenge
from detente.indexing.audit import read_audit
from detente.model.options import ModelOptions
from detente.prediction import PredictionSummary, predict
from detente.text.actors import read_actors
from detente.tracking.tracked import read_run
from detente.training import TrainingRun, train
from detente.training.finished import read_result
from detente.training.options import TrainOptions
from label_sets import STANCE_TASK

PAGES = 2
DEEP = "[" * 1000 + "]" * 1000
SCREEN = 2000
"""Characters."""


def damaged(value: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """What must be refused: the object of a file, changed."""
    text = json.dumps(value, ensure_ascii=False)
    first = next(iter(value))
    yield "a key more", json.dumps({**value, "surplus": 1}).encode()
    yield "a key twice", f'{{"{first}": {json.dumps(value[first])}, {text[1:]}'.encode()
    yield "nested deep", f'{{"{first}": {DEEP}, {json.dumps({k: v for k, v in value.items() if k != first})[1:]}'.encode()
    yield "many digits", text.replace(json.dumps(value[first], ensure_ascii=False), "9" * 5000, 1).encode()
    yield "half a character", json.dumps({**value, first: "\ud83d"}).encode()
    yield "no number", json.dumps({**value, first: float("nan")}).encode()
    yield "truncated", text.encode()[: len(text) // 2]
    yield "a list", json.dumps([value]).encode()
    yield "not UTF-8", text.encode().replace(b"{", b'{"\xff": 1, ', 1)
    for key, kept in value.items():
        if kept is not None:
            yield f"another type for {key}", json.dumps({**value, key: [kept] if isinstance(kept, str) else "text"}).encode()


def lacking(value: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The object without one of its keys, which some can do without."""
    for key in value:
        yield f"without {key}", json.dumps({name: kept for name, kept in value.items() if name != key}).encode()


def check(path: Path, call: Callable[[], object], *, lines: bool = False, named: Path | None = None) -> None:
    """Damage a file in place, every way one after the other, and ask for one short error that names it.

    ``named`` is what the error names where the file can be read and says something else.
    """
    before = path.read_bytes()
    first, rest = before.split(b"\n", 1) if lines else (before, b"")
    value = json.loads(first)
    try:
        for how, content in damaged(value):
            path.write_bytes(content + b"\n" + rest if lines else content)
            message = told(call, how)
            wanted = f"{path}:1" if lines and is_utf8(content) else f"{path}"
            assert wanted in message or (named is not None and f"{named}: " in message), (how, message)
        for how, content in lacking(value):
            path.write_bytes(content + b"\n" + rest if lines else content)
            message = told(call, how)
            assert not message or str(path.parent) in message, (how, message)
    finally:
        path.write_bytes(before)


def is_utf8(content: bytes) -> bool:
    return content.decode("utf-8", "replace").encode() == content


def told(call: Callable[[], object], how: str) -> str:
    """The message of an error of ours; empty where there was none."""
    message = ""
    try:
        call()
    except DetenteError as error:
        message = str(error)
    assert len(message) < SCREEN, how
    return message


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two pages, as an older version wrote it: without hashes of its files."""
    here = tmp_path_factory.mktemp("changed")
    pages = here / "pages"
    pages.mkdir()
    for path in sorted((places.SEEDS / "articles").iterdir())[:PAGES]:
        shutil.copyfile(path, pages / path.name)
    lines = (places.SEEDS / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if json.loads(line)["sentence_id"].split("#")[0] in {path.stem for path in pages.iterdir()}]
    (here / "labels.jsonl").write_text("\n".join(kept), encoding="utf-8")
    data = DataOptions("mine", str(pages), str(here / "labels.jsonl"))
    out = build_dataset(BuildOptions(data=data, split=SplitOptions(n_folds=PAGES), out=str(here / "dataset"))).folder
    forget_hashes(out)
    forget_hashes(publish_dataset(out, here / "published", without_text=True))
    return here


def forget_hashes(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "files": {}}), encoding="utf-8")


@pytest.mark.parametrize("name", ["manifest.json", "articles.jsonl", "cleaning.jsonl", "annotations.jsonl"])
def test_files_of_a_dataset(folder: Path, tmp_path: Path, name: str) -> None:
    def publish() -> None:
        shutil.rmtree(publish_dataset(folder / "dataset", tmp_path / "out", without_text=True))

    check(folder / "dataset" / name, publish, lines=name.endswith("l"))
    publish()


@pytest.mark.parametrize("name", ["manifest.json", "articles.jsonl", "cleaning.jsonl", "annotations.jsonl"])
def test_files_of_a_dataset_published_without_text(folder: Path, tmp_path: Path, name: str) -> None:
    def rebuild() -> None:
        shutil.rmtree(rebuild_dataset(folder / "published", folder / "pages", tmp_path / "back").folder)

    check(folder / "published" / name, rebuild, lines=name.endswith("l"))
    rebuild()


@pytest.fixture(scope="module")
def majority(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> TrainingRun:
    """A run of the model that always answers the same."""
    options = TrainOptions(task="stance", model=ModelOptions(name="majority", kind="majority"))
    return train(dataset, options, out=tmp_path_factory.mktemp("runs") / "run")


def test_the_result_of_a_run(majority: TrainingRun) -> None:
    check(majority.folder / "result.json", lambda: read_result(majority.folder))
    assert read_result(majority.folder).score is not None


def test_files_of_a_run_that_is_compared(majority: TrainingRun) -> None:
    check(majority.folder / "result.json", lambda: read_run(str(majority.folder)))
    path = majority.folder / "predictions.parquet"
    before, rows = path.read_bytes(), pq.read_table(path).to_pylist()
    pq.write_table(pa.Table.from_pylist([{**row, "stance_pred": "neutral"} for row in rows]), path)
    with pytest.raises(InputError, match=r"predictions\.parquet: is not what result\.json has the sha256 of"):
        read_run(str(majority.folder))
    facts = json.loads((majority.folder / "result.json").read_text(encoding="utf-8"))
    old = {key: value for key, value in facts.items() if key != "predictions_sha256"}
    (majority.folder / "result.json").write_text(json.dumps(old), encoding="utf-8")
    for change in ({"seed": "x"}, {"group_id": None}, {"stance_pred": ["neutral"]}, {"stance_prob_neutral": "0.1"}):
        pq.write_table(pa.Table.from_pylist([{**row, **change} for row in rows]), path)
        with pytest.raises(InputError, match=f"predictions\\.parquet: '{next(iter(change))}' is "):
            read_run(str(majority.folder))
    path.write_bytes(before)
    assert len(read_run(str(majority.folder)).rows) == 81


def test_files_of_a_prediction(majority: TrainingRun) -> None:
    Path("in.txt").write_text("Nga và Mỹ đàm phán.\n\nNga điều quân.\n", encoding="utf-8")
    out = Path("out")

    def predicted() -> PredictionSummary:
        (out / "_meta.json").unlink(missing_ok=True)
        return predict(majority.classifier, Path("in.txt"), "out/")

    before = predicted()
    check(out / "_receipts" / "000000.json", predicted)
    check(out / "_manifest.json", predicted, named=out)
    assert predicted().n_rejected == before.n_rejected == 1
    path = out / "_meta.json"
    meta = json.loads(path.read_text(encoding="utf-8"))
    for counts in ({}, {**meta["counts"], "n_rows": "3"}, [], {**meta["counts"], "more": 1}):
        path.write_text(json.dumps({**meta, "counts": counts}), encoding="utf-8")
        with pytest.raises(InputError, match=r"^out/_meta\.json: counts: .* Remove it, or start anew with --restart\.$"):
            predict(majority.classifier, Path("in.txt"), "out/")


@pytest.mark.parametrize(
    ("name", "read"),
    [("actors.jsonl", read_actors), ("challenge.jsonl", read_challenge), ("annotations.jsonl", read_annotations)],
)
def test_lists_of_ones_own(name: str, read: Callable[[Path], object]) -> None:
    lines = (places.SEEDS / name).read_text(encoding="utf-8").splitlines()
    Path(name).write_text("\n".join(lines), encoding="utf-8")
    check(Path(name), lambda: read(Path(name)), lines=True)
    read(Path(name))


def test_an_audit() -> None:
    facts = ("p#0", "p", "Nga điều quân.", 0.5, "simple", "", {}, "an", "human")
    row = {name: value for name, value in asdict(AuditRow(*facts)).items() if name != "labels"} | {"stance": "escalation"}
    Path("audit.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    damage = [content for how, content in damaged(row) if how != "a key more"]
    for content in [*damage, *(content for _, content in lacking(row))]:
        Path("audit.jsonl").write_bytes(content)
        with pytest.raises(InputError, match=r"^audit\.jsonl:1: "):
            read_audit(Path("audit.jsonl"), STANCE_TASK)
