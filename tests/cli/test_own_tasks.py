"""A task of the user's own, from its file alone: every command, and no line of code."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from detente import places
from detente.cli import main

TONE = ("vui mừng", "lo âu", "giận dữ", "bình thản")
URGENT = ("có", "không")
FILES = {
    "tone": """\
labels: [vui mừng, lo âu, giận dữ, bình thản]
description: Giọng của câu.
label_descriptions:
  vui mừng: vui, phấn khởi
""",
    "urgent": 'labels: ["có", "không"]\nguideline: urgency.md\n',
}
Row = dict[str, Any]
Run = Callable[..., tuple[str, str]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with pages and two tasks, and nothing else."""
    folder = tmp_path / "own"
    (folder / "configs" / "task").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / "configs" / "task" / f"{name}.yaml").write_text(text, "utf-8")
    for at, path in enumerate(sorted((places.SEEDS / "articles").iterdir())):
        pages = folder / ("pages" if at < 3 else "others")
        pages.mkdir(exist_ok=True)
        shutil.copy(path, pages)
    return folder


@pytest.fixture
def run(work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in that folder that goes well: its stdout and stderr."""
    monkeypatch.chdir(work)

    def command(*arguments: str, code: int = 0) -> tuple[str, str]:
        found = main(list(arguments))
        out, err = capsys.readouterr()
        assert found == code, err
        return out, err

    return command


def tone_of(text: str, shift: int = 0) -> str:
    return TONE[(len(text) // 7 + shift) % 4]


def urgent_of(text: str) -> str:
    return URGENT[len(text) % 2]


def answers(row: Row, shift: int = 0) -> Row:
    return {"tone": tone_of(row["text"].lstrip("'"), shift), "urgent": urgent_of(row["text"].lstrip("'"))}


def sheets_ask_for_the_labels_and_bring_them_back(run: Run) -> None:
    run("label", "export", "pages", "--task", "tone", "--task", "urgent", "--annotator", "an", "-o", "an.csv")
    with Path("an.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [{**row, **answers(row)} for row in csv.DictReader(file)]
    assert [name for name in rows[0] if name in ("stance", *FILES, "rule", "note")] == ["tone", "urgent", "rule", "note"]
    assert {row["guideline_version"] for row in rows} == {"1"}
    rows[0]["tone"] = rows[0]["tone"].upper()
    rows[1]["rule"] = "mục A.1"
    with Path("an.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert "48 new readings" in (err := run("label", "import", "an.csv")[1]) or len(rows) != 48, err

    run("label", "export", "pages", "--task", "urgent", "--task", "tone", "--annotator", "binh", "-o", "binh.xlsx")
    book = openpyxl.load_workbook("binh.xlsx")
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    offered = {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered == {'"vui mừng,lo âu,giận dữ,bình thản"', '"có,không"'}
    for at, row in enumerate(sheet.iter_rows(min_row=2), start=0):
        values = dict(zip(names, (cell.value for cell in row), strict=True))
        for name, label in answers(values, shift=at % 5 == 0).items():
            row[names.index(name)].value = label
    book.save("binh.xlsx")
    run("label", "import", "binh.xlsx")
    readings = [json.loads(line) for line in Path("annotations.jsonl").read_text("utf-8").splitlines()]
    assert len(readings) == 2 * len(rows)
    assert "stance" not in readings[0]
    assert {row["tone"] for row in readings} == set(TONE)
    assert [row["rule"] for row in readings if row["rule"]] == ["mục A.1"]


def a_label_that_the_task_does_not_have_is_named(run: Run) -> None:
    run("label", "export", "others", "--task", "tone", "-o", "wrong.jsonl")
    first = json.loads(Path("wrong.jsonl").read_text("utf-8").splitlines()[0])
    Path("wrong.jsonl").write_text(json.dumps({**first, "tone": "vui"}, ensure_ascii=False) + "\n", "utf-8")
    err = run("label", "import", "wrong.jsonl", "--annotator", "an", code=1)[1]
    assert "unknown tone 'vui'; expected vui mừng, lo âu, giận dữ, bình thản." in err
    Path("wrong.jsonl").write_text(json.dumps({"sentence_id": "a#0", "text": "Câu.", "mood": "vui"}) + "\n", "utf-8")
    err = run("label", "import", "wrong.jsonl", "--annotator", "an", code=1)[1]
    assert "no column of a task; expected one of stance, sentiment, tone, urgent. Not known: mood; a task is a file" in err


def label_studio_has_its_interface(run: Run) -> None:
    run("label", "export", "others", "--task", "tone", "-o", "tasks.json")
    interface = Path("tasks.xml").read_text("utf-8")
    assert '<Choices name="tone"' in interface
    assert '<Choice value="vui mừng" hint="vui, phấn khởi"/>' in interface
    assert '<Choices name="stance"' not in interface
    assert '<TextArea name="rule"' in interface
    given = []
    for number, task in enumerate(json.loads(Path("tasks.json").read_text("utf-8")), start=1):
        choice = {"from_name": "tone", "value": {"choices": [tone_of(task["data"]["text"])]}}
        given.append({**task, "id": number, "annotations": [{"completed_by": 1, "result": [choice], "was_cancelled": False}]})
    Path("export.json").write_text(json.dumps(given), "utf-8")
    run("label", "import", "export.json", "--user", "1=an", "-o", "others.jsonl")
    readings = [json.loads(line) for line in Path("others.jsonl").read_text("utf-8").splitlines()]
    assert all(row["tone"] == tone_of(row["text"]) and row["annotator"] == "an" for row in readings)


def agreement_knows_no_order_of_labels(run: Run) -> None:
    out, _ = run("label", "agreement", "annotations.jsonl", "-o", "agreement.md")
    rows = re.findall(r"^(tone|urgent) +an / binh +all .*$", out, re.M)
    assert list(dict.fromkeys(rows)) == ["tone", "urgent"]
    assert "no order of labels" in out
    assert "stance" not in out
    assert "tone: " in out.partition("Sentences most in dispute")[2]


def what_is_disputed_is_decided(run: Run) -> None:
    run("label", "export", "pages", "--disputed", "--annotations", "annotations.jsonl", "--task", "tone", "-o", "decide.jsonl")
    rows = [json.loads(line) for line in Path("decide.jsonl").read_text("utf-8").splitlines()]
    assert all(re.search(r"an, human: .+\nbinh, human: ", row["readings"]) for row in rows)
    decided = [json.dumps({**row, "tone": tone_of(row["text"])}, ensure_ascii=False) + "\n" for row in rows]
    Path("decide.jsonl").write_text("".join(decided), "utf-8")
    _, err = run("label", "adjudicate", "annotations.jsonl", "decide.jsonl", "--agreed")
    assert "not decided" not in err


def build_keeps_every_label(run: Run) -> None:
    read = Path("annotations.jsonl").read_text("utf-8").splitlines()
    decided = [row for line in read if (row := json.loads(line))["annotator"] == "adjudicated"]
    stance = {}
    for line in (places.SEEDS / "annotations.jsonl").read_text("utf-8").splitlines():
        reading = json.loads(line)
        if reading["annotator"] == "adjudicated":
            stance[reading["sentence_id"]] = reading["stance"]
    rows = [{**row, "stance": stance[row["sentence_id"]]} for row in decided]
    Path("all.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    run("build", "data=folder", "data.articles=pages", "data.annotations=all.jsonl", "data.name=mine", "split=folds",
        "split.n_folds=3")  # fmt: skip
    manifest = json.loads(Path("datasets/mine/manifest.json").read_text("utf-8"))
    assert list(manifest["tasks"]) == ["stance", "tone", "urgent"]
    counts = manifest["splits"]["train"]["labels"]
    assert [sum(counts[task].values()) for task in counts] == [len(rows)] * 3
    card = Path("datasets/mine/README.md").read_text("utf-8")
    assert "tone (vui mừng, lo âu, giận dữ, bình thản)" in card
    assert "- vui mừng: vui, phấn khởi" in card
    table = pq.read_table("datasets/mine/data/train.parquet")
    assert {"stance", "tone", "urgent"} <= {*table.column_names}
    run("build", "data=folder", "data.articles=others", "data.annotations=others.jsonl", "data.name=others", "split=folds",
        "split.n_folds=2")  # fmt: skip
    assert list(json.loads(Path("datasets/others/manifest.json").read_text("utf-8"))["tasks"]) == ["tone"]
    _, err = run("build", "data=folder", "data.articles=pages", "data.annotations=all.jsonl", "data.tasks=[urgent]",
                 "out=urgent", "split=folds", "split.n_folds=3")  # fmt: skip
    assert "labels of stance, tone are left out (data.tasks)" in err
    assert list(json.loads(Path("urgent/manifest.json").read_text("utf-8"))["tasks"]) == ["urgent"]


def it_is_published_without_text_and_rebuilt(run: Run) -> None:
    run("publish", "datasets/mine", "--without-text", "-o", "public")
    assert '"tone": "' in Path("public/annotations.jsonl").read_text("utf-8")
    run("rebuild", "public", "pages", "-o", "rebuilt")
    digests = [json.loads(Path(name, "manifest.json").read_text("utf-8"))["digest"] for name in ("datasets/mine", "rebuilt")]
    assert digests[0] == digests[1]
    out, _ = run("diff", "datasets/mine", "rebuilt")
    assert "relabelled tone: 0" in out


def a_column_without_a_file_is_no_silence(run: Run) -> None:
    Path("moods.jsonl").write_text(Path("all.jsonl").read_text("utf-8").replace('"tone"', '"mood"'), "utf-8")
    err = run("build", "data=folder", "data.articles=pages", "data.annotations=moods.jsonl", "out=moods", code=1)[1]
    assert "moods.jsonl:1: unknown column 'mood'" in err
    assert "a file configs/task/mood.yaml" in err
    assert not Path("moods").exists()


TRAIN = ("train", "dataset=datasets/mine", "tracking=none", "text=syllables")


def folder_of(err: str) -> Path:
    return Path(re.search(r"^model:  (.+)/model$", err, re.M)[1])  # type: ignore[index]


def it_is_learnt_alone_and_with_others(run: Run, folders: dict[str, Path], tiny: Path) -> None:
    for model in ("majority", "tfidf"):
        out, err = run(*TRAIN, f"model={model}", "task=tone")
        folders[model] = folder_of(err)
        assert ("lexicon" in out, "tone: macro-F1" in err) == (False, True)
    about = json.loads((folders["tfidf"] / "model" / "detente.json").read_text("utf-8"))
    assert (about["tasks"], about["ordered"]) == ({"tone": list(TONE)}, [])
    report = (folders["tfidf"] / "report.md").read_text("utf-8")
    assert "| bình thản |" in report
    assert "ordered scale" not in report
    assert "Challenge" not in report
    _, err = run(*TRAIN, f"model.path={tiny}", "model.name=tiny", "training=finetune_small", "training.epochs=1",
                 "task=[stance,tone]")  # fmt: skip
    folders["both"] = folder_of(err)
    about = json.loads((folders["both"] / "model" / "detente.json").read_text("utf-8"))
    assert (list(about["tasks"]), about["ordered"]) == (["stance", "tone"], ["stance"])
    result = json.loads((folders["both"] / "result.json").read_text("utf-8"))
    assert result["score_name"] == "oof/macro_f1 (mean of stance and tone)"
    _, err = run(*TRAIN, "model=tfidf", "task=urgent")
    assert re.search(r"urgent: macro-F1 [01]\.\d{3}", err)
    assert "skipped" in run(*TRAIN, "model=tfidf", "task=[tone]")[1]


def what_cannot_be_learnt_is_one_line(run: Run) -> None:
    err = run(*TRAIN, "model=lexicon", "task=tone", code=2)[1]
    assert "model=lexicon: there are no word lists for vui mừng, lo âu, giận dữ, bình thản" in err
    err = run(*TRAIN, "model=tfidf", "task=[stance,tone]", code=2)[1]
    assert "task=stance+tone: model.kind 'tfidf' learns one task at a time, not stance and tone" in err
    err = run(*TRAIN, "model=tfidf", "task=sentiment", code=2)[1]
    assert "task 'sentiment': datasets/mine has no labels of it; it has stance, tone, urgent." in err
    err = run(*TRAIN, "model=tfidf", "task=tune", code=2)[1]
    assert "unknown task 'tune'; expected joint, sentiment, stance, tone, urgent" in err


def a_sweep_takes_names_and_lists(run: Run) -> None:
    _, err = run("train", "-m", *TRAIN[1:], "model=majority", "task=tone,[urgent],stance")
    assert re.findall(r"of \d (\w+) runs", err) == ["stance", "tone", "urgent"]


def evaluate_with_a_challenge_of_ones_own(run: Run, folders: dict[str, Path]) -> None:
    items = [
        {"item_id": "t1", "group": "đùa", "text": "Hai bên cười lớn.", "task": "tone", "label": "vui mừng"},
        {"item_id": "t2", "group": "đùa", "text": "Hai bên cuoi lon.", "task": "tone", "label": "vui mừng", "pair": "t1"},
        {"item_id": "s1", "group": "đàm phán", "text": "Hai bên gặp nhau.", "task": "stance", "label": "dialogue"},
    ]
    Path("challenge.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items), "utf-8")
    evaluate = ("evaluate", str(folders["both"] / "model"), "datasets/others", "--split", "train", "--no-tracking")
    _, err = run(*evaluate, "--challenge", "challenge.jsonl", "-o", "scored")
    assert "note: datasets/others has no labels of stance, which are not scored" in err
    report = Path("scored/report.md").read_text("utf-8")
    assert "These are the items of challenge.jsonl." in report
    assert "| đùa |" in report
    assert "đàm phán |" not in report
    Path("challenge.jsonl").write_text(json.dumps({**items[0], "label": "vui"}) + "\n", "utf-8")
    err = run(*evaluate, "--challenge", "challenge.jsonl", "-o", "again", code=1)[1]
    assert "challenge.jsonl: t1: unknown tone 'vui'; expected vui mừng" in err
    assert not Path("again").exists()


def compare_predict_index_explain(run: Run, folders: dict[str, Path]) -> None:
    out, _ = run("compare", str(folders["majority"]), str(folders["tfidf"]), "--no-record")
    assert "Pooled macro-F1 in tone on" in out
    out, _ = run("compare", str(folders["tfidf"]), str(folders["both"]), "--no-record")
    assert "Pooled macro-F1 in tone on" in out  # the only task that both have
    run("predict", str(folders["both"] / "model"), "others", "-o", "predicted.parquet")
    columns = pq.read_schema("predicted.parquet").names
    assert [name for name in columns if name.startswith("tone_")] == [
        "tone_pred", *(f"tone_prob_{label}" for label in TONE), "tone_abstain",
    ]  # fmt: skip
    err = run("index", "predicted.parquet", code=2)[1]
    assert "predictions of stance and tone; choose one with --task." in err
    out, _ = run("index", "predicted.parquet", "--task", "tone", "-o", "tone.csv")
    with Path("tone.csv").open(encoding="utf-8", newline="") as file:
        measures = {row["measure"] for row in csv.DictReader(file)}
    assert measures == {f"share_{label}" for label in TONE}
    assert "share_vui mừng" in out
    assert Path("tone.png").read_bytes().startswith(b"\x89PNG")
    out, _ = run("explain", str(folders["tfidf"] / "model"), "Hai bên nhất trí nối lại đàm phán.")
    assert out.startswith(tuple(f"tone: {label} 0." for label in TONE))


def an_audit_of_it_corrects_the_index(run: Run) -> None:
    run("label", "export", "predicted.parquet", "--audit", "20", "--task", "tone", "-o", "audit.jsonl")
    rows = [json.loads(line) for line in Path("audit.jsonl").read_text("utf-8").splitlines()]
    filled = [json.dumps({**row, "tone": tone_of(row["text"])}, ensure_ascii=False) + "\n" for row in rows]
    Path("audit.jsonl").write_text("".join(filled), "utf-8")
    run("label", "import", "audit.jsonl", "--annotator", "an", "-o", "audited.jsonl")
    run("label", "audit", "audit.jsonl", "audited.jsonl", "-o", "sample.jsonl")
    assert json.loads(Path("sample.jsonl").read_text("utf-8").splitlines()[0])["tone"] in TONE
    _, err = run("index", "predicted.parquet", "--task", "tone", "--audit", "sample.jsonl", "-o", "corrected.csv")
    assert "corrected by 20 sentences" in err


def labels_that_changed_are_shown_side_by_side(run: Run, folders: dict[str, Path]) -> None:
    path = Path("configs/task/tone.yaml")
    before = path.read_text("utf-8")
    try:
        path.write_text(before.replace("bình thản", "thờ ơ"), "utf-8")
        for call in (
            (*TRAIN, "model=tfidf", "task=tone"),
            ("index", "predicted.parquet", "--task", "tone", "-o", "other.csv"),
        ):
            err = run(*call, code=1)[1]
            assert "the labels of 'tone' are not the same:\n" in err
            assert ": vui mừng, lo âu, giận dữ, bình thản\n" in err
            assert ": vui mừng, lo âu, giận dữ, thờ ơ\n" in err
        moved = Path("others.jsonl").read_text("utf-8").replace("bình thản", "thờ ơ")
        Path("moved.jsonl").write_text(moved, "utf-8")
        run("build", "data=folder", "data.articles=others", "data.annotations=moved.jsonl", "out=moved", "split=folds",
            "split.n_folds=2")  # fmt: skip
    finally:
        path.write_text(before, "utf-8")
    err = run("evaluate", str(folders["tfidf"] / "model"), "moved", "--split", "train", "--no-tracking", code=1)[1]
    assert (
        "the labels of 'tone' are not the same:\n  moved: vui mừng, lo âu, giận dữ, thờ ơ\n  the model tfidf: vui mừng" in err
    )


def model_and_dataset_need_no_file(run: Run, folders: dict[str, Path]) -> None:
    shutil.move("configs", "configs.away")
    try:
        out, err = run("evaluate", str(folders["tfidf"] / "model"), "datasets/others", "--split", "train", "--no-tracking",
                       "-o", "elsewhere")  # fmt: skip
        assert "tone: macro-F1" in err
        _, err = run(*TRAIN, "model=majority", "task=tone", "resume=never", "seed=3")
        assert "tone: macro-F1" in err
        out, _ = run("index", "predicted.parquet", "--task", "tone", "-o", "elsewhere.csv")
        assert "share_vui mừng" in out
    finally:
        shutil.move("configs.away", "configs")


@pytest.mark.slow
def test_a_task_goes_the_whole_way_from_its_file_alone(run: Run, tiny: Path) -> None:
    folders: dict[str, Path] = {}
    sheets_ask_for_the_labels_and_bring_them_back(run)
    a_label_that_the_task_does_not_have_is_named(run)
    label_studio_has_its_interface(run)
    agreement_knows_no_order_of_labels(run)
    what_is_disputed_is_decided(run)
    build_keeps_every_label(run)
    it_is_published_without_text_and_rebuilt(run)
    a_column_without_a_file_is_no_silence(run)
    it_is_learnt_alone_and_with_others(run, folders, tiny)
    what_cannot_be_learnt_is_one_line(run)
    a_sweep_takes_names_and_lists(run)
    evaluate_with_a_challenge_of_ones_own(run, folders)
    compare_predict_index_explain(run, folders)
    an_audit_of_it_corrects_the_index(run)
    labels_that_changed_are_shown_side_by_side(run, folders)
    model_and_dataset_need_no_file(run, folders)
