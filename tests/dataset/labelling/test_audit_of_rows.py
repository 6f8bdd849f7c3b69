"""An audit drawn from predictions whose input had no ids, all the way to the corrected index."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from detente.dataset.labelling.audit import write_audit
from detente.dataset.labelling.exporting import ExportOptions, export_sentences
from detente.dataset.labelling.importing import ImportOptions
from detente.dataset.labelling.merging import import_labels
from detente.errors import InputError
from detente.indexing import IndexOptions, stance_index
from detente.prediction.columns import row_id


def predictions(*, with_ids: bool) -> Path:
    """Forty predicted sentences of no article."""
    path = Path("predictions.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        names = ["date", "text", *(["sentence_id"] if with_ids else []), "stance_pred"]
        writer = csv.writer(file)
        writer.writerow(names)
        for n in range(1, 41):
            text = f"Câu số {n % 7}."
            writer.writerow(["2025-03-12", text, *([row_id(n, text)] if with_ids else []), "neutral"])
    return path


def test_an_audit_is_found_again_by_the_ids_of_the_rows() -> None:
    said: list[str] = []
    export_sentences(predictions(with_ids=True), Path("audit.csv"), ExportOptions(audit=10, annotator="an"), said.append)
    assert said == ["note: there is no column 'article_id'; every sentence counts as an article of its own"]
    with Path("audit.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with Path("audit.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "stance": "dialogue", "sentiment": "neutral"} for row in rows)
    import_labels([Path("audit.csv")], Path("annotations.jsonl"), ImportOptions())
    write_audit(Path("audit.csv"), Path("annotations.jsonl"), Path("a.jsonl"))
    index = stance_index("predictions.csv", IndexOptions(audit=Path("a.jsonl")))
    assert index.audit is not None
    assert index.audit.n == 10
    predictions(with_ids=False)
    with pytest.raises(InputError, match=r"a\.jsonl: .* predictions that have no column 'sentence_id'\. Predict anew"):
        stance_index("predictions.csv", IndexOptions(audit=Path("a.jsonl")))


def test_predictions_without_ids_are_refused_at_the_export() -> None:
    with pytest.raises(InputError, match=r"predictions\.csv: predictions without a column 'sentence_id'.* Predict anew"):
        export_sentences(predictions(with_ids=False), Path("audit.csv"), ExportOptions(audit=10))
    Path("p.jsonl").write_text(json.dumps({"text": "a", "stance_pred": "neutral"}) + "\n")
    with pytest.raises(InputError, match=r"p\.jsonl: predictions without a column 'sentence_id'"):
        export_sentences(Path("p.jsonl"), Path("audit.csv"), ExportOptions(audit=1))


def test_whole_articles_cannot_be_drawn_from_sentences_of_none() -> None:
    with pytest.raises(InputError, match=r"predictions\.csv:2: no column 'article_id'"):
        export_sentences(predictions(with_ids=True), Path("audit.csv"), ExportOptions(audit=2, design="clustered"))
