"""Predictions and audits written for the tests of the index."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

LABELS = ("dialogue", "neutral", "escalation")


def row(number: int, label: str | None = "neutral", **changes: Any) -> dict[str, Any]:
    """A predicted sentence; three an article."""
    return {
        "sentence_id": f"s{number}",
        "article_id": f"a{number // 3}",
        "date": "2025-03-05",
        "outlet": "Báo A",
        "text": f"Câu số {number}.",
        "stance_pred": label,
        **changes,
    }


def audited(predicted: Mapping[str, Any], label: str | None, prob: float, **changes: Any) -> dict[str, Any]:
    """The row of an audit that a predicted sentence has."""
    return {
        **{name: predicted[name] for name in ("sentence_id", "article_id", "text")},
        "inclusion_prob": prob,
        "design": "simple",
        "stratum": "",
        "stance": label,
        "sentiment": None,
        "annotator": "an",
        "annotator_kind": "human",
        **changes,
    }


def write(path: str, rows: Iterable[Mapping[str, Any]]) -> Path:
    Path(path).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return Path(path)
