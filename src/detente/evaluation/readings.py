"""Annotators scored as if they were models, on the rows that a model was scored on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from detente.dataset.annotations import ADJUDICATED
from detente.evaluation.counts import counts_by_group, macro_f1_of_counts
from detente.intervals import Estimate, interval_over_sums
from detente.records import Annotation

if TYPE_CHECKING:
    from detente.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """One annotator's labels taken as predictions of another's: macro-F1 is the same either way round."""

    annotators: tuple[str, str]
    kinds: tuple[str, str]
    macro_f1: Estimate
    n: int
    n_groups: int


def reading_scores(readings: Sequence[Annotation], predictions: Predictions) -> tuple[ReadingScore, ...]:
    """Every pair of annotators on the sentences of ``predictions`` that both read; the decision is no reading."""
    group_of = dict(zip(predictions.sentence_ids, predictions.groups.tolist(), strict=True))
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    kinds: dict[str, str] = {}
    for reading in readings:
        label = reading.label(predictions.task.name)
        if reading.annotator != ADJUDICATED and label is not None and reading.sentence_id in group_of:
            labels[reading.annotator][reading.sentence_id] = label
            kinds[reading.annotator] = reading.annotator_kind
    found = []
    for a, b in combinations(sorted(labels), 2):
        common = sorted(labels[a].keys() & labels[b].keys())
        if not common:
            continue
        groups = [group_of[s] for s in common]
        counts = counts_by_group([labels[a][s] for s in common], [labels[b][s] for s in common], groups, predictions.labels)
        value = float(macro_f1_of_counts(counts.sum(axis=0)))
        estimate = interval_over_sums(value, macro_f1_of_counts, counts, bounds=(0.0, 1.0))
        found.append(ReadingScore((a, b), (kinds[a], kinds[b]), estimate, len(common), len(set(groups))))
    return tuple(found)
