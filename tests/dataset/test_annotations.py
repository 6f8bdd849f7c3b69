from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detente.dataset.annotations import check_texts, decisions, read_annotations, write_annotations
from detente.errors import AnnotationError
from detente.records import Sentence

ROW: dict[str, Any] = {
    "sentence_id": "p#0",
    "text": "Nga và Mỹ đàm phán.",
    "annotator": "an",
    "annotator_kind": "human",
    "stance": "dialogue",
    "sentiment": None,
    "rule": "6",
    "guideline_version": 2,
    "note": "",
}


def write(tmp_path: Path, *rows: Any) -> Path:
    path = tmp_path / "annotations.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_reading_and_writing_keep_everything(tmp_path: Path) -> None:
    row = {**ROW, "relation": "rivals", "target": "NATO"}
    readings = read_annotations(write(tmp_path, row, ""))
    assert readings[0].relation == "rivals"
    assert readings[0].label("sentiment") is None
    assert [json.loads(line) for line in write_annotations(readings).splitlines()] == [
        {name: value for name, value in row.items() if name != "sentiment"}  # nobody gives any
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {**ROW, "stance": "dialog"},
            r"jsonl:2: unknown stance 'dialog'; expected dialogue, neutral, escalation\. Did you mean 'dialogue'\?$",
        ),
        (
            {**ROW, "stanse": "neutral"},
            r"jsonl:2: unknown column 'stanse'.*Did you mean 'stance'.*a file configs/task/stanse\.yaml$",
        ),
        ({k: v for k, v in ROW.items() if k != "rule"}, r"jsonl:2: lacks rule"),
        ({**ROW, "annotator_kind": "robot"}, r"'annotator_kind': expected 'human' or 'machine', got 'robot'\.$"),
        ({**ROW, "guideline_version": "2"}, r"'guideline_version': expected a valid integer, got '2'\.$"),
        ({**ROW, "text": ""}, r"'text': String should have at least 1 character, got ''\.$"),
        ("{'a': 1}", "jsonl:2: not JSON"),
        ("[1]", "expected a JSON object, got list"),
        (
            {**ROW, "stance": ["dialogue"]},
            r"jsonl:2: unknown stance \['dialogue'\]; expected dialogue, neutral, escalation",
        ),
        ({**ROW, "rule": ["6"]}, r"jsonl:2: 'rule': expected a valid string, got \['6'\]\.$"),
        ({**ROW, "rule": "99"}, r"jsonl:2: 'rule': expected '0' to '8' or '', got '99'\.$"),
        ({**ROW, "rule": 99}, r"jsonl:2: 'rule': expected '0' to '8' or '', got '99'\.$"),
        ({**ROW, "rule": "2025-06-01"}, r"jsonl:2: 'rule': expected '0' to '8' or '', got '2025-06-01'\.$"),
        ({**ROW, "note": 5}, r"jsonl:2: 'note': expected a valid string, got 5\.$"),
        ({**ROW, "holder": {"a": 1}}, r"jsonl:2: 'holder': expected a valid string, got \{'a': 1\}\.$"),
        ('{"stance": "dialogue", "stance": "neutral"}', "jsonl:2: the key 'stance' stands twice in one object"),
        ('{"text": "\\ud83d"}', "jsonl:2: half a character"),
        ('{"text": ' + "[" * 1000 + "]" * 1000 + "}", "jsonl:2: lists or objects inside each other more than 100 deep"),
        ('{"guideline_version": ' + "9" * 5000 + "}", "jsonl:2: a number of more digits than can be read"),
        ({**ROW, "sentence_id": "p#9", "annotator": "binh"}, "a second reading of p#9 by 'binh' .the first is in line 1"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: Any, message: str) -> None:
    first = {**ROW, "sentence_id": "p#9", "annotator": "binh"}
    with pytest.raises(AnnotationError, match=message):
        read_annotations(write(tmp_path, first, row))


def test_a_reading_need_not_name_a_rule(tmp_path: Path) -> None:
    assert read_annotations(write(tmp_path, {**ROW, "rule": ""}))[0].rule == ""


def test_a_rule_may_be_a_number(tmp_path: Path) -> None:
    assert read_annotations(write(tmp_path, {**ROW, "rule": 6}))[0].rule == "6"


def test_empty_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match="the file is empty"):
        read_annotations(write(tmp_path, ""))
    with pytest.raises(AnnotationError, match="no such file"):
        read_annotations(tmp_path / "none.jsonl")


def test_the_adjudicated_reading_decides(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "annotator": "binh", "stance": "neutral"}, {**ROW, "annotator": "adjudicated", "stance": "escalation"}]
    assert decisions(read_annotations(write(tmp_path, *rows)))["p#0"].label("stance") == "escalation"
    assert decisions(read_annotations(write(tmp_path, ROW)))["p#0"].label("stance") == "dialogue"
    with pytest.raises(AnnotationError, match="p#0: read by an, binh, and no row of annotator 'adjudicated' decides"):
        decisions(read_annotations(write(tmp_path, *rows[:2])))


def test_a_text_that_no_longer_matches_names_both(tmp_path: Path) -> None:
    readings = read_annotations(write(tmp_path, ROW))
    moved = {"p#5": Sentence("p#5", "p", "p", ROW["text"], 5, 24)}
    changed = {"p#0": Sentence("p#0", "p", "p", "Nga và Mỹ đàm phán lại.", 0, 23)}
    check_texts(readings, {"p#0": Sentence("p#0", "p", "p", ROW["text"], 0, 19)})
    with pytest.raises(AnnotationError, match=r"no such sentence. Its text now stands at p#5"):
        check_texts(readings, moved)
    with pytest.raises(AnnotationError, match=r"(?s)annotated: 'Nga và Mỹ đàm phán.'.*sentence:  'Nga và Mỹ đàm phán lại.'"):
        check_texts(readings, changed)
