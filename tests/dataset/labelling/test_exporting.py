"""Export → label → import → build: the same sentences, byte for byte, in every format."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detente.cli import main
from detente.dataset import LabelledDataset, build_dataset, read_annotations
from detente.dataset.annotations import write_annotations
from detente.dataset.build import BuildOptions, DataOptions
from detente.dataset.labelling.exporting import ExportOptions, export_sentences
from detente.dataset.labelling.importing import FORMATS, ImportOptions
from detente.dataset.labelling.merging import adjudicate, import_labels
from detente.errors import InputError, UsageError
from detente.places import SEEDS
from detente.records import Annotation

PAGES = SEEDS / "articles"
GIVEN = {
    reading.sentence_id: {"stance": reading.label("stance"), "sentiment": reading.label("sentiment"), "rule": reading.rule}
    for reading in read_annotations(SEEDS / "annotations.jsonl")
    if reading.annotator == "adjudicated"
}


def label(path: Path, given: dict[str, dict[str, Any]]) -> None:
    """Fill in a file as an annotator's program saves it."""
    if path.suffix == ".json":
        tasks = json.loads(path.read_text("utf-8"))
        for number, task in enumerate(tasks, start=1):
            fields = given.get(task["data"]["sentence_id"], {})
            result = [
                {"from_name": name, "type": "choices", "value": {"choices": [value]}} for name, value in fields.items() if value
            ]
            task |= {
                "id": number,
                "annotations": [{"completed_by": 1, "was_cancelled": False, "result": result}] if fields else [],
            }
        path.write_text(json.dumps(tasks, ensure_ascii=False), "utf-8")
    elif path.suffix == ".jsonl":
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        rows = [{**row, **given.get(row["sentence_id"], {})} for row in rows]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    elif path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows({**row, **given.get(row["sentence_id"], {})} for row in rows)
    else:
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            for name, value in given.get(str(row[names.index("sentence_id")].value), {}).items():
                row[names.index(name)].value = int(value) if name == "rule" and value.isdecimal() else value
        book.save(path)


def take(path: Path, out: Path, **options: Any) -> None:
    import_labels([path], out, ImportOptions(**options))


@pytest.mark.parametrize("suffix", FORMATS)
def test_export_label_import_build_gives_the_same_dataset(tmp_path: Path, dataset: LabelledDataset, suffix: str) -> None:
    sheet, out = tmp_path / f"an{suffix}", tmp_path / "annotations.jsonl"
    export_sentences(PAGES, sheet, ExportOptions())
    label(sheet, GIVEN)
    take(sheet, out, names={"1": "an"} if suffix == ".json" else {}, annotator="an")
    built = build_dataset(BuildOptions(DataOptions("mine", str(PAGES), str(out)), out=str(tmp_path / "mine")))
    assert built.rows == dataset.rows
    assert built.digest == dataset.digest


@pytest.mark.parametrize("suffix", FORMATS)
def test_hostile_texts_come_back_through_the_whole_round(tmp_path: Path, suffix: str) -> None:
    texts = [
        "=1+1",
        "'=1",
        "+84",
        "'",
        "Dòng\nhai",
        "a\r\nb",
        "a\rb",
        'Ông: "có, ;\tkhông"',
        "ho\u0300a bi\u0300nh",
        "@a",
        "001",
        " x ",
        "_x000D_",
    ]
    rows = [{"sentence_id": f"p#{at}", "article_id": "001", "text": text} for at, text in enumerate(texts)]
    source = tmp_path / "corpus.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    sheet, out = tmp_path / f"x{suffix}", tmp_path / "annotations.jsonl"
    export_sentences(source, sheet, ExportOptions(guideline_version=3))
    label(sheet, {row["sentence_id"]: {"stance": "neutral"} for row in rows})
    take(sheet, out, names={"1": "Trần, An"} if suffix == ".json" else {}, annotator="Trần, An")
    readings = read_annotations(out)
    assert [reading.text for reading in readings] == texts
    assert {(reading.annotator, reading.guideline_version) for reading in readings} == {("Trần, An", 3)}


