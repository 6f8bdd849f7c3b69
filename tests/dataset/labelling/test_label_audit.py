from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from test_exporting import label, take

from detente.dataset.annotations import write_annotations
from detente.dataset.labelling.audit import audit_rows, write_audit
from detente.dataset.labelling.exporting import ExportOptions, export_sentences
from detente.dataset.labelling.importing import FORMATS
from detente.errors import AnnotationError, InputError
from detente.records import Annotation
from label_sets import labelled


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A hundred sentences with a predicted stance; article ids that a spreadsheet would read as numbers."""
    path = tmp_path / "predictions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sentence_id", "article_id", "text", "stance_pred"])
        stances = ["neutral"] * 8 + ["dialogue", "escalation"]
        writer.writerows([f"p#{at}", f"00{at // 10}", f"=Câu {at}.", stances[at % 10]] for at in range(100))
    return path


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_audit_goes_round_with_its_probabilities(tmp_path: Path, corpus: Path, suffix: str) -> None:
    sample, annotations = tmp_path / f"audit{suffix}", tmp_path / "annotations.jsonl"
    export_sentences(corpus, sample, ExportOptions(audit=30, design="stratified", strata="stance_pred"))
    export_sentences(corpus, tmp_path / "plain.jsonl", ExportOptions(audit=30, design="stratified", strata="stance_pred"))
    drawn = [json.loads(line) for line in (tmp_path / "plain.jsonl").read_text("utf-8").splitlines()]
    label(sample, {row["sentence_id"]: {"stance": "neutral", "sentiment": "neutral"} for row in drawn})
    take(sample, annotations, annotator="an", names={"1": "an"} if suffix == ".json" else {})
    assert write_audit(sample, annotations, tmp_path / "audit-out.jsonl")[1] == 0
    written = [json.loads(line) for line in (tmp_path / "audit-out.jsonl").read_text("utf-8").splitlines()]
    for row, expected in zip(written, drawn, strict=True):
        assert row["inclusion_prob"] == pytest.approx(expected["inclusion_prob"], rel=1e-12)
        assert {name: row[name] for name in ("sentence_id", "article_id", "text", "stratum", "design")} == {
            name: expected[name] for name in ("sentence_id", "article_id", "text", "stratum", "design")
        }
        assert (row["stance"], row["sentiment"], row["annotator"], row["annotator_kind"]) == (
            "neutral",
            "neutral",
            "an",
            "human",
        )
    assert sum(1 / row["inclusion_prob"] for row in written) == pytest.approx(100)


def test_the_predicted_label_is_not_shown_to_the_annotator(tmp_path: Path, corpus: Path) -> None:
    export_sentences(corpus, tmp_path / "x.csv", ExportOptions(audit=30))
    assert "stance_pred" not in (tmp_path / "x.csv").read_text("utf-8-sig")


def test_sentences_without_a_label_are_an_error_unless_allowed(tmp_path: Path, corpus: Path) -> None:
    export_sentences(corpus, tmp_path / "x.jsonl", ExportOptions(audit=3))
    first = json.loads((tmp_path / "x.jsonl").read_text("utf-8").splitlines()[0])
    reading = Annotation(first["sentence_id"], first["text"], "an", "human", labelled("neutral"), "0", 2)
    sample, annotations = tmp_path / "x.jsonl", tmp_path / "a.jsonl"
    annotations.write_text(write_annotations([reading]), "utf-8")
    with pytest.raises(AnnotationError, match="2 of 3 sentences of the audit have no label"):
        write_audit(sample, annotations, tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    rows, n_unlabelled = write_audit(sample, annotations, tmp_path / "out.jsonl", allow_unlabelled=True)
    assert n_unlabelled == 2
    assert [row.labels.get("stance") for row in rows] == ["neutral", None, None]


def test_a_spreadsheets_comma_is_read_and_what_is_no_probability_refused(tmp_path: Path, corpus: Path) -> None:
    path = tmp_path / "x.jsonl"
    export_sentences(corpus, path, ExportOptions(audit=30))
    text = path.read_text("utf-8")
    path.write_text(text.replace('"inclusion_prob": 0.3', '"inclusion_prob": "0,3"'), "utf-8")
    assert {row.inclusion_prob for row in audit_rows(path, [])} == {0.3}
    for wrong in ("0", "1.2", '"nhiều"'):
        path.write_text(text.replace('"inclusion_prob": 0.3', f'"inclusion_prob": {wrong}'), "utf-8")
        with pytest.raises(InputError, match="expected a number above 0 and up to 1"):
            audit_rows(path, [])


def test_what_is_no_audit_or_was_edited_is_refused(tmp_path: Path, corpus: Path) -> None:
    path = tmp_path / "x.jsonl"
    export_sentences(corpus, path, ExportOptions(sample=3))
    with pytest.raises(InputError, match=r"line 1: no design; expected a file of: detente label export"):
        audit_rows(path, [])
    export_sentences(corpus, path, ExportOptions(audit=3, overwrite=True))
    path.write_text(path.read_text("utf-8").replace("=Câu", "=câu"), "utf-8")
    with pytest.raises(InputError, match="was changed since the export"):
        audit_rows(path, [])


def test_readings_that_clash_are_not_chosen_between(tmp_path: Path, corpus: Path) -> None:
    export_sentences(corpus, tmp_path / "x.jsonl", ExportOptions(audit=3))
    first = json.loads((tmp_path / "x.jsonl").read_text("utf-8").splitlines()[0])
    readings = [
        Annotation(first["sentence_id"], first["text"], name, "human", labelled("neutral"), "0", 2) for name in ("a", "b")
    ]
    with pytest.raises(AnnotationError, match="read by a, b, and no row of annotator 'adjudicated' decides"):
        audit_rows(tmp_path / "x.jsonl", readings)
    other = Annotation(first["sentence_id"], "x", "a", "human", labelled("neutral"), "0", 2)
    with pytest.raises(AnnotationError, match="was labelled as 'x'"):
        audit_rows(tmp_path / "x.jsonl", [other])
