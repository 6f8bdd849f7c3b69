"""Every JSON file of ours, changed by hand in every way: one error of ours that names it, or none for what is optional."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from detente import places
from detente.dataset import BuildOptions, build_dataset
from detente.dataset.build import DataOptions
from detente.dataset.publishing import publish_dataset, rebuild_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import DetenteError

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


def check(path: Path, call: Callable[[], object], *, lines: bool = False) -> None:
    """Damage a file in place, every way one after the other, and ask for one short error that names it."""
    before = path.read_bytes()
    first, rest = before.split(b"\n", 1) if lines else (before, b"")
    value = json.loads(first)
    try:
        for how, content in damaged(value):
            path.write_bytes(content + b"\n" + rest if lines else content)
            message = told(call, how)
            assert f"{path}:1" if lines and how != "not UTF-8" else f"{path}" in message, (how, message)
        for how, content in lacking(value):
            path.write_bytes(content + b"\n" + rest if lines else content)
            message = told(call, how)
            assert not message or str(path.parent) in message, (how, message)
    finally:
        path.write_bytes(before)


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
