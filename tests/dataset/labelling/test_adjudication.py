from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_exporting import label

from detente.dataset.annotations import decisions, write_annotations
from detente.dataset.labelling.adjudication import by_agreement, cases, complete, describe, disputes
from detente.dataset.labelling.exporting import ExportOptions, export_sentences
from detente.dataset.labelling.importing import FORMATS, ImportOptions, parse_readings, read_label_file
from detente.dataset.labelling.merging import merge
from detente.errors import AnnotationError, InputError
from detente.records import Annotation
from label_sets import labelled


def reading(at: int, annotator: str, stance: str | None, sentiment: str | None, rule: str = "0", **more: object) -> Annotation:
    values: dict[str, object] = {"annotator_kind": "human", "guideline_version": 2, **more}
    return Annotation(f"p#{at}", f"Câu {at}.", annotator, labels=labelled(stance, sentiment), rule=rule, **values)  # type: ignore[arg-type]


READINGS = [
    reading(0, "an", "dialogue", "neutral", "6"),
    reading(0, "binh", "neutral", "neutral", "0", note="chưa rõ"),
    reading(1, "an", "neutral", "neutral", "7"),
    reading(1, "binh", "neutral", "neutral", "0", annotator_kind="machine", guideline_version=3),
    reading(2, "an", "escalation", "negative"),
    reading(3, "an", "dialogue", "positive"),
    reading(3, "binh", "dialogue", None),
    reading(4, "an", "dialogue", "positive"),
    reading(4, "binh", "neutral", "positive"),
    reading(4, "adjudicated", "dialogue", "positive"),
]


def decided(rows: list[Annotation], path: Path, tmp_path: Path) -> list[Annotation]:
    options = ImportOptions(decides="adjudicated")
    return list(merge(rows, [complete(parse_readings(read_label_file(path), options), rows)]).readings)


def test_disputes_are_open_cases_in_which_readings_differ() -> None:
    assert {name: case.disputed_tasks() for name, case in disputes(READINGS, ("stance", "sentiment")).items()} == {
        "p#0": ("stance",),
        "p#3": ("sentiment",),
    }
    assert [case.sentence_id for case in cases(READINGS) if case.is_open] == ["p#0", "p#1", "p#3"]
    assert describe(disputes(READINGS, ("stance", "sentiment"))["p#0"]) == (
        "an, human: dialogue, neutral (rule 6)\nbinh, human: neutral, neutral (rule 0): chưa rõ"
    )


def test_agreement_decides_only_what_nobody_disputes() -> None:
    rows = by_agreement(cases(READINGS))
    assert [row.sentence_id for row in rows] == ["p#1"]
    assert (rows[0].annotator, rows[0].label("stance"), rows[0].rule, rows[0].note) == (
        "adjudicated",
        "neutral",
        "",
        "all agree: an, binh",
    )
    assert (rows[0].annotator_kind, rows[0].guideline_version) == ("human", 3)
    machines = by_agreement(cases([reading(0, name, "neutral", None, annotator_kind="machine") for name in "ab"]))
    assert (machines[0].annotator_kind, machines[0].rule) == ("machine", "0")
    assert by_agreement(cases([*READINGS, *rows])) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_disputed_sentences_go_out_with_every_label_and_come_back_decided(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "corpus.jsonl"
    source.write_text(
        "".join(json.dumps({"sentence_id": f"p#{at}", "article_id": "p", "text": f"Câu {at}."}) + "\n" for at in range(5)),
        "utf-8",
    )
    known, sheet = tmp_path / "known.jsonl", tmp_path / f"decide{suffix}"
    known.write_text(write_annotations(READINGS), "utf-8")
    export_sentences(source, sheet, ExportOptions(disputed=True, annotations=known))
    if suffix != ".xlsx":
        assert "binh, human: neutral, neutral (rule 0): chưa rõ" in sheet.read_text("utf-8-sig")
    label(sheet, {"p#0": {"stance": "dialogue", "rule": "6"}, "p#3": {"sentiment": "neutral"}})
    after = decided(READINGS, sheet, tmp_path)
    assert after[: len(READINGS)] == READINGS
    assert [
        (row.sentence_id, row.annotator, row.label("stance"), row.label("sentiment")) for row in after[len(READINGS) :]
    ] == [
        ("p#0", "adjudicated", "dialogue", "neutral"),  # the sentiment on which both agreed
        ("p#3", "adjudicated", "dialogue", "neutral"),
    ]
    assert decided(after, sheet, tmp_path) == after
    assert decisions([*after, *by_agreement(cases(after))])["p#1"].label("stance") == "neutral"


def test_a_decision_without_its_point_or_its_readings_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    rows = [reading(0, "x", None, "neutral"), reading(9, "x", "neutral", "neutral")]
    path.write_text(write_annotations(rows), "utf-8")
    with pytest.raises(AnnotationError) as caught:
        decided(READINGS, path, tmp_path)
    assert "line 1: p#0 is disputed in stance, and the decision gives none" in str(caught.value)
    assert "line 2: p#9 was read by nobody; a decision needs readings" in str(caught.value)


def test_another_decision_than_the_one_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(write_annotations([reading(4, "x", "neutral", "positive")]), "utf-8")
    with pytest.raises(
        AnnotationError, match=r"p#4 by 'adjudicated' is there already and differs: stance 'dialogue' / 'neutral'"
    ):
        decided(READINGS, path, tmp_path)


def test_disputed_sentences_of_other_pages_are_not_passed_over(tmp_path: Path) -> None:
    source, known = tmp_path / "corpus.jsonl", tmp_path / "known.jsonl"
    source.write_text(json.dumps({"sentence_id": "p#0", "article_id": "p", "text": "Câu 0."}) + "\n", "utf-8")
    known.write_text(write_annotations(READINGS), "utf-8")
    with pytest.raises(InputError, match="1 disputed sentences are not in the source, p#3 the first of them"):
        export_sentences(source, tmp_path / "x.csv", ExportOptions(disputed=True, annotations=known))
