from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from detente import atomic
from detente.atomic import new_file, new_folder, write_text
from detente.cli.messages import describe
from detente.errors import InputError
from detente.markers import MARKER, check_replaceable


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


@pytest.fixture(params=["at once", "in steps"])
def _exchanging(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As this system can, and as one that cannot."""
    if request.param == "in steps":
        monkeypatch.setattr(atomic, "_exchanged_at_once", lambda first, second: False)


@pytest.mark.usefixtures("_exchanging")
def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for name in ("stale", "fresh"):
        with new_folder(path, "model") as temporary:
            (temporary / name).write_text(name)
    assert sorted(each.name for each in path.iterdir()) == [MARKER, "fresh"]
    assert list(tmp_path.iterdir()) == [path]


REPLACING = """
import sys
from pathlib import Path
from detente import atomic
if sys.argv[3] == "in steps":
    atomic._exchanged_at_once = lambda first, second: False
for number in range(int(sys.argv[2])):
    with atomic.new_folder(Path(sys.argv[1]), "model") as temporary:
        for name in "abc":
            (temporary / name).write_text(str(number))
"""


def _replacing(path: Path, times: int, how: str = "at once") -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", REPLACING, path, str(times), how], stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", ["at once", "in steps"])
def test_several_processes_write_one_folder_and_the_last_one_stays(tmp_path: Path, how: str) -> None:
    processes = [_replacing(tmp_path / "new" / "model", 60, how) for _ in range(3)]
    for process in processes:
        assert process.communicate(timeout=60)[1] == ""
        assert process.returncode == 0
    check_replaceable(tmp_path / "new" / "model", "model")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model"]
    assert {(tmp_path / "new" / "model" / name).read_text() for name in "abc"} == {"59"}


@pytest.mark.skipif(sys.platform != "linux", reason="folders change places in one step on Linux alone")
def test_a_kill_leaves_the_old_folder_or_the_new_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with new_folder(path, "model") as temporary:
        for name in "abc":
            (temporary / name).write_text("first")
    for tenths in (3, 4, 5):
        process = _replacing(path, 100_000)
        time.sleep(tenths / 10)
        process.kill()
        process.communicate(timeout=60)
        check_replaceable(path, "model")
        assert len({(path / name).read_text() for name in "abc"}) == 1


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
    monkeypatch.setattr(atomic, "_exchanged_at_once", lambda first, second: False)
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


def test_a_file_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    real = tmp_path / "disk" / "real.csv"
    real.write_text("old")
    for name, goal in (("link.csv", "disk/real.csv"), ("twice.csv", "link.csv"), ("dangling.csv", "disk/new/none.csv")):
        (tmp_path / name).symlink_to(goal)
    write_text(tmp_path / "twice.csv", "new")
    assert real.read_text() == "new"
    write_text(tmp_path / "dangling.csv", "made")
    assert (tmp_path / "disk" / "new" / "none.csv").read_text() == "made"
    assert all((tmp_path / name).is_symlink() for name in ("link.csv", "twice.csv", "dangling.csv"))
    assert sorted(path.name for path in (tmp_path / "disk").iterdir()) == ["new", "real.csv"]
    assert stat.S_IMODE(real.stat().st_mode) == 0o666 & ~_mask()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_failed_write_through_a_link_leaves_all_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    with pytest.raises(OSError, match="full"), new_file(tmp_path / "link.csv") as temporary:
        temporary.write_text("half")
        raise OSError("disk full")
    assert (tmp_path / "link.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.csv", "real.csv"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("copied", [(), ("a file that was copied",)])
def test_a_full_disk_is_told_with_what_was_to_be_written(tmp_path: Path, number: int, copied: tuple[str, ...]) -> None:
    for writing in (new_file(tmp_path / "new" / "out"), new_folder(tmp_path / "new" / "out", "model")):
        with pytest.raises(OSError, match=r"out'$") as caught, writing:
            raise OSError(number, os.strerror(number), *copied)
        assert describe(caught.value) == f"{tmp_path / 'new' / 'out'}: {os.strerror(number)}"
    assert list(tmp_path.iterdir()) == []


def test_links_that_lead_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with (
        pytest.raises(InputError, match=r"one: is a link that leads in a circle\. Choose another output"),
        new_file(tmp_path / "one"),
    ):
        pytest.fail("the block was entered")


def test_weights_are_as_readable_as_the_files_beside_them() -> None:
    """safetensors makes its files with mode 600: a folder in a wheel, or of a group, could not be read by anybody else."""
    import torch
    from safetensors.torch import save_file

    with new_folder(Path("model"), "model") as temporary:
        save_file({"weight": torch.zeros(2)}, temporary / "model.safetensors")
    assert stat.S_IMODE(Path("model/model.safetensors").stat().st_mode) == 0o666 & ~_mask()
