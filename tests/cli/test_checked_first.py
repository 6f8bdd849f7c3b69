"""What is wrong with a call is told before the work, not after it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from detente import places
from detente.atomic import new_folder
from detente.cli import main
from detente.dataset import LabelledDataset
from detente.dataset.publishing import publish_dataset
from detente.errors import DatasetError


def _called(arguments: str) -> int:
    try:
        return main(arguments.split())
    except SystemExit as left:  # Hydra's way out
        return int(str(left.code))


@pytest.mark.parametrize(
    ("arguments", "work", "message"),
    [
        ("label import none.csv --source pages", "dataset.labelling.sources.read_items", "none.csv: no such file"),
        ("label import x.odt --source pages", "dataset.labelling.sources.read_items", "x.odt: unknown format '.odt'"),
        ("index p.jsonl --audit a.jsonl --model none", "indexing.index.count", "none: no such folder; expected a model"),
        (
            "distill teacher.kind=classifier teacher.path=model corpus.path=pages out=new dataset=none",
            "training.distillation.run.prepare_corpus",
            "none: not a dataset folder",
        ),
    ],
)
def test_before_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: str, work: str, message: str
) -> None:
    shutil.copytree(places.SEEDS / "articles", "pages")
    row = {"sentence_id": "a#0", "article_id": "a", "text": "Câu.", "date": "2025-01-01", "stance_pred": "neutral"}
    Path("p.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    audited = {"inclusion_prob": 1.0, "design": "simple", "stratum": "", "stance": "neutral", "sentiment": None}
    by = {"annotator": "an", "annotator_kind": "human"}
    kept = {name: row[name] for name in ("sentence_id", "article_id", "text")}
    Path("a.jsonl").write_text(json.dumps({**kept, **audited, **by}) + "\n", "utf-8")
    monkeypatch.setattr(f"detente.{work}", lambda *given, **named: pytest.fail("the work was begun"))
    assert _called(arguments) in (1, 2)
    assert message in capsys.readouterr().err


def test_a_dataset_that_is_built_anew_while_it_is_published(
    dataset: LabelledDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detente.dataset.publishing.publish.digest_in", lambda folder: "sha256:another")
    with pytest.raises(DatasetError, match="was built anew while it was read"):
        publish_dataset(dataset.folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_beside_a_folder_that_is_read_another_is_written(dataset: LabelledDataset, tmp_path: Path) -> None:
    shutil.copytree(dataset.folder, tmp_path / "one")
    publish_dataset(tmp_path / "one", tmp_path / "two")
    publish_dataset(tmp_path / "one", tmp_path / "two", without_text=True)
    with new_folder(tmp_path / "two", "dataset") as folder:
        (folder / "README.md").write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]
