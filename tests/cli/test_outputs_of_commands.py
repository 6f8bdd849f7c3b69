"""Every command with an output on its inputs: nothing is changed, and one line says which output and which input."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from detente import places
from detente.atomic import new_folder
from detente.cli import main
from detente.dataset import LabelledDataset, read_dataset
from detente.errors import InputError
from detente.markers import MARKER, Marker
from detente.model import load_model, save_model
from detente.model.options import ModelOptions
from detente.strict_json import read
from detente.training.fitting import fit
from detente.training.options import TrainOptions


@pytest.fixture(scope="module")
def kept(dataset: LabelledDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with something of everything that commands read."""
    top = tmp_path_factory.mktemp("work") / "w"
    shutil.copytree(dataset.folder, top / "sets" / "one")
    shutil.copytree(places.SEEDS / "articles", top / "pages")
    shutil.copyfile(places.SEEDS / "annotations.jsonl", top / "annotations.jsonl")
    shutil.copyfile(places.SEEDS / "actors.jsonl", top / "actors.jsonl")
    options = TrainOptions(model=ModelOptions(name="majority", kind="majority"))
    save_model(fit(dataset.labelled("stance"), options, seed=0, encoder=None), top / "model")
    shutil.copytree(top / "model", top / "runs" / "a" / "model")
    for name in ("result.json", "predictions.parquet"):
        (top / "runs" / "a" / name).write_text("{}")
    rows = [{"sentence_id": f"a#{n}", "article_id": "a", "text": f"Câu {n}.", "date": "2025-01-01"} for n in range(9)]
    for name in ("p.jsonl", "in.jsonl", "x.jsonl.rejects.jsonl", "parts/part-000000.jsonl"):
        predicted = {} if name == "in.jsonl" else {"stance_pred": "neutral"}
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text("".join(json.dumps({**row, **predicted}) + "\n" for row in rows), "utf-8")
    (top / "p.jsonl.meta.json").write_text("{}")
    (top / "audit.jsonl").write_text("{}\n")
    (top / "sheet.csv").write_text("sentence_id,text\n")
    (top / "docs").mkdir()
    (top / "docs" / "thesis.tex").write_text("years of work")
    (top / "link").symlink_to("annotations.jsonl")
    (top / "linked").symlink_to("sets/one")
    os.link(top / "p.jsonl", top / "again.jsonl")
    return top


