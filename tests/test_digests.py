from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from detente import digests
from detente.digests import sha256_of


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read."""
    read: list[Path] = []
    take = digests._taken
    monkeypatch.setattr(digests, "_taken", lambda path: read.append(path) or take(path))  # type: ignore[func-returns-value]
    return read


def test_of_a_small_file_the_hash_is_taken_every_time(tmp_path: Path, taken: list[Path]) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert sha256_of(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    path.write_bytes(b"abd")
    assert sha256_of(path) == hashlib.sha256(b"abd").hexdigest()
    assert taken == [path, path]


def test_of_a_large_file_it_is_taken_once_and_anew_for_one_that_changed(tmp_path: Path, taken: list[Path]) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a").write_bytes(b"a" * 2**20)
    first = sha256_of(folder / "a")
    folder.rename(tmp_path / "moved")
    path = tmp_path / "moved" / "a"
    assert sha256_of(path) == first == hashlib.sha256(b"a" * 2**20).hexdigest()
    assert taken == [folder / "a"]
    path.with_name("b").write_bytes(b"b" * 2**20)
    path.with_name("b").replace(path)
    assert sha256_of(path) == hashlib.sha256(b"b" * 2**20).hexdigest()
    assert taken == [folder / "a", path]
