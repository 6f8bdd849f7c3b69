from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest

from detente.atomic import new_folder
from detente.dataset import LabelledDataset
from detente.errors import InputError, UsageError
from detente.markers import MARKER, check_replaceable


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    with new_folder(path, "model") as temporary:
        (temporary / "weights").write_text("w")
        (temporary / "inner").mkdir()
        (temporary / "inner" / "vocab").write_text("v")
        (temporary / "empty").mkdir()
    return path


def test_the_marker_lists_what_was_written(model: Path) -> None:
    assert json.loads((model / MARKER).read_text()) == {
        "kind": "model",
        "files": ["empty/", "inner/vocab", "weights"],
        "sha256": {"inner/vocab": hashlib.sha256(b"v").hexdigest(), "weights": hashlib.sha256(b"w").hexdigest()},
    }
    check_replaceable(model, "model")


@pytest.mark.parametrize("text", ["x", "", "w and more"])
def test_a_file_of_ours_that_was_changed_is_noticed_and_named(model: Path, text: str) -> None:
    (model / "weights").write_text(text)
    message = (
        f"{model}: weights was changed since détente wrote the model that would be replaced; it is left as it is. Move "
        "that away, or choose another output."
    )
    with pytest.raises(InputError) as caught, new_folder(model, "model"):
        pytest.fail("the block was entered")
    assert str(caught.value) == message
    assert (model / "weights").read_text() == text
    (model / "inner" / "vocab").write_text("mine")
    with pytest.raises(InputError, match="inner/vocab, weights were changed since"):
        check_replaceable(model, "model")


def test_a_file_of_ours_that_was_moved_away_or_written_again_as_it_was_is_in_nobodys_way(model: Path, tmp_path: Path) -> None:
    (model / "weights").write_text("w")
    check_replaceable(model, "model")
    (model / "weights").write_text("mine")
    (model / "weights").rename(tmp_path / "kept")
    check_replaceable(model, "model")


def test_a_marker_without_hashes_vouches_for_the_names(model: Path) -> None:
    (model / MARKER).write_text(json.dumps({"kind": "model", "files": ["empty/", "inner/vocab", "weights"]}))
    (model / "weights").write_text("changed")
    check_replaceable(model, "model")
    (model / "notes").write_text("mine")
    with pytest.raises(InputError, match="holds notes, not written there"):
        check_replaceable(model, "model")


def test_a_folder_that_is_read_only_stays(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != model / "inner")
    with pytest.raises(InputError, match=r"model: cannot be replaced: /.*/model/inner is read-only\. Choose another output\."):
        check_replaceable(model, "model")


def test_exports_are_ours_too(model: Path) -> None:
    export = model / "onnx" / "0123456789abcdef"
    export.mkdir(parents=True)
    for name in ("fp32.onnx", "int8.onnx", ".lock", ".fp32.onnx.ab12cd34.onnx"):
        (export / name).write_text("x")
    check_replaceable(model, "model")
    (export / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"holds onnx/0123456789abcdef/notes\.txt, not written there by détente"):
        check_replaceable(model, "model")


@pytest.mark.parametrize("name", ["thesis.tex", ".gitkeep", "inner/notes.txt", ".git/config", "inner/empty/", "data/"])
def test_one_thing_that_was_added_is_noticed_and_named(model: Path, name: str) -> None:
    path = model / name
    if name.endswith("/"):
        path.mkdir()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    message = (
        f"{model}: holds {name}, not written there by détente, beside the model that would be replaced; it is left as it is"
    )
    with pytest.raises(InputError) as caught, new_folder(model, "model"):
        pytest.fail("the block was entered")
    assert message in str(caught.value)
    assert path.exists()


def test_a_link_in_place_of_a_file_folder_is_not_ours(model: Path, tmp_path: Path) -> None:
    shutil.move(model / "inner", tmp_path / "elsewhere")
    (model / "inner").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="holds inner, not written there"):
        check_replaceable(model, "model")


def test_another_kind_is_not_replaced(model: Path) -> None:
    with pytest.raises(
        InputError,
        match=r"exists and is no run folder of détente's; it holds \.detente\.json, empty, inner and 1 more",
    ):
        check_replaceable(model, "run")


@pytest.mark.parametrize("name", ["manifest.json", "detente.json", "result.json", "README.md"])
def test_a_folder_of_the_users_with_a_name_of_ours_is_none_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / name).write_text('{"name": "my web page", "version": "1"}')
    for kind in ("dataset", "model", "run", "evaluation", "encoder", "vocabulary"):
        with pytest.raises(InputError, match=rf"exists and is no {kind} folder of détente's; it holds {name}"):
            check_replaceable(tmp_path / "site", kind)


def test_a_damaged_marker_vouches_for_nothing(model: Path) -> None:
    (model / MARKER).write_text("{")
    with pytest.raises(InputError, match=r"model/\.detente\.json: not JSON"):
        check_replaceable(model, "model")


def test_a_file_and_the_folder_one_is_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="file: is a file; expected a folder"):
        check_replaceable(tmp_path / "file", "model")
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    for name in (".", "..", "../..", "../../a"):
        with pytest.raises(UsageError, match="is the folder you are in, or holds it"):
            check_replaceable(Path(name), "model")
    check_replaceable(tmp_path / "none", "model")


MODEL = "README.md bpe.codes config.json detente.json model.safetensors text.json tokenizer_config.json vocab.txt"
REPORT = "report.html report.json report.md predictions.parquet pictures/confusion.png pictures/slices-stance.png"
OLDER = {
    "dataset": ("README.md manifest.json cleaning.jsonl articles.jsonl annotations.jsonl data/train.parquet data/test.parquet"),
    "model": f"{MODEL} onnx/0123456789abcdef/fp32.onnx onnx/0123456789abcdef/.lock",
    "run": f"result.json config.json {REPORT} {' '.join(f'model/{name}' for name in MODEL.split())}",
    "evaluation": REPORT,
}
SIGNS = {
    "manifest.json": ["name", "version", "format", "digest", "splits", "dropped_pairs"],
    "detente.json": ["format", "kind", "tasks", "training_hashes"],
    "result.json": ["run_key", "run_id", "split", "data_digest"],
    "report.json": ["title", "metrics", "sections"],
}


@pytest.mark.parametrize("kind", OLDER)
def test_folders_of_older_versions_are_known_by_their_names(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "old"
    for name in OLDER[kind].split():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(dict.fromkeys(SIGNS.get(name, []))))
    check_replaceable(folder, kind)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "mine.parquet").write_text("mine")
    with pytest.raises(InputError, match=r"holds data/mine\.parquet, not written there"):
        check_replaceable(folder, kind)
    for other in OLDER.keys() - {kind, "evaluation"}:
        with pytest.raises(InputError, match=f"exists and is no {other} folder"):
            check_replaceable(folder, other)


def test_the_seeds_dataset_as_an_older_version_left_it(dataset: LabelledDataset, tmp_path: Path) -> None:
    shutil.copytree(dataset.folder, tmp_path / "old", ignore=shutil.ignore_patterns(MARKER))
    check_replaceable(tmp_path / "old", "dataset")
