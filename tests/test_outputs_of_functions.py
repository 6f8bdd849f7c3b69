"""Functions that write are as safe as the commands: an output on an input is refused, and nothing is changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from detente import ExportOptions, IndexOptions, places, stance_index
from detente.atomic import new_file
from detente.dataset import LabelledDataset
from detente.dataset.agreement_page import annotations_page
from detente.dataset.labelling import export_sentences, import_labels
from detente.dataset.labelling.audit import write_audit
from detente.dataset.labelling.merging import adjudicate
from detente.dataset.publishing import publish_dataset, rebuild_dataset
from detente.errors import UsageError
from detente.evaluation.explanation_page import write_page
from detente.indexing.files import write_index, write_picture
from detente.tracking.comparing import RunComparison
from detente.tracking.comparison_file import write_comparison

ROW = {"sentence_id": "a#0", "article_id": "a", "text": "Câu.", "date": "2025-01-01", "stance_pred": "neutral"}


@pytest.fixture(autouse=True)
def _files(dataset: LabelledDataset) -> None:
    shutil.copyfile(places.SEEDS / "annotations.jsonl", "annotations.jsonl")
    shutil.copyfile(places.SEEDS / "annotations.jsonl", "annotations.json")
    for name in ("p.jsonl", "p.png", "texts.html", "runs/a/result.json"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(json.dumps(ROW) + "\n", "utf-8")
    shutil.copytree(dataset.folder, "one")


def _index(write: Callable[..., object], *given: object) -> None:
    write(stance_index(Path("p.jsonl"), IndexOptions()), *given)


CALLS: dict[str, Callable[[], object]] = {
    "agreement": lambda: annotations_page(Path("annotations.json"), Path("annotations.json")),
    "agreement of a dataset": lambda: annotations_page(Path("one"), Path("one/new.md")),
    "audit, the sample": lambda: write_audit(Path("p.jsonl"), Path("annotations.jsonl"), Path("p.jsonl")),
    "audit, the annotations": lambda: write_audit(Path("p.jsonl"), Path("annotations.jsonl"), Path("annotations.jsonl")),
    "adjudicate": lambda: adjudicate(Path("annotations.jsonl"), [Path("annotations.jsonl")]),
    "import": lambda: import_labels([Path("annotations.jsonl")], Path("annotations.jsonl")),
    "export": lambda: export_sentences(Path("p.jsonl"), Path("p.jsonl"), ExportOptions(overwrite=True)),
    "explain": lambda: write_page([], "m", Path("texts.html"), [Path("texts.html")]),
    "index": lambda: _index(write_index, Path("p.jsonl")),
    "picture": lambda: _index(write_picture, b"", Path("p.jsonl")),
    "compare": lambda: write_comparison(RunComparison.__new__(RunComparison), ["runs/a"], Path("runs/a/result.json")),
    "publish": lambda: publish_dataset(Path("one"), Path("one")),
    "rebuild": lambda: rebuild_dataset(Path("one"), Path("p.jsonl"), Path("one")),
}


@pytest.mark.parametrize("name", CALLS)
def test_no_output_lands_on_an_input(name: str) -> None:
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match=r"is the input itself|lies in the input"):
        CALLS[name]()
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_what_writes_a_file_of_the_users_goes_through_one_door() -> None:
    """Other ways to write are only for temporary files and folders, and for what is in a folder that is one."""
    assert new_file.__module__ == "detente.atomic"
    allowed = {
        "atomic",
        "cli/sweeps",
        "dataset/corpus",
        "dataset/folder",
        "dataset/labelling/exporting",
        "dataset/publishing/publish",
        "dataset/publishing/rebuild",
        "dataset/tables/corpus",
        "evaluation/files",
        "formats",
        "indexing/files",
        "markers",
        "model/folder",
        "model/families/own_tokenizer",
        "model/families/phobert_tokenizer",
        "model/families/phobert_vocabulary",
        "model/network",
        "model/prune",
        "prediction/batch",
        "prediction/stream",
        "prediction/writing",
        "training/distillation/student",
        "training/finished",
        "training/run",
    }
    signs = (".write_text(", ".write_bytes(", '.open("w', '.open("x', '.open("a')
    writing = {
        path.relative_to(places.PACKAGE).with_suffix("").as_posix()
        for path in places.PACKAGE.rglob("*.py")
        if any(sign in path.read_text("utf-8") for sign in signs)
    }
    assert writing <= allowed