def test_what_is_read_already_is_left_out(tmp_path: Path) -> None:
    readings = read_annotations(SEEDS / "annotations.jsonl")
    some = [reading for reading in readings if reading.annotator == "model-a"][:50] + [
        reading for reading in readings if reading.annotator == "model-b"
    ][:20]
    known = tmp_path / "known.jsonl"
    known.write_text(write_annotations(some), "utf-8")
    assert "31 sentences to label" in export_sentences(PAGES, tmp_path / "a.csv", ExportOptions(annotations=known))
    of_b = ExportOptions(annotations=known, annotator="model-b")
    assert "61 sentences to label" in export_sentences(PAGES, tmp_path / "b.csv", of_b)
    assert '"model-b",3,' in (tmp_path / "b.csv").read_text("utf-8-sig")
    all_read = ExportOptions(annotations=SEEDS / "annotations.jsonl")
    with pytest.raises(InputError, match="no sentence is left to label; nothing was written"):
        export_sentences(PAGES, tmp_path / "c.csv", all_read)
    assert not (tmp_path / "c.csv").exists()


def test_a_file_that_may_hold_labels_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    out.write_text("labels", "utf-8")
    with pytest.raises(InputError, match="exists, and may hold labels; it is left as it is"):
        export_sentences(PAGES, out, ExportOptions())
    assert out.read_text("utf-8") == "labels"
    export_sentences(PAGES, out, ExportOptions(overwrite=True))
    assert out.read_text("utf-8-sig").startswith('"sentence_id"')
    (tmp_path / "y.xml").write_text("another's", "utf-8")
    with pytest.raises(InputError, match=r"y.xml: exists"):
        export_sentences(PAGES, tmp_path / "y.json", ExportOptions())


def test_a_failure_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    source = tmp_path / "x.jsonl"
    good = json.dumps({"sentence_id": "p#0", "article_id": "p", "text": "x"})
    source.write_text(f"{good}\n{{\n", "utf-8")
    for suffix in FORMATS:
        with pytest.raises(InputError, match=r"x.jsonl:2: not JSON"):
            export_sentences(source, tmp_path / f"out{suffix}", ExportOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]


def test_a_sample_carries_its_probability_and_an_audit_its_design(tmp_path: Path) -> None:
    done = export_sentences(PAGES, tmp_path / "a.jsonl", ExportOptions(sample=27, seed=1))
    assert done.endswith("a.jsonl: 27 sentences to label of 81, a simple random sample with seed 1")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert {row["inclusion_prob"] for row in rows} == {27 / 81}
    assert "design" not in rows[0]
    export_sentences(PAGES, tmp_path / "b.jsonl", ExportOptions(audit=2, design="clustered"))
    rows = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text("utf-8").splitlines()]
    assert {(row["inclusion_prob"], row["design"]) for row in rows} == {(2 / 7, "clustered")}
    assert len({row["article_id"] for row in rows}) == 2


