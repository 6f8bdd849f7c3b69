"""The columns of predictions: the same in cross-validation, evaluation and prediction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from detente.model.classifier import ModelInfo, TextScores
from detente.records import Example, flat

ID_COLUMN = "sentence_id"
Schema = Mapping[str, type]
"""Column → str, float, int or bool."""


def prediction_columns(info: ModelInfo, scores: TextScores) -> dict[str, list[Any]]:
    """``<task>_pred``, ``<task>_prob_<label>``, ``<task>_abstain`` for every task, then ``n_tokens`` and ``truncated``.

    A prediction abstains where its probability is below the model's threshold; without a threshold none does.
    """
    columns: dict[str, list[Any]] = {}
    for task, labels in info.tasks.items():
        probs = scores.probs[task]
        best = probs.argmax(axis=1)
        threshold = info.threshold.get(task)
        columns[f"{task}_pred"] = [labels[at] for at in best]
        for at, label in enumerate(labels):
            columns[f"{task}_prob_{label}"] = [round(float(prob), 6) for prob in probs[:, at]]
        columns[f"{task}_abstain"] = [threshold is not None and float(row.max()) < threshold for row in probs]
    columns["n_tokens"] = [int(n) for n in scores.n_tokens]
    columns["truncated"] = [bool(cut) for cut in scores.truncated]
    return columns


def prediction_schema(info: ModelInfo) -> Schema:
    """The names of ``prediction_columns`` in their order, with the types of what they hold; no text has to be scored for it."""
    schema: dict[str, type] = {}
    for task, labels in info.tasks.items():
        schema |= {f"{task}_pred": str, **{f"{task}_prob_{label}": float for label in labels}, f"{task}_abstain": bool}
    return {**schema, "n_tokens": int, "truncated": bool}


def row_id(number: int, text: str) -> str:
    """The id of a row that has none: its number in the input, and 12 digits of sha256 over its text.

    So it is the same whatever the file is called, how it is compressed, and who predicts it.
    """
    return f"r{number}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def example_columns(row: Example, tasks: Iterable[str]) -> dict[str, Any]:
    """The input columns of a labelled sentence; the date as text, the fold left to whoever held the sentence out."""
    columns = flat(row, tasks)
    del columns["fold"]
    return {**columns, "date": row.date.isoformat() if row.date else None}
