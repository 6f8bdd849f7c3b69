"""Labelled sentences through a fitted classifier: prediction rows, and their pooled scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detente.evaluation import Evaluation, evaluate, predictions_of
from detente.model import Classifier
from detente.prediction.columns import example_columns, prediction_columns
from detente.records import Example

Row = dict[str, Any]


def score_examples(classifier: Classifier, examples: Sequence[Example], *, fold: int | None, seed: int) -> list[Row]:
    """A row an example: its columns, its predictions, and which fold and random seed they come from."""
    columns = prediction_columns(classifier.info, classifier.score([row.text for row in examples]))
    return [
        {**example_columns(row), **{name: values[at] for name, values in columns.items()}, "fold": fold, "seed": seed}
        for at, row in enumerate(examples)
    ]


def evaluate_rows(rows: Sequence[Row], task: str) -> Evaluation:
    """The pooled scores of the prediction rows that have a label in the task; with several random seeds, means over them."""
    return evaluate(predictions_of(rows, task))