@pytest.fixture
def work(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "w"
    shutil.copytree(kept, folder, symlinks=True)
    (folder / "again.jsonl").unlink()
    os.link(folder / "p.jsonl", folder / "again.jsonl")
    monkeypatch.chdir(folder)
    return folder


def everything(folder: Path) -> dict[str, bytes | str | None]:
    """Every file's bytes, every link's goal, every folder."""
    return {
        path.relative_to(folder).as_posix(): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else None
        for path in folder.rglob("*")
    }


CALLS = [
    # predict: the input, beside it, the model
    ("predict model p.jsonl -o p.jsonl", "p.jsonl: is the input itself (p.jsonl)"),
    ("predict model p.jsonl -o again.jsonl", "again.jsonl: is the input itself (p.jsonl)"),
    ("predict model x.jsonl.rejects.jsonl -o x.jsonl", "x.jsonl.rejects.jsonl: is the input itself (x.jsonl.rejects.jsonl)"),
    ("predict model parts/part-000000.jsonl -o parts/ --to jsonl", "parts: holds the input parts/part-000000.jsonl"),
    ("predict model parts/part-000000.jsonl -o parts/", "parts: holds the input parts/part-000000.jsonl"),
    ("predict model in.jsonl -o model/out.csv", "model/out.csv: lies in the input model"),
    ("predict model in.jsonl -o model/", "model: is the input itself (model)"),
    ("predict model pages -o pages/out.csv", "pages/out.csv: lies in the input pages"),
    ("predict model pages -o pages/", "pages: is the input itself"),
    ("predict model sets/one -o sets/one/out.csv", "sets/one/out.csv: lies in the input sets/one"),
    ("predict model in.jsonl -o docs/", "docs: holds other files (as thesis.tex)"),
    ("predict model in.jsonl -o docs/thesis.tex/", "docs/thesis.tex: is a file; expected a folder"),
    ("predict model in.jsonl -o docs/thesis.tex/out.csv", "thesis.tex is a file, and no folder"),
    ("predict model in.jsonl -o .", ".: holds the input in.jsonl"),
    # index
    ("index p.jsonl -o p.jsonl", "p.jsonl: is the input itself (p.jsonl)"),
    ("index p.jsonl -o ./pages/../p.jsonl", "is the input itself (p.jsonl)"),
    ("index p.jsonl -o again.jsonl", "again.jsonl: is the input itself (p.jsonl)"),
    ("index p.jsonl -o p.jsonl.rejects.jsonl --audit audit.jsonl --actors p.jsonl.rejects.jsonl", "is the input itself"),
    ("index p.jsonl --audit audit.jsonl -o audit.jsonl", "audit.jsonl: is the input itself (audit.jsonl)"),
    ("index p.jsonl --group actor --actors actors.jsonl -o actors.jsonl", "actors.jsonl: is the input itself (actors.jsonl)"),
    ("index parts -o parts/part-000000.jsonl", "parts/part-000000.jsonl: lies in the input parts"),
    ("index parts -o parts/index.csv", "parts/index.csv: lies in the input parts"),
    ("index p.jsonl -o i.csv --picture docs/thesis.tex", "docs/thesis.tex: unknown format"),
    # label
    ("label export p.jsonl -o p.jsonl --overwrite", "p.jsonl: is the input itself (p.jsonl)"),
    (
        "label export pages --annotations annotations.jsonl -o annotations.jsonl --overwrite",
        "is the input itself (annotations.jsonl)",
    ),
    ("label export pages --annotations link -o annotations.jsonl --overwrite", "annotations.jsonl: is the input itself (link)"),
    ("label export pages -o pages/all.csv", "pages/all.csv: lies in the input pages"),
    ("label export sets/one -o sets/one/annotations.jsonl --overwrite", "lies in the input sets/one"),
    ("label import sheet.csv --annotator an -o sheet.csv", "sheet.csv: is the input itself (sheet.csv)"),
    ("label import sheet.csv --annotator an --source sets/one -o sets/one/annotations.jsonl", "lies in the input sets/one"),
    ("label adjudicate annotations.jsonl annotations.jsonl", "is the input itself (annotations.jsonl)"),
    ("label audit sheet.csv annotations.jsonl -o annotations.jsonl", "is the input itself (annotations.jsonl)"),
    ("label audit audit.jsonl annotations.jsonl -o audit.jsonl", "audit.jsonl: is the input itself (audit.jsonl)"),
    # datasets
    ("publish sets/one -o sets", "sets: holds the input sets/one"),
    ("publish sets/one -o linked", "linked: is the input itself (sets/one)"),
    ("publish sets/one -o docs", "docs: exists and is no dataset folder of détente's; it holds thesis.tex"),
    ("rebuild sets/one pages -o sets/one", "sets/one: is the input itself"),
    ("rebuild sets/one pages -o pages", "pages: is the input itself"),
    ("build data=folder data.articles=pages data.annotations=annotations.jsonl data.name=mine out=.", "holds the input "),
    (
        "build data=folder data.articles=pages data.annotations=annotations.jsonl data.name=mine out=pages",
        "is the input itself",
    ),
    ("build out=docs", "docs: exists and is no dataset folder of détente's; it holds thesis.tex"),
    ("build out=annotations.jsonl", "annotations.jsonl: is a file; expected a folder"),
    # runs and models
    (
        "evaluate model sets/one --split train -o docs",
        "docs: exists and is no evaluation folder of détente's; it holds thesis.tex",
    ),
    ("evaluate model sets/one --split train -o sets/one", "sets/one: is the input itself"),
    ("evaluate model sets/one --split train -o model", "model: is the input itself"),
    ("evaluate model sets/one --split train -o linked", "linked: is the input itself"),
    ("evaluate model sets/one --split train -o sets/one/report", "lies in the input sets/one"),
    ("evaluate model sets/one --split train -o .", ".: holds the input"),
    ("evaluate model sets/one --split train -o ..", "..: holds the input"),
    ("evaluate model sets/one --split train -o docs/thesis.tex", "docs/thesis.tex: is a file; expected a folder"),
    ("compare runs/a runs/a -o runs/a/result.json --no-record", "runs/a/result.json: lies in the input runs/a"),
    (f"compare {'0' * 32} {'1' * 32} -o runs/a/result.json --no-record", "runs/a/result.json: lies in the input runs/a"),
    ("explain model -i p.jsonl -o model/why.html", "model/why.html: lies in the input model"),
    ("distill teacher.kind=classifier teacher.path=model corpus.path=pages out=pages", "pages: is the input itself"),
    ("distill teacher.kind=classifier teacher.path=model corpus.path=pages out=docs", "docs: exists and is no model folder"),
    ("distill teacher.kind=classifier teacher.path=model corpus.path=pages out=new work=pages/w", "lies in the input pages"),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[call for call, _ in CALLS])
def test_no_output_lands_on_an_input(work: Path, capsys: pytest.CaptureFixture[str], call: str, message: str) -> None:
    before = everything(work)
    try:
        code = main(call.split())
    except SystemExit as left:  # Hydra's way out
        code = int(str(left.code))
    captured = capsys.readouterr()
    assert code in (1, 2)
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert everything(work) == before


@pytest.mark.parametrize("name", ["out.csv.meta.json", "out.csv.rejects.jsonl", "out.csv.parts"])
@pytest.mark.parametrize("what", ["folder", "file", "pipe"])
def test_what_stands_where_a_file_beside_the_predictions_goes(
    work: Path, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    making: dict[str, Callable[[], object]] = {
        "folder": lambda: (Path(name).mkdir(), Path(name, "mine.txt").write_text("mine")),
        "file": lambda: Path(name).write_text('{"mine": true}\n'),
        "pipe": lambda: os.mkfifo(name),
    }
    making[what]()
    names = sorted(path.name for path in work.rglob("*"))
    assert main(["predict", "model", "in.jsonl", "-o", "out.csv"]) in (1, 2)
    assert name in capsys.readouterr().err
    assert sorted(path.name for path in work.rglob("*")) == names


@pytest.mark.parametrize(
    "out",
    ["in.jsonl/out.csv", "docs/thesis.tex/deep/out.csv", "in.jsonl/", "/proc/none/out.csv", f"{'x' * 300}.csv", "", "docs"],
)
def test_an_impossible_place_leaves_nothing_behind(work: Path, capsys: pytest.CaptureFixture[str], out: str) -> None:
    before = everything(work)
    assert main(["predict", "model", "in.jsonl", "-o", out]) in (1, 2)
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert everything(work) == before


def test_folders_made_for_an_output_that_was_not_written_go_again(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = everything(work)
    assert main(["predict", "model", "in.jsonl", "-o", "new/newer/out.csv", "--columns", "none"]) == 2
    assert main(["label", "export", "sets/one", "--annotations", "annotations.jsonl", "-o", "new/newer/left.csv"]) == 1
    assert "nothing was written" in capsys.readouterr().err
    assert everything(work) == before


def test_dotfiles_in_a_folder_of_parts_stay(work: Path) -> None:
    Path("out/.git").mkdir(parents=True)
    for name in (".gitkeep", ".git/config", ".part-notes"):
        Path("out", name).write_text("mine")
    leftover = Path("out/.part-000000.parquet.ab12cd34.parquet")
    for _ in range(2):
        leftover.write_text("left over")
        assert main(["predict", "model", "in.jsonl", "-o", "out/", "--restart"]) == 0
        assert not leftover.exists()
    Path("out/part-of-my-thesis.tex").write_text("mine")
    assert main(["predict", "model", "in.jsonl", "-o", "out/", "--restart"]) == 0
    for name in (".gitkeep", ".git/config", ".part-notes", "part-of-my-thesis.tex"):
        assert Path("out", name).read_text() == "mine"


def test_a_picture_of_the_users_is_not_the_indexs_to_replace(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    Image.new("RGB", (4, 4)).save("index.png")
    before = everything(work)
    assert main(["index", "p.jsonl"]) == 1
    assert (
        "index.png: the index's picture goes there, and what is there was not drawn by `detente index`"
        in capsys.readouterr().err
    )
    assert everything(work) == before
    assert main(["index", "p.jsonl", "--picture", "index.png"]) == 0
    assert Path("index.png").read_bytes() != before["index.png"]
    assert main(["index", "p.jsonl"]) == 0


def test_an_interface_of_the_users_is_not_written_over(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label", "export", "pages", "-o", "t.json"]) == 0
    assert main(["label", "export", "pages", "-o", "t.json", "--overwrite"]) == 0
    Path("t.xml").write_text("<mine/>")
    before = everything(work)
    assert main(["label", "export", "pages", "-o", "t.json", "--overwrite"]) == 1
    assert "t.xml: is no labelling interface of détente's; it is left as it is" in capsys.readouterr().err
    assert everything(work) == before


@pytest.mark.parametrize("name", ["titles.txt", "titles-stance.csv", "stance-over-articles.png"])
def test_the_demo_leaves_files_of_the_users_alone(work: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path("predictions").mkdir()
    Path("predictions", name).write_text("mine")
    before = everything(work)
    assert main(["demo"]) == 1
    assert f"predictions/{name}: exists and is not the demo's; it is left as it is" in capsys.readouterr().err
    assert everything(work) == before


def test_the_demo_leaves_an_edited_dataset_alone(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree("sets/one", "datasets/seeds")
    with Path("datasets/seeds/README.md").open("a") as card:
        card.write("what I know of it")
    before = everything(work)
    assert main(["demo"]) == 1
    assert "datasets/seeds: README.md was changed since détente wrote the dataset" in capsys.readouterr().err
    assert everything(work) == before


EDITED = [
    ("build out=sets/one", "sets/one/README.md", "sets/one: README.md was changed since détente wrote the dataset"),
    ("publish sets/two -o sets/one", "sets/one/README.md", "sets/one: README.md was changed since"),
    ("publish sets/two -o sets/one", "sets/one/annotations.jsonl", "sets/one: annotations.jsonl was changed since"),
    ("rebuild bare pages -o sets/one", "sets/one/README.md", "sets/one: README.md was changed since"),
    ("evaluate model sets/one --split train --no-tracking -o eval", "eval/report.md", "eval: report.md was changed since"),
]


@pytest.mark.parametrize(("call", "name", "message"), EDITED, ids=[f"{call} ({name})" for call, name, _ in EDITED])
def test_an_edit_of_the_users_inside_a_folder_of_ours_is_kept(
    work: Path, capsys: pytest.CaptureFixture[str], call: str, name: str, message: str
) -> None:
    shutil.copytree("sets/one", "sets/two")
    assert main(["publish", "sets/one", "-o", "bare", "--without-text"]) == 0
    with new_folder(Path("eval"), "evaluation") as folder:
        (folder / "report.md").write_text("a report")
    with Path(name).open("a") as file:
        file.write("my own note\n")
    before = everything(work)
    capsys.readouterr()
    try:
        code = main(call.split())
    except SystemExit as left:  # Hydra's way out
        code = int(str(left.code))
    assert code == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"error: {message}")
    assert everything(work) == before


@pytest.mark.parametrize("marker", [None, {"kind": "dataset", "files": []}], ids=["none", "names alone"])
def test_a_dataset_of_an_older_version_is_replaced(work: Path, marker: dict[str, object] | None) -> None:
    before = read_dataset(Path("sets/one"))
    names = [path.relative_to("sets/one").as_posix() for path in Path("sets/one").rglob("*") if path.is_file()]
    Path("sets/one", MARKER).unlink()
    if marker:
        Path("sets/one", MARKER).write_text(json.dumps({**marker, "files": [name for name in names if name != MARKER]}))
    Path("sets/one/README.md").write_text("an older card")
    for _ in range(2):
        assert main(["build", "out=sets/one"]) == 0
    assert read_dataset(Path("sets/one")).digest == before.digest
    assert Path("sets/one/README.md").read_text() != "an older card"
    assert read(Path("sets/one", MARKER), Marker).sha256.keys() == set(names) - {MARKER}


def test_a_model_of_format_1_is_replaced(work: Path) -> None:
    model = load_model("model")
    about = json.loads(Path("model/detente.json").read_text())
    del about["files"]
    Path("model/detente.json").write_text(json.dumps({**about, "format": 1}))
    Path("model", MARKER).unlink()
    save_model(model, Path("model"))
    assert load_model("model").info.verified
    Path("model", MARKER).unlink()
    Path("model/mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"model: holds mine\.txt, not written there by détente"):
        save_model(model, Path("model"))


def test_a_card_of_the_users_in_a_model_folder_is_kept(work: Path) -> None:
    model = load_model("model")
    save_model(model, Path("model"))
    Path("model/README.md").write_text("my card")
    with pytest.raises(InputError, match=r"model: README\.md was changed since détente wrote the model"):
        save_model(model, Path("model"))
    assert Path("model/README.md").read_text() == "my card"
    load_model("model")


@pytest.mark.parametrize("linked", ["out.csv", "out.csv.meta.json", "out.csv.rejects.jsonl"])
def test_predictions_are_written_through_a_link(work: Path, linked: str) -> None:
    Path("disk").mkdir()
    Path(linked).symlink_to("disk/real")
    Path("in.jsonl").write_text('{"text": "Một."}\n{"text": ""}\n')
    for _ in range(2):
        assert main(["predict", "model", "in.jsonl", "-o", "out.csv", "--restart"]) == 0
        assert Path(linked).is_symlink()
        assert [path.name for path in Path("disk").iterdir()] == ["real"]
    assert Path("disk/real").read_text() == Path(linked).read_text() != ""


@pytest.mark.parametrize(
    "call",
    [
        "index p.jsonl -o out.csv --picture new.png",
        "label export pages -o out.csv --overwrite",
        "label agreement annotations.jsonl -o out.json",
    ],
)
def test_other_outputs_too(work: Path, call: str) -> None:
    name = "out.json" if "json" in call.split("-o")[1] else "out.csv"
    Path("disk").mkdir()
    Path("disk/real").write_text("old")
    Path(name).symlink_to("disk/real")
    assert main(call.split()) == 0
    assert Path(name).is_symlink()
    assert Path("disk/real").read_text("utf-8") not in ("", "old")
