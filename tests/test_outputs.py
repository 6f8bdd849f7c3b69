"""Where a call may write, and by which roads an output can reach an input."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from detente import outputs
from detente.errors import InputError, UsageError
from detente.outputs import check_outputs

INPUT, FOLDER = Path("here/in.csv"), Path("here/pages")


@pytest.fixture(autouse=True)
def _inputs() -> None:
    FOLDER.mkdir(parents=True)
    INPUT.write_text("text\n")
    (FOLDER / "a.txt").write_text("a")
    (FOLDER / "inner").mkdir()
    (FOLDER / "inner" / "b.txt").write_text("b")


def link(name: str, target: Path | str) -> Path:
    Path(name).symlink_to(target)
    return Path(name)


def hard_link(name: str, target: Path) -> Path:
    Path(name).hardlink_to(target)
    return Path(name)


ROADS_TO_A_FILE: dict[str, Callable[[], Path]] = {
    "its own name": lambda: INPUT,
    "absolute": INPUT.absolute,
    "a dot": lambda: Path("here/./in.csv"),
    "two dots": lambda: Path("here/pages/../in.csv"),
    "two dots behind what is not there": lambda: Path("none/../here/in.csv"),
    "symbolic link": lambda: link("link.csv", INPUT.absolute()),
    "link to a link": lambda: link("second.csv", link("link.csv", INPUT.absolute()).absolute()),
    "relative link": lambda: link("link.csv", "here/in.csv"),
    "link to its folder": lambda: link("there", "here") / "in.csv",
    "hard link": lambda: hard_link("other.csv", INPUT),
}
ROADS_INTO_A_FOLDER: dict[str, Callable[[], Path]] = {
    "a new file": lambda: FOLDER / "out.csv",
    "a file that is there": lambda: FOLDER / "a.txt",
    "deeper": lambda: FOLDER / "inner" / "out.csv",
    "deeper, not there yet": lambda: FOLDER / "new" / "newer" / "out.csv",
    "a dot": lambda: Path("./here/pages/./out.csv"),
    "two dots": lambda: FOLDER / "inner" / ".." / "out.csv",
    "link to it": lambda: link("elsewhere", FOLDER) / "out.csv",
    "link into it": lambda: link("out.csv", FOLDER.absolute() / "out.csv"),
    "hard link to a file in it": lambda: hard_link("other.csv", FOLDER / "inner" / "b.txt"),
}


@pytest.mark.parametrize("road", ROADS_TO_A_FILE)
def test_an_output_is_no_input(road: str) -> None:
    output = ROADS_TO_A_FILE[road]()
    with pytest.raises(UsageError) as caught:
        check_outputs([None, INPUT], files=[Path("fine.csv"), output])
    assert str(caught.value) == f"{output}: is the input itself ({INPUT}), which would be overwritten. Choose another output."


@pytest.mark.parametrize("road", ROADS_TO_A_FILE)
def test_an_input_by_another_road_is_no_output(road: str) -> None:
    with pytest.raises(UsageError, match="is the input itself"):
        check_outputs([ROADS_TO_A_FILE[road]()], files=[INPUT])


@pytest.mark.parametrize("road", ROADS_INTO_A_FOLDER)
def test_an_output_lies_in_no_input(road: str) -> None:
    output = ROADS_INTO_A_FOLDER[road]()
    with pytest.raises(UsageError) as caught:
        check_outputs([FOLDER], files=[output])
    assert str(caught.value).startswith(f"{output}: ")
    assert str(FOLDER) in str(caught.value)


@pytest.mark.parametrize("name", ["here", "here/pages", ".", "..", "here/pages/..", "here/pages/new"])
def test_a_folder_that_is_replaced_holds_no_input(name: str) -> None:
    with pytest.raises(UsageError, match=r"here/pages"):
        check_outputs([FOLDER], folders=[Path(name)])


def test_a_folder_that_is_added_to_may_hold_inputs_but_lie_in_none() -> None:
    check_outputs([FOLDER, INPUT], places=[Path("here"), Path()])
    with pytest.raises(UsageError, match="lies in the input here/pages, and would be read with it"):
        check_outputs([FOLDER], places=[FOLDER / "work"])


def test_in_a_folder_of_pages_folders_may_be_made_but_no_files() -> None:
    check_outputs([], pages=FOLDER, folders=[FOLDER / "datasets" / "mine"])
    with pytest.raises(UsageError, match="lies in the input here/pages, and would be read with it"):
        check_outputs([], pages=FOLDER, files=[FOLDER / "new.csv"])
    with pytest.raises(UsageError, match="is the input itself"):
        check_outputs([], pages=FOLDER, folders=[FOLDER])
    with pytest.raises(UsageError, match="holds the input"):
        check_outputs([], pages=FOLDER, folders=[Path("here")])


@pytest.mark.parametrize("to", ["out.csv", "out"])
def test_what_a_link_in_a_folder_leads_to_is_part_of_the_folder(to: str) -> None:
    Path("out").mkdir()
    Path("out.csv").write_text("x")
    link("here/pages/inner/link", Path(to).absolute())
    output = Path("out/new.csv") if to == "out" else Path(to)
    with pytest.raises(UsageError) as caught:
        check_outputs([FOLDER], files=[output])
    assert str(caught.value) == f"{output}: is part of the input here/pages, by its link. Choose another output."


def test_where_the_file_system_does_not_mind_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made up here: whatever a path's case, the same file answers."""
    identity = outputs._identity

    def lowered(path: Path) -> tuple[int, int] | None:
        return identity(Path(str(path).replace("HERE", "here").replace("IN.CSV", "in.csv")))

    monkeypatch.setattr(outputs, "_identity", lowered)
    for output in ("HERE/in.csv", "here/IN.CSV"):
        with pytest.raises(UsageError, match="is the input itself"):
            check_outputs([INPUT], files=[Path(output)])
    with pytest.raises(UsageError, match="lies in the input here"):
        check_outputs([Path("here")], files=[Path("HERE/new.csv")])
    with pytest.raises(UsageError, match="holds the input"):
        check_outputs([INPUT], folders=[Path("HERE")])


