"""Macro-F1 by confusion counts, the one way it is computed: counts of groups add up, so that resamples score no row twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions

Labels = Sequence[str]


def macro_f1_of_counts(counts: np.ndarray) -> np.ndarray:
    """Macro-F1 of confusion counts (..., n_labels, n_labels), the mean F1 over the labels that occur in gold or prediction.

    The same as scikit-learn's f1_score over those labels; nan where none occurs.
    """
    import numpy as np

    right = np.diagonal(counts, axis1=-2, axis2=-1)
    occurring = counts.sum(axis=-1) + counts.sum(axis=-2)
    f1 = np.divide(2 * right, occurring, out=np.zeros(occurring.shape), where=occurring > 0)
    n_labels = (occurring > 0).sum(axis=-1)
    return np.asarray(np.divide(f1.sum(axis=-1), n_labels, out=np.full(n_labels.shape, np.nan), where=n_labels > 0))


def macro_f1(gold: Labels | np.ndarray, predicted: Labels | np.ndarray) -> float:
    """Macro-F1 of predicted against gold labels, whatever they are."""
    import numpy as np

    labels = np.unique(np.concatenate([np.asarray(gold), np.asarray(predicted)])).tolist()
    return float(macro_f1_of_counts(counts_by_group(gold, predicted, [""] * len(gold), labels)[0]))


def counts_by_group(
    gold: Labels | np.ndarray, predicted: Labels | np.ndarray, groups: Labels | np.ndarray, labels: Labels
) -> np.ndarray:
    """Confusion counts of every group in order of appearance, (k, n_labels, n_labels) int: rows gold, columns predicted.

    Raises InputError for a label that is none of ``labels``.
    """
    import numpy as np

    number = {group: at for at, group in enumerate(dict.fromkeys(np.asarray(groups).tolist()))}
    n = len(labels)
    of_group = np.array([number[group] for group in np.asarray(groups).tolist()], dtype=int)
    cells = (of_group * n + _numbers(gold, labels)) * n + _numbers(predicted, labels)
    return np.bincount(cells, minlength=len(number) * n * n).reshape(len(number), n, n)


def group_counts(predictions: Predictions) -> np.ndarray:
    """Confusion counts of every group, a layer a random seed: (k, n_seeds, n_labels, n_labels)."""
    import numpy as np

    layers = [counts_by_group(predictions.gold, own, predictions.groups, predictions.labels) for own in predictions.predicted]
    return np.stack(layers, axis=1)


def mean_macro_f1(counts: np.ndarray) -> np.ndarray:
    """Macro-F1 of counts with a layer a random seed (..., n_seeds, n_labels, n_labels), the mean over the seeds."""
    import numpy as np

    return np.asarray(macro_f1_of_counts(counts).mean(axis=-1))


def _numbers(given: Labels | np.ndarray, labels: Labels) -> np.ndarray:
    import numpy as np

    number = {label: at for at, label in enumerate(labels)}
    texts = np.asarray(given).tolist()
    unknown = next((text for text in texts if text not in number), None)
    if unknown is not None:
        raise InputError(f"unknown label {unknown!r}; expected {', '.join(labels)}.")
    return np.array([number[text] for text in texts], dtype=int)
