"""Prediction rows of one task as arrays, checked: what every score is computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from detente.errors import InputError, near_miss
from detente.tasks import Task

if TYPE_CHECKING:
    import numpy as np

Row = Mapping[str, Any]
"""A labelled sentence's columns with its predictions, as ``prediction.columns`` makes them, and ``fold`` and ``seed``."""

PROBS_SUM_WITHIN = 1e-3
"""Stored probabilities are rounded; a row whose sum is further from 1 is no distribution."""


@dataclass(frozen=True)
class Predictions:
    """The rows that have a gold label, in the order of their sentence ids, one layer a random seed.

    Shapes: ``gold``, ``groups`` (n,) str; ``predicted`` (n_seeds, n) str; ``probs`` (n_seeds, n, n_labels) float64, or None
    where the rows have none; ``rows`` are those of the first seed.
    """

    task: Task
    seeds: tuple[int, ...]
    sentence_ids: tuple[str, ...] = field(repr=False)
    groups: np.ndarray = field(repr=False)
    gold: np.ndarray = field(repr=False)
    predicted: np.ndarray = field(repr=False)
    probs: np.ndarray | None = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the task."""
        return self.task.labels

    @property
    def n_groups(self) -> int:
        """Number of distinct groups."""
        return len(set(self.groups.tolist()))


def predictions_of(rows: Sequence[Row], task: Task, where: str = "predictions") -> Predictions:
    """The rows with a label in the task as arrays.

    Raises InputError where there is none, where the random seeds do not cover the same sentences, and for a label that is
    unknown or a probability that is none.
    """
    import numpy as np

    name, labels = task.name, task.labels
    known = [row for row in rows if row.get(name) is not None]
    if not known:
        raise InputError(f"{where}: nothing to evaluate: no row with a {name} label.")
    pred = f"{name}_pred"
    missing = [name for name in ("sentence_id", "group_id", pred) if name not in known[0]]
    if missing:
        raise InputError(f"{where}: no column {', '.join(missing)}; expected what `detente train` writes.")
    layers = _by_seed(known, where)
    first = next(iter(layers.values()))
    for column in (name, pred):
        wrong = next((row for row in known if row[column] not in labels), None)
        if wrong is not None:
            raise InputError(
                f"{where}: {wrong['sentence_id']} has the {column} {wrong[column]!r}; expected {task.listed}."
                f"{near_miss(str(wrong[column]), labels)}"
            )
    return Predictions(
        task=task,
        seeds=tuple(layers),
        sentence_ids=tuple(str(row["sentence_id"]) for row in first),
        groups=np.array([str(row["group_id"]) for row in first]),
        gold=np.array([row[name] for row in first]),
        predicted=np.array([[row[pred] for row in layer] for layer in layers.values()]),
        probs=_probs(list(layers.values()), name, labels, where),
        rows=tuple(first),
    )


def _by_seed(rows: Sequence[Row], where: str) -> dict[int, list[Row]]:
    seeds = sorted({int(row.get("seed") or 0) for row in rows})
    layers = {
        seed: sorted((row for row in rows if int(row.get("seed") or 0) == seed), key=lambda row: str(row["sentence_id"]))
        for seed in seeds
    }
    expected = [row["sentence_id"] for row in layers[seeds[0]]]
    twice = next((a for a, b in pairwise(expected) if a == b), None)
    if twice is not None:
        raise InputError(f"{where}: {twice} stands twice under one random seed; expected every sentence once.")
    for seed, layer in layers.items():
        if [row["sentence_id"] for row in layer] != expected:
            raise InputError(
                f"{where}: the random seeds {seeds[0]} and {seed} do not cover the same sentences ({len(expected)} and "
                f"{len(layer)} rows). Expected the predictions of one run, whole."
            )
    return layers


def _probs(layers: Sequence[Sequence[Row]], task: str, labels: tuple[str, ...], where: str) -> np.ndarray | None:
    import numpy as np

    names = [f"{task}_prob_{label}" for label in labels]
    if not all(name in layers[0][0] for name in names):
        return None
    probs = np.array([[[row[name] for name in names] for row in layer] for layer in layers], dtype=float)
    bad = ~np.isfinite(probs).all(axis=2) | (probs < 0).any(axis=2) | (abs(probs.sum(axis=2) - 1) > PROBS_SUM_WITHIN)
    if bad.any():
        layer, at = np.argwhere(bad)[0]
        raise InputError(
            f"{where}: {int(bad.sum())} rows have {task} probabilities that are none, first "
            f"{layers[layer][at]['sentence_id']}: {probs[layer, at].tolist()}; expected numbers from 0 that sum to 1. The "
            "model's logits were NaN or infinite: train it again."
        )
    return probs
