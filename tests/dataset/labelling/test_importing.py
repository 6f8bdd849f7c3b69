from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from detente.dataset.annotations import read_annotations, write_annotations
from detente.dataset.labelling.importing import ImportOptions, Readings, parse_readings, read_label_file
from detente.dataset.labelling.items import GUIDELINE_VERSION, text_check
from detente.dataset.labelling.merging import import_labels, merge, save
from detente.errors import AnnotationError, ConfigError, UsageError
from detente.places import SEEDS

ROW = {
    "sentence_id": "p#0",
    "text": "Nga và Mỹ đàm phán.",
    "stance": "dialogue",
    "sentiment": "neutral",
    "rule": "6",
    "note": "",
    "annotator": "an",
    "guideline_version": "2",
}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path, **options: Any) -> Readings:
    return parse_readings(read_label_file(path), ImportOptions(**options))


def sheet(tmp_path: Path, *rows: dict[str, Any], **options: Any) -> Readings:
    return read(write(tmp_path / "x.csv", *rows), **options)


def test_the_guideline_of_the_seeds_is_the_one_that_is_asked_for() -> None:
    assert f"version {GUIDELINE_VERSION}" in (SEEDS / "GUIDELINE.md").read_text("utf-8").splitlines()[0]


def test_a_row_becomes_a_reading(tmp_path: Path) -> None:
    file = sheet(tmp_path, {**ROW, "stance": " Dialogue ", "holder": "Điện Kremlin", "target": " NATO"})
    (where, reading), *_ = file.readings
    assert (where, reading.label("stance"), reading.rule, reading.guideline_version) == ("row 2", "dialogue", "6", 2)
    assert (reading.holder, reading.target, reading.voice) == ("Điện Kremlin", " NATO", None)
    assert reading.annotator_kind == "human"
    assert file.n_unchecked == 1


def test_annotations_themselves_come_back_whole(tmp_path: Path) -> None:
    readings = read_annotations(SEEDS / "annotations.jsonl")
    path = tmp_path / "x.jsonl"
    path.write_text(write_annotations(readings), "utf-8")
    merged = merge([], [read(path)])
    assert list(merged.readings) == readings
    save(tmp_path / "out.jsonl", merged)
    assert (tmp_path / "out.jsonl").read_bytes() == path.read_bytes()


def test_optional_columns_travel_untouched(tmp_path: Path) -> None:
    row = {**ROW, "guideline_version": 2, "annotator_kind": "machine", "relation": "rivals", "voice": " =x", "note": "a\r\nb "}
    (_, reading), *_ = read(write(tmp_path / "x.jsonl", row)).readings
    assert (reading.relation, reading.voice, reading.note, reading.annotator_kind) == ("rivals", " =x", "a\r\nb ", "machine")


def test_rows_without_a_label_are_counted_and_a_note_alone_is_a_reading(tmp_path: Path) -> None:
    empty = {**ROW, "stance": "", "sentiment": " ", "rule": "", "note": ""}
    file = sheet(tmp_path, ROW, empty, {**empty, "sentence_id": "p#9", "note": "không rõ"})
    assert (len(file.readings), file.n_blank) == (2, 1)
    assert (file.readings[1][1].label("stance"), file.readings[1][1].note) == (None, "không rõ")


def test_all_problems_are_told_together_with_their_rows(tmp_path: Path) -> None:
    check = text_check("p#0", "Nga và Mỹ đàm phán.")
    file = sheet(
        tmp_path,
        {**ROW, "stance": "dialog", "check": ""},
        {**ROW, "sentiment": "vui", "annotator": "", "check": ""},
        {**ROW, "text": "Nga và Mỹ đàm phán!", "check": check},
        {**ROW, "guideline_version": "hai", "check": check},
        {**ROW, "text": "", "check": check},
    )
    assert [where for where, _ in file.problems] == ["row 2", "row 3", "row 3", "row 4", "row 5", "row 6"]
    with pytest.raises(AnnotationError) as caught:
        merge([], [file])
    told = str(caught.value)
    assert told.startswith("6 problems; nothing was written.\n")
    assert "x.csv: row 2: unknown stance 'dialog'; expected dialogue, neutral, escalation. Did you mean 'dialogue'?" in told
    assert "x.csv: row 3: unknown sentiment 'vui'; expected negative, neutral, positive." in told
    assert "x.csv: row 3: no annotator; fill in the column, or say it with --annotator" in told
    assert (
        "row 4: p#0 and its text do not belong together any more (edited, or a column was sorted alone): 'Nga và Mỹ đàm phán!'"
        in told
    )
    assert "row 5: guideline_version 'hai'; expected a whole number" in told
    assert "row 6: sentence_id or text is empty" in told


