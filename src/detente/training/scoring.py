"""Labelled sentences through a fitted classifier: prediction rows, and their pooled scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from detente.dataset.segmented import Segmented
from detente.evaluation import Evaluation, evaluate, predictions_of
from detente.model import Classifier, ModelInfo
from detente.prediction.columns import example_columns, prediction_columns
from detente.records import Example
from detente.tasks import Task
from detente.text.actors import Actor, mask

Row = dict[str, Any]


def score_examples(
    classifier: Classifier,
    examples: Sequence[Example],
    *,
    fold: int | None,
    seed: int,
    actors: Sequence[Actor] = (),
    segmented: Segmented | None = None,
) -> list[Row]:
    """A row an example: its columns, its predictions, and which fold and random seed they come from.

    With ``actors``, ``<task>_pred_masked`` is what the model makes of the sentence when they are masked; ``segmented`` is the
    classifier's text path's work on the examples, if it is done already.
    """
    texts = [row.text for row in examples]
    scores = classifier.score_segmented([segmented[text] for text in texts]) if segmented else classifier.score(texts)
    columns = prediction_columns(classifier.info, scores)
    if actors:
        columns |= _masked_columns(classifier, texts, columns, actors)
    return rows_of(examples, classifier.info, columns, fold=fold, seed=seed)


def rows_of(
    examples: Sequence[Example], info: ModelInfo, columns: dict[str, list[Any]], *, fold: int | None, seed: int
) -> list[Row]:
    """A row an example, of columns of predictions."""
    return [
        {
            **example_columns(row, info.tasks),
            **{name: values[at] for name, values in columns.items()},
            "fold": fold,
            "seed": seed,
        }
        for at, row in enumerate(examples)
    ]


def _masked_columns(
    classifier: Classifier, texts: Sequence[str], columns: dict[str, list[Any]], actors: Sequence[Actor]
) -> dict[str, list[Any]]:
    """Predictions of the masked texts; a text that names nobody keeps its own."""
    masked = [mask(text, actors) for text in texts]
    changed = [at for at, text in enumerate(texts) if masked[at] != text]
    again = prediction_columns(classifier.info, classifier.score([masked[at] for at in changed]))
    found = {}
    for task in classifier.info.tasks:
        found[f"{task}_pred_masked"] = list(columns[f"{task}_pred"])
        for at, label in zip(changed, again[f"{task}_pred"], strict=True):
            found[f"{task}_pred_masked"][at] = label
    return found


def evaluate_rows(rows: Sequence[Row], task: Task) -> Evaluation:
    """The pooled scores of the prediction rows that have a label in the task; with several random seeds, means over them."""
    return evaluate(predictions_of(rows, task))
