"""`detente index` as a user types it; the audit goes the whole way through `detente label`."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from detente.cli import main

LABELS = ("dialogue", "neutral", "escalation")


def predictions(n: int = 300) -> list[dict[str, str]]:
    """Everything escalating was predicted neutral."""
    rows = [
        {
            "sentence_id": f"00{at // 3}#{at % 3}",
            "article_id": f"00{at // 3}",
            "date": f"2025-0{1 + at // 100}-10",
            "outlet": "Báo A" if at % 3 else "Báo B",
            "text": f"{'Nga' if at % 2 else 'Mỹ'} ra tuyên bố số {at}.",
            "stance_pred": "dialogue" if at % 3 == 0 else "neutral",
        }
        for at in range(n)
    ]
    Path("p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return rows


def label_audit(n: int = 120) -> None:
    """Export, fill in, import, audit."""
    assert main(["label", "export", "p.jsonl", "--audit", str(n), "--task", "stance", "-o", "audit.csv"]) == 0
    with Path("audit.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {"stance": LABELS[int(row["sentence_id"].partition("#")[2])], "rule": "0"}
    with Path("audit.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    assert main(["label", "import", "audit.csv", "--annotator", "an", "--task", "stance", "-o", "ann.jsonl"]) == 0
    assert main(["label", "audit", "audit.csv", "ann.jsonl", "-o", "audit.jsonl"]) == 0


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "--help"]) == 0
    assert "detente index predictions.parquet" in capsys.readouterr().out.partition("Example:")[2]


def test_help_and_index_load_no_torch() -> None:
    predictions(9)
    program = "from detente.cli import main; main(['index', 'p.jsonl'])\nimport sys; print('torch' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.splitlines()[-1] == "False"


def test_uncorrected(capsys: pytest.CaptureFixture[str]) -> None:
    predictions()
    assert main(["index", "p.jsonl", "--group", "outlet"]) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].split()[:5] == ["all", "periods,", "uncorrected", "n", "share_dialogue"]
    assert lines[1].split() == ["(all)", "300", "0.333", "0.667", "0.000", "0.333", "1.000"]
    assert lines[2].split() == ["Báo", "A", "200", "0.000", "1.000", "0.000", "0.000", "none"]
    assert "uncorrected: the classifier's errors are in every figure" in captured.err
    assert captured.err.splitlines()[-1] == "index.parquet: 45 figures; picture: index.png"
    assert "uncorrected" in pq.read_table("index.parquet").column_names
    assert Path("index.png").read_bytes().startswith(b"\x89PNG")


def test_the_whole_way_to_a_corrected_index(capsys: pytest.CaptureFixture[str]) -> None:
    predictions()
    label_audit()
    capsys.readouterr()
    assert main(["index", "p.jsonl", "--audit", "audit.jsonl", "-o", "o.csv", "--picture", "lines.png"]) == 0
    captured = capsys.readouterr()
    assert "corrected by 120 sentences of a simple random sample, Hájek-weighted" in captured.err
    assert "was not checked; --model does it" in captured.err
    with Path("o.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = next(row for row in rows if row["period"] == "(all)" and row["measure"] == "share_escalation")
    assert found["uncorrected"] == "0.0"
    assert float(found["low"]) < 1 / 3 < float(found["high"])
    assert 0.2 < float(found["corrected"]) < 0.45
    assert Path("lines.png").stat().st_size > 1000
    assert main(["index", "p.jsonl", "--audit", "audit.jsonl", "--group", "actor", "--by", "day", "--copies", "share"]) == 0
    table = pq.read_table("index.parquet").to_pylist()
    assert {row["group"] for row in table} == {"(all)", "Russia", "United States"}
    assert {row["correction"] for row in table} <= {"design-based", "too few audited", "no error seen", "not estimable"}


def test_what_is_not_in_the_figures_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    rows = predictions(60)
    rows[0]["date"] = "?"
    rows[1]["stance_pred"] = ""
    rows[2]["article_id"] = ""
    Path("p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert main(["index", "p.jsonl"]) == 0
    said = capsys.readouterr().err
    assert "note: 1 without a date that can be read, counted as the period (no date)" in said
    assert "note: 1 without a prediction, in no figure" in said
    assert "note: 1 without article_id, in no number of articles" in said


def test_what_is_asked_wrongly_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    predictions(9)
    before = Path("p.jsonl").read_bytes()
    assert main(["index", "p.jsonl", "-o", "o.xlsx"]) == 2
    assert "o.xlsx: unknown format '.xlsx'; expected .parquet, .csv, .jsonl." in capsys.readouterr().err
    assert main(["index", "p.jsonl", "-o", "p.jsonl"]) == 2
    assert main(["index", "p.jsonl", "--picture", "o.jpg"]) == 2
    assert main(["index", "p.jsonl", "--date-column", "day"]) == 1
    assert "no column 'day'" in capsys.readouterr().err
    assert main(["index", "p.jsonl", "--model", "model"]) == 2
    assert Path("p.jsonl").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["p.jsonl"]
