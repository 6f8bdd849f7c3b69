from __future__ import annotations

from pathlib import Path

import pytest

from detente.atomic import new_file, new_folder, write_text
from detente.errors import InputError


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_text(path, "old")
    with pytest.raises(KeyboardInterrupt), new_file(path) as temporary:
        temporary.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_no_folder_that_it_made(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="full"), new_file(tmp_path / "there" / "new" / "newer" / "out.csv"):
        raise OSError("disk full")
    with pytest.raises(OSError, match="full"), new_folder(tmp_path / "there" / "new" / "model", "model"):
        raise OSError("disk full")
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_a_folder_in_a_files_place_is_told_first(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder; expected the name of a file"), new_file(tmp_path):
        pytest.fail("the block was entered")


def test_a_failed_folder_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with new_folder(path, "model") as temporary:
        (temporary / "weights").write_text("old")
    with pytest.raises(OSError, match="full"), new_folder(path, "model") as temporary:
        (temporary / "weights").write_text("half")
        raise OSError("disk full")
    assert (path / "weights").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("stale", "fresh"):
        with new_folder(path, "model") as temporary:
            (temporary / name).write_text(name)
    assert sorted(each.name for each in path.iterdir()) == [".detente.json", "fresh"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_added_while_the_new_one_is_written_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with new_folder(path, "model"):
        pass
    with pytest.raises(InputError, match=r"holds thesis\.tex, not written there"), new_folder(path, "model"):
        (path / "thesis.tex").write_text("x")
    assert (path / "thesis.tex").read_text() == "x"
    assert list(tmp_path.iterdir()) == [path]


def test_a_swap_that_fails_puts_the_old_one_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model"
    with new_folder(path, "model") as temporary:
        (temporary / "weights").write_text("old")
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target == path and self.name != "old":
            raise OSError("no")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="no"), new_folder(path, "model"):
        pass
    assert (path / "weights").read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_behind_a_link_the_folder_itself_is_replaced(tmp_path: Path) -> None:
    with new_folder(tmp_path / "real", "model") as temporary:
        (temporary / "weights").write_text("old")
    (tmp_path / "link").symlink_to("real")
    with new_folder(tmp_path / "link", "model") as temporary:
        (temporary / "weights").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "weights").read_text() == "new"