def test_a_problem_of_many_rows_is_told_once(tmp_path: Path) -> None:
    file = sheet(tmp_path, *({**ROW, "sentence_id": f"p#{at}", "annotator": ""} for at in range(50)))
    with pytest.raises(AnnotationError, match=r"50 problems.*\n.*row 2, .*row 11 and 40 more: no annotator") as caught:
        merge([], [file])
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"stance": "Stance"}, "no column 'stance'. Did you mean 'Stance'?"),
        ({"sentiment": "Cảm xúc"}, "no column 'sentiment'. Columns that are not known: Cảm xúc."),
        ({"text": "sentence"}, "no column 'text'. Columns that are not known: sentence."),
    ],
)
def test_renamed_and_missing_columns_are_refused(tmp_path: Path, header: dict[str, str], message: str) -> None:
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[header.get(name, name) for name in ROW], list(ROW.values())])
    assert read(path).problems == (("", message),)
    with pytest.raises(AnnotationError, match="1 problem; nothing was written"):
        merge([], [read(path)])


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("sentence_id,text,stance,stance\n", "utf-8")
    with pytest.raises(AnnotationError, match=r"x\.csv:1: the column 'stance' stands twice; expected every name once"):
        read(tmp_path / "x.csv")


def test_a_project_of_one_task_has_one_column_and_own_columns_are_named(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "sentiment"} | {"my own": "x"}
    file = sheet(tmp_path, row, tasks=("stance",))
    assert (file.problems, file.ignored, file.readings[0][1].label("sentiment")) == ((), ("my own",), None)


