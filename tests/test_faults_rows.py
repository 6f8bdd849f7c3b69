"""Small inputs that were not read right, each with its right value."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from detente.dataset.labelling.importing import ImportOptions, parse_readings, read_label_file
from detente.dataset.labelling.merging import import_labels
from detente.errors import AnnotationError, InputError
from detente.indexing import IndexOptions, stance_index
from detente.prediction.rows import sentence_entries
from detente.prediction.sources import open_source
from detente.prediction.surveying import checked
from detente.prediction.writing import Layout, as_bytes
from detente.rows import TextColumn, check_file


@pytest.fixture
def faults(outside_data: Path) -> Path:
    folder = outside_data / "faults" / "rows"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail("no faults among the outside test data")
        pytest.skip("no faults among the outside test data")
    return folder


def read(path: Path) -> list[Any]:
    return [entry.row or entry.reason for entry in sentence_entries(path, check_file(path), TextColumn("text"))]


def test_nan_is_null_and_no_outlet(faults: Path) -> None:
    rows = read(faults / "11-nan" / "rows.jsonl")
    assert [row["outlet"] for row in rows] == ["Báo Mẫu", None]
    written = as_bytes(rows, Layout("jsonl", tuple(rows[0]))).decode()
    assert "NaN" not in written
    predicted = [{**row, "stance_pred": "neutral", "sentence_id": f"r{n}"} for n, row in enumerate(rows)]
    Path("p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in predicted), "utf-8")
    assert {row.group for row in stance_index("p.jsonl", IndexOptions(group="outlet")).rows} == {
        "Báo Mẫu",
        "(no outlet)",
        "(all)",
    }


def test_styled_letters_are_rows(faults: Path) -> None:
    assert [row["k"] for row in read(faults / "12-unicode" / "rows.jsonl")][:2] == ["control", "bold"]


def test_a_time_beyond_python_and_bytes(faults: Path) -> None:
    rows = read(faults / "14-timestamps" / "rows.parquet")
    assert b'"valid_to": "10000-01-01T06:59:59.000000+07:00"' in as_bytes(rows, Layout("jsonl", tuple(rows[0])))
    with pytest.raises(InputError, match=r"bytes\.parquet: the column 'x' holds bytes"):
        checked(open_source(faults / "14-timestamps" / "bytes.parquet", "text"), "csv")


def test_two_results_for_one_choice_are_refused(faults: Path) -> None:
    file = parse_readings(read_label_file(faults / "15-label-studio" / "two_results.json"), ImportOptions())
    assert [problem for _, problem in file.problems] == [
        "unknown stance ['dialogue', 'escalation']; expected dialogue, neutral, escalation."
    ]


def test_sheets_that_excel_saved(faults: Path) -> None:
    excel = faults / "16-excel"
    labels = [parse_readings(read_label_file(excel / name), ImportOptions()) for name in ("OK2.XLSX", "sepline.csv")]
    assert [len(file.problems) for file in labels] == [0, 0]
    assert len(labels[0].readings) == 3
    assert all(len(row["text"]) > 20 for row in read(excel / "sepline.csv"))
    assert len(read(excel / "OK2.XLSX")) == 9
    with pytest.raises(AnnotationError, match=r"row 2: rule '2025-06-01 00:00:00'; expected one of the guideline's, 0 to 8"):
        import_labels([excel / "rule_as_date.xlsx"], Path("annotations.jsonl"))
    assert not Path("annotations.jsonl").exists()