def test_neighbours_do_not_clash() -> None:
    link("link", FOLDER)
    check_outputs(
        [FOLDER, INPUT, Path("link/a.txt"), Path("none.csv")],
        files=[Path("here/out.csv"), Path("here/pages.csv"), Path("here/in.csv.meta.json"), Path("none/out.csv")],
        folders=[Path("here/pages2"), Path("page")],
    )
    assert sorted(path.name for path in Path().iterdir()) == ["here", "link"]


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("files", "here", "here: is a folder; expected the name of a file to write"),
        ("files", "here/in.csv/out.csv", r"in\.csv is a file, and no folder"),
        ("files", "here/in.csv/new/out.csv", r"in\.csv is a file, and no folder"),
        ("files", "pipe", "pipe: is no regular file, and would be replaced by one"),
        ("files", "ă" * 111, "a name of 222 bytes; expected at most 220"),
        ("folders", "here/in.csv", r"here/in\.csv: is a file; expected a folder to write"),
        ("places", "here/in.csv", r"here/in\.csv: is a file; expected a folder to write"),
        ("places", "taken/new", "taken is a file, and no folder"),
    ],
)
def test_what_cannot_be_written_is_told_first(kind: str, name: str, message: str) -> None:
    os.mkfifo("pipe")
    Path("taken").write_text("x")
    with pytest.raises(InputError, match=message):
        check_outputs([], **{kind: [Path(name)]})


def test_a_folder_that_takes_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(InputError, match=r"here/new/out\.csv: cannot be written: no files can be made in /.*/here\."):
        check_outputs([], files=[Path("here/new/out.csv")])


def test_a_file_that_is_read_only_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kept.csv").write_text("x")
    real = Path("kept.csv").resolve()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != real)
    with pytest.raises(InputError, match=r"kept\.csv: is read-only, and would be replaced\. Choose another output\."):
        check_outputs([], files=[Path("kept.csv")])


@pytest.mark.parametrize("kind", ["files", "folders", "places"])
def test_links_that_lead_in_a_circle(kind: str) -> None:
    Path("one").symlink_to("two")
    Path("two").symlink_to("one")
    with pytest.raises(InputError, match="one: is a link that leads in a circle"):
        check_outputs([], **{kind: [Path("one")]})