def test_labels_of_a_task_whose_file_is_gone_are_refused_not_dropped(tmp_path: Path) -> None:
    file = sheet(tmp_path, {**ROW, "tone": "vui"}, {**ROW, "sentence_id": "p#9", "tone": " "}, {**ROW, "sentence_id": "p#8"})
    assert file.problems == (
        (
            "",
            "the column 'tone' is filled in in 1 row, and there is no configs/task/tone.yaml; put the task's file there, or "
            "leave the column out with --leave-out tone",
        ),
    )
    with pytest.raises(AnnotationError, match="1 problem; nothing was written"):
        import_labels([tmp_path / "x.csv"], tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    left = sheet(tmp_path, {**ROW, "tone": "vui"}, leave_out=("tone",))
    assert (left.problems, left.ignored, len(left.readings)) == ((), ("tone",), 1)
    assert sheet(tmp_path, {**ROW, "tone": " "}).problems == ()
    with pytest.raises(UsageError, match="--leave-out stance: is a column that is read"):
        sheet(tmp_path, ROW, leave_out=("stance",))
    (tmp_path / "configs/task").mkdir(parents=True)
    (tmp_path / "configs/task/tone.yaml").write_text("labels: [vui, buồn]", "utf-8")
    (_, reading), *_ = sheet(tmp_path, {**ROW, "tone": "vui"}).readings
    assert reading.labels == {"stance": "dialogue", "sentiment": "neutral", "tone": "vui"}


def test_what_label_studio_showed_is_no_answer_and_a_field_of_its_short_export_may_be(tmp_path: Path) -> None:
    seen = {**{name: ROW[name] for name in ("sentence_id", "text")}, "url": "https://x", "source_kind": "wire"}
    results = [{"from_name": name, "value": {"choices": [ROW[name]]}} for name in ("stance", "sentiment")]
    whole = {"id": 1, "data": seen, "annotations": [{"completed_by": 1, "result": results}]}
    short = {"id": 1, "annotation_id": 1, "annotator": 1, **seen, "stance": "dialogue", "sentiment": "neutral", "tone": "vui"}
    for value in (whole, short):
        (tmp_path / "export.json").write_text(json.dumps([value]), "utf-8")
        file = read(tmp_path / "export.json", guideline_version=2, leave_out=() if value is whole else ("source_kind",))
        lost = () if value is whole else ("the column 'tone' is filled in in 1 row, and there is no configs/task/tone.yaml",)
        assert tuple(problem.partition(";")[0] for _, problem in file.problems) == lost


def test_one_task_file_that_is_wrong_does_not_stop_labels_of_others(tmp_path: Path) -> None:
    (tmp_path / "configs/task").mkdir(parents=True)
    (tmp_path / "configs/task/tone.yaml").write_text("labels: [vui", "utf-8")
    assert sheet(tmp_path, ROW).problems == ()
    assert read_annotations(SEEDS / "annotations.jsonl")
    with pytest.raises(ConfigError, match=r"^configs/task/tone\.yaml: "):
        sheet(tmp_path, {**ROW, "tone": "vui"})


def test_the_source_is_the_judge_of_texts(tmp_path: Path) -> None:
    texts = {"p#0": "Nga và Mỹ đàm phán."}
    assert sheet(tmp_path, ROW, texts=texts).problems == ()
    assert sheet(tmp_path, ROW, texts=texts).n_unchecked == 0
    changed = sheet(tmp_path, {**ROW, "text": "Nga."}, {**ROW, "sentence_id": "q#0"}, texts=texts)
    assert changed.problems == (
        ("row 2", "the text of p#0 was changed: 'Nga.'; the sentence is 'Nga và Mỹ đàm phán.'"),
        ("row 3", "the source has no sentence q#0"),
    )


def test_who_labelled_and_on_which_guideline(tmp_path: Path) -> None:
    nameless = {**ROW, "annotator": "", "guideline_version": ""}
    (_, reading), *_ = sheet(tmp_path, nameless, annotator="Trần, An", guideline_version=3, annotator_kind="machine").readings
    assert (reading.annotator, reading.guideline_version, reading.annotator_kind) == ("Trần, An", 3, "machine")
    assert sheet(tmp_path, ROW, annotator="binh").problems == (("row 2", "is by 'an', and --annotator says 'binh'"),)
    assert sheet(tmp_path, nameless, annotator="an").problems == (
        ("row 2", "no guideline_version; say it with --guideline-version"),
    )


def test_a_wrong_row_is_told_beside_a_wrong_header(tmp_path: Path) -> None:
    row = {name: value for name, value in ROW.items() if name != "sentiment"}
    file = sheet(tmp_path, {**row, "stance": "dialog"})
    assert [where for where, _ in file.problems] == ["", "row 2"]


def test_what_decides_a_conflict_is_one_of_three(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="on_conflict: expected refuse, keep, replace, got 'overwrite'"):
        import_labels([write(tmp_path / "x.csv", ROW)], tmp_path / "out.jsonl", on_conflict="overwrite")


def test_a_guideline_that_changes_in_the_middle_is_kept_by_row(tmp_path: Path) -> None:
    file = sheet(tmp_path, ROW, {**ROW, "sentence_id": "p#9", "guideline_version": "3.0"}, {**ROW, "sentence_id": "q#0"})
    assert [reading.guideline_version for _, reading in file.readings] == [2, 2]
    assert file.problems == (("row 3", "guideline_version '3.0'; expected a whole number"),)
    mixed = sheet(tmp_path, ROW, {**ROW, "sentence_id": "p#9", "guideline_version": "3"})
    assert [reading.guideline_version for _, reading in mixed.readings] == [2, 3]


def test_an_annotator_with_a_comma_in_the_name(tmp_path: Path) -> None:
    assert sheet(tmp_path, {**ROW, "annotator": "Nguyễn, Bình"}).readings[0][1].annotator == "Nguyễn, Bình"


def test_unknown_formats_and_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x.ods: unknown format '.ods'; expected .json, .csv, .xlsx, .jsonl."):
        read(tmp_path / "x.ods")
    with pytest.raises(AnnotationError, match=r"x.csv: no such file"):
        read(tmp_path / "x.csv")


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "annotations.jsonl"
    path = write(tmp_path / "x.csv", {**ROW, "holder": "NATO"}, {**ROW, "sentence_id": "p#9"})
    first, _ = import_labels([path], out)
    before = out.read_bytes(), out.stat().st_mtime_ns
    again, _ = import_labels([path], out)
    assert (out.read_bytes(), out.stat().st_mtime_ns) == before
    assert (first.n_new, again.n_new, again.n_same, again.changed) == (2, 0, 2, False)


def test_a_problem_in_one_file_keeps_all_of_them_out(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "a.csv", ROW), write(tmp_path / "b.csv", {**ROW, "annotator": "binh", "stance": "x"})
    with pytest.raises(AnnotationError, match=r"b.csv: row 2: unknown stance 'x'"):
        import_labels([good, bad], tmp_path / "annotations.jsonl")
    assert not (tmp_path / "annotations.jsonl").exists()


def test_a_reading_that_says_something_else_is_refused_kept_or_replaced(tmp_path: Path) -> None:
    existing = [reading for _, reading in sheet(tmp_path, ROW, {**ROW, "sentence_id": "p#9"}).readings]
    other = sheet(tmp_path, {**ROW, "stance": "neutral", "rule": "7"}, {**ROW, "sentence_id": "p#9", "note": "thêm"})
    with pytest.raises(AnnotationError) as caught:
        merge(existing, [other])
    assert "row 2: p#0 by 'an' is there already and differs: stance 'dialogue' / 'neutral', rule '6' / '7'" in str(caught.value)
    assert "row 3: p#9 by 'an' is there already and differs: note '' / 'thêm'" in str(caught.value)
    assert str(caught.value).endswith("--on-conflict keep or replace says which holds.")
    kept = merge(existing, [other], "keep")
    assert (list(kept.readings), kept.n_kept, kept.changed) == (existing, 2, False)
    replaced = merge(existing, [other], "replace")
    assert ([reading.label("stance") for reading in replaced.readings], replaced.n_replaced) == (["neutral", "dialogue"], 2)


def test_labels_of_another_task_come_beside_those_that_are_there(tmp_path: Path) -> None:
    """An annotator who reads the same sentences again for a second task lost the labels of the first to `replace`."""
    both = {**ROW, "stance": "", "sentiment": "", "rule": ""}
    first, second = (
        sheet(tmp_path, {**both, "stance": "dialogue", "rule": "6"}),
        sheet(tmp_path, {**both, "sentiment": "positive"}),
    )
    merged = merge([reading for _, reading in first.readings], [second], "replace")
    (reading,) = merged.readings
    assert (dict(reading.labels), reading.rule) == ({"stance": "dialogue", "sentiment": "positive"}, "6")
    assert (merged.n_new, merged.n_replaced) == (1, 0)
    for again in (first, second):
        assert (merge(merged.readings, [again]).changed, merge(merged.readings, [again]).n_same) == (False, 1)
    other = sheet(tmp_path, {**both, "stance": "neutral", "sentiment": "positive"})
    with pytest.raises(AnnotationError, match="is there already and differs: stance 'dialogue' / 'neutral'"):
        merge(merged.readings, [other])


def test_several_annotators_a_sentence_and_one_text(tmp_path: Path) -> None:
    first, second = sheet(tmp_path, ROW), sheet(tmp_path, {**ROW, "annotator": "binh", "stance": "neutral"})
    assert [reading.annotator for reading in merge([], [first, second]).readings] == ["an", "binh"]
    other = sheet(tmp_path, {**ROW, "annotator": "binh", "text": "Nga."})
    with pytest.raises(
        AnnotationError, match=r"p#0 has another text in an earlier reading: 'Nga và Mỹ đàm phán.', here 'Nga.'"
    ):
        merge([], [first, other])


def test_the_same_row_twice_counts_once_and_two_that_differ_are_refused(tmp_path: Path) -> None:
    merged = merge([], [sheet(tmp_path, ROW, ROW)])
    assert (merged.n_new, merged.n_same) == (1, 1)
    with pytest.raises(AnnotationError, match=r"p#0 by 'an' stands twice \(.*x.csv: row 2\): stance 'dialogue' / 'neutral'"):
        merge([], [sheet(tmp_path, ROW, {**ROW, "stance": "neutral"})], "replace")


def test_lines_that_are_no_object_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(ROW) + "\n{\n\n[1]\n", "utf-8")
    found = read(path).problems
    assert [where for where, _ in found] == ["line 2", "line 4"]
    assert found[1] == ("line 4", "expected a JSON object, got list")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".json"])
def test_twenty_megabytes_are_read_in_seconds(tmp_path: Path, suffix: str) -> None:
    text = "Hai bên nhất trí nối lại đàm phán hòa bình. " * 50
    rows = [{**ROW, "sentence_id": f"p#{at}", "text": text, "check": text_check(f"p#{at}", text)} for at in range(7000)]
    path = tmp_path / f"x{suffix}"
    if suffix == ".json":
        minimal = [{**row, "id": at, "annotation_id": at} for at, row in enumerate(rows)]
        path.write_text(json.dumps(minimal, ensure_ascii=False), "utf-8")
    else:
        write(path, *rows)
    assert path.stat().st_size > 20_000_000
    start = time.process_time()
    merged = merge([], [read(path)])
    assert time.process_time() - start < 10
    assert merged.n_new == 7000