def test_tasks_and_optional_columns_that_are_asked_for(tmp_path: Path) -> None:
    export_sentences(PAGES, tmp_path / "x.json", ExportOptions(tasks=("stance",), free=("holder",)))
    interface = (tmp_path / "x.xml").read_text("utf-8")
    assert 'name="stance"' in interface
    assert 'name="holder"' in interface
    assert 'name="sentiment"' not in interface
    export_sentences(PAGES, tmp_path / "x.csv", ExportOptions(tasks=("stance",), free=("holder",)))
    header = (tmp_path / "x.csv").read_text("utf-8-sig").splitlines()[0]
    assert '"stance","rule","note","holder","annotator"' in header


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample": 0}, "--sample: expected at least 1, got 0"),
        ({"audit": 3, "design": "random"}, "--design: expected simple, stratified, clustered, got 'random'"),
        ({"tasks": ("mood",)}, "unknown task 'mood'"),
        ({"bad_page": "keep"}, "bad_page: expected error or skip, got 'keep'"),
        ({"sample": 3, "audit": 3}, "--sample and --audit exclude each other"),
        ({"sample": 3, "design": "simple"}, "--design and --strata are of --audit N"),
        ({"audit": 3, "design": "stratified"}, "--design stratified and --strata COLUMN go together"),
        ({"audit": 3, "strata": "outlet"}, "--design stratified and --strata COLUMN go together"),
        ({"audit": 3, "annotations": Path("x")}, "--audit draws from the whole corpus"),
        ({"annotator": "adjudicated"}, "is the decision's name"),
        ({"disputed": True}, "--disputed needs readings"),
        ({"disputed": True, "annotator": "an"}, "--annotator is of readings"),
    ],
)
def test_options_that_clash(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        export_sentences(PAGES, tmp_path / "x.csv", ExportOptions(**options))
    with pytest.raises(UsageError, match=r"unknown format '.ods'"):
        export_sentences(PAGES, tmp_path / "x.ods", ExportOptions())


def test_a_dataset_goes_out_in_its_own_tasks_whatever_the_task_files_say(tmp_path: Path) -> None:
    Path("configs/task").mkdir(parents=True)
    file = Path("configs/task/tone.yaml")
    file.write_text("labels: [vui, buồn]\n", encoding="utf-8")
    rows = [
        {"text": "Hai bên nối lại đàm phán.", "tone": "vui", "topic": "a"},
        {"text": "Quân đội tập trận ở biên giới.", "tone": "buồn", "topic": "b"},
    ]
    Path("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ["data=table", "data.sentences=rows.jsonl", "data.name=tones", "data.group_column=topic", "split.n_folds=2"]
    assert main(["build", *options]) == 0
    file.unlink()
    export_sentences(Path("datasets/tones"), tmp_path / "again.csv", ExportOptions())
    columns = next(csv.reader((tmp_path / "again.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert "tone" in columns
    assert "stance" not in columns
    export_sentences(Path("datasets/tones"), tmp_path / "named.csv", ExportOptions(tasks=("tone",)))
    assert (tmp_path / "named.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    with pytest.raises(InputError, match="no sentence is disputed"):
        export_sentences(Path("datasets/tones"), tmp_path / "none.csv", ExportOptions(disputed=True))


def test_predictions_of_a_task_without_a_file_do_not_ask_for_others(tmp_path: Path) -> None:
    row = {"sentence_id": "p#0", "text": "Câu.", "tone_pred": "vui", "tone_prob_vui": 0.6, "tone_prob_buồn": 0.4}
    Path("predicted.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
    source, out = Path("predicted.jsonl"), tmp_path / "sheet.jsonl"
    with pytest.raises(InputError) as caught:
        export_sentences(source, out, ExportOptions(audit=1))
    assert str(caught.value) == (
        "predicted.jsonl: predictions of 'tone', of which there is no configs/task/tone.yaml here; a sheet would ask for "
        "stance, sentiment. Write it (labels: vui, buồn), or say what to ask for: --task."
    )
    assert not out.exists()
    Path("configs/task").mkdir(parents=True)
    Path("configs/task/tone.yaml").write_text("labels: [vui, lo]", "utf-8")
    with pytest.raises(InputError, match="the labels of 'tone' are not the same"):
        export_sentences(source, out, ExportOptions(tasks=("tone",)))
    Path("configs/task/tone.yaml").write_text("labels: [buồn, vui]", "utf-8")
    export_sentences(source, out, ExportOptions(tasks=("tone",)))
    asked = json.loads(out.read_text("utf-8"))
    assert ("tone" in asked, "stance" in asked) == (True, False)


def test_what_is_disputed_asks_for_the_disputed_tasks_alone(tmp_path: Path) -> None:
    texts = ["Nga và Mỹ đàm phán.", "Quân đội tập trận.", "Hai bên gặp nhau."]
    source = tmp_path / "source.jsonl"
    source.write_text(
        "".join(json.dumps({"sentence_id": f"p#{n}", "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8"
    )
    given = {"an": ("dialogue", "neutral", "neutral"), "binh": ("neutral", "neutral", "escalation")}
    readings = [
        Annotation(f"p#{n}", text, name, "human", {"stance": given[name][n], "sentiment": "neutral"}, "", 2)
        for name in given
        for n, text in enumerate(texts)
    ]
    known = tmp_path / "known.jsonl"
    known.write_text(write_annotations(readings), "utf-8")
    sheet = tmp_path / "decide.jsonl"
    export_sentences(source, sheet, ExportOptions(disputed=True, annotations=known))
    rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    assert [row["sentence_id"] for row in rows] == ["p#0", "p#2"]
    assert ("stance" in rows[0], "sentiment" in rows[0]) == (True, False)
    sheet.write_text("".join(json.dumps({**row, "stance": "neutral"}) + "\n" for row in rows), "utf-8")
    decided = adjudicate(known, [sheet], agreed=True)
    assert [dict(row.labels) for row in decided.merged.readings if row.annotator == "adjudicated"] == [
        {"sentiment": "neutral", "stance": "neutral"}
    ] * 3
    with pytest.raises(InputError, match="no sentence is disputed"):
        export_sentences(source, tmp_path / "none.csv", ExportOptions(disputed=True, annotations=known, tasks=("sentiment",)))


def test_an_ending_in_capitals_is_the_same_format(tmp_path: Path) -> None:
    assert main(["label", "export", str(SEEDS / "articles"), "--annotator", "an", "-o", str(tmp_path / "an.XLSX")]) == 0
    assert (tmp_path / "an.XLSX").read_bytes().startswith(b"PK")
