from __future__ import annotations

from pathlib import Path

import pytest

from detente.atomic import new_file, new_folder, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), new_file(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_folder_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "weights").write_text("old")
    with pytest.raises(OSError, match="full"), new_folder(path) as temporary:
        (temporary / "weights").write_text("half")
        raise OSError("disk full")
    assert (path / "weights").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "stale").write_text("old")
    with new_folder(path) as temporary:
        (temporary / "fresh").write_text("new")
    assert [p.name for p in path.iterdir()] == ["fresh"]
    assert list(tmp_path.iterdir()) == [path]
