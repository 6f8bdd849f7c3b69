"""What fine-tuning minimises: one term a task, each row weighted by its class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from detente.model.classifier import Tasks
from detente.records import Example

MISSING = -100
"""The target of a row without a label in a task; it adds nothing to the loss."""


def targets_of(row: Example, tasks: Tasks) -> list[int]:
    """The index of a row's label in each task, ``MISSING`` where it has none."""
    return [MISSING if (label := row.label(task)) is None else labels.index(label) for task, labels in tasks.items()]


def class_weights(examples: Sequence[Example], task: str, labels: tuple[str, ...], how: str) -> list[float]:
    """Weights whose mean over the examples with a label is 1; a label without examples weighs nothing."""
    if how == "none":
        return [1.0] * len(labels)
    counts = Counter(row.label(task) for row in examples if row.label(task) is not None)
    n_occurring = sum(counts[label] > 0 for label in labels)
    return [counts.total() / (n_occurring * counts[label]) if counts[label] else 0.0 for label in labels]


def loss_of(tasks: Tasks, weights: Mapping[str, Sequence[float]], kind: str, label_smoothing: float) -> Callable[..., Any]:
    """A function of logits (n, labels of all tasks) and targets (n, tasks): the sum of the rows' losses, over all tasks.

    ``cross_entropy`` takes labels as names. ``ordinal`` takes them as places in an order: the squared distance between the
    cumulative distributions of prediction and gold, so that dialogue taken for escalation costs more than for neutral (squared
    earth mover's distance; Hou, Yu and Samaras 2016, arXiv 1611.05916).
    """
    import torch
    from torch.nn.functional import cross_entropy, one_hot

    sizes = [len(labels) for labels in tasks.values()]
    by_task = [torch.tensor(weights[task]) for task in tasks]

    def loss(logits: Any, targets: Any) -> Any:
        total = logits.new_zeros(())
        for own, gold, weight in zip(logits.split(sizes, dim=1), targets.unbind(dim=1), by_task, strict=True):
            weight = weight.to(own)
            if kind == "cross_entropy":
                total = total + cross_entropy(
                    own, gold, weight=weight, ignore_index=MISSING, label_smoothing=label_smoothing, reduction="sum"
                )
                continue
            known = gold != MISSING
            exact = one_hot(gold[known], own.shape[1]).to(own)
            smooth = exact * (1 - label_smoothing) + label_smoothing / own.shape[1]
            distances = (own[known].softmax(1).cumsum(1) - smooth.cumsum(1)).square().sum(1)
            total = total + (distances * weight[gold[known]]).sum()
        return total

    return loss
