"""Agreement of annotators: raw, Cohen's kappa, Krippendorff's alpha, each with an interval over groups of articles.

Kappa is Cohen's (1960), of two annotators. Alpha is Krippendorff's (2011), of any number, by the library `krippendorff`:
nominal, and ordinal, since the labels of both tasks are an ordered scale. All go overall and by the rule of the decision.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from detente.dataset.annotations import ADJUDICATED
from detente.intervals import Estimate, interval_over_groups
from detente.labels import LABELS, TASKS
from detente.records import Annotation

if TYPE_CHECKING:
    import numpy as np

ByAnnotator = dict[str, dict[str, Annotation]]
"""Annotator → sentence_id → reading, without the decisions."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a pair of annotators, or of all, on one task, over all sentences or those that one rule decided.

    ``raw`` is the share of equal labels, of several annotators the share of equal pairs of labels; ``n`` counts the sentences
    with at least two labels, ``n_equal`` those on which all labels are one. A figure that is not defined says why.
    """

    task: str
    annotators: tuple[str, ...]
    rule: str | None
    n: int
    n_equal: int
    n_groups: int
    raw: Estimate
    kappa: Estimate
    alpha: Estimate
    alpha_ordinal: Estimate


def agreement(
    readings: Sequence[Annotation], groups: Mapping[str, str] | None = None, *, by_rule: bool = True
) -> list[Agreement]:
    """Every pair of annotators, and all of them where there are more, on both tasks, overall (rule None) and by rule.

    ``groups`` says the group of a sentence; without it the page is its group. The rule is that of the decision.
    """
    by_annotator, decisions = split_readings(readings)
    rules = {sentence_id: reading.rule for sentence_id, reading in decisions.items()}
    names = sorted(by_annotator)
    teams = [*combinations(names, 2), *([tuple(names)] if len(names) > 2 else [])]
    rows = []
    for team in teams:
        for task in TASKS:
            labels = _labels(by_annotator, team, task)
            named = sorted({rules[sentence_id] for sentence_id in labels if sentence_id in rules}) if by_rule else []
            for rule in (None, *named):
                chosen = {s: given for s, given in labels.items() if rule is None or rules.get(s) == rule}
                if chosen:
                    rows.append(_agreement(task, team, rule, chosen, [group_of(s, groups) for s in chosen]))
    return rows


def split_readings(readings: Sequence[Annotation]) -> tuple[ByAnnotator, dict[str, Annotation]]:
    """The annotators' readings, and the decisions by sentence."""
    by_annotator: ByAnnotator = defaultdict(dict)
    for reading in readings:
        by_annotator[reading.annotator][reading.sentence_id] = reading
    decisions = by_annotator.pop(ADJUDICATED, {})
    return dict(by_annotator), decisions


def group_of(sentence_id: str, groups: Mapping[str, str] | None) -> str:
    """The group of a sentence; its page where nothing is said of it."""
    return (groups or {}).get(sentence_id) or sentence_id.rpartition("#")[0]


def _labels(by_annotator: ByAnnotator, team: Sequence[str], task: str) -> dict[str, list[int | None]]:
    """sentence_id → the place of each annotator's label on the scale, where at least two gave one."""
    scale = LABELS[task]
    found = {}
    for sentence_id in dict.fromkeys(s for name in team for s in by_annotator[name]):
        labels = [reading.label(task) if (reading := by_annotator[name].get(sentence_id)) else None for name in team]
        places = [None if label is None else scale.index(label) for label in labels]
        if sum(place is not None for place in places) > 1:
            found[sentence_id] = places
    return found


def _agreement(
    task: str, team: tuple[str, ...], rule: str | None, labels: Mapping[str, list[int | None]], groups: Sequence[str]
) -> Agreement:
    import numpy as np

    n_labels = len(LABELS[task])
    counts = np.array([[places.count(at) for at in range(n_labels)] for places in labels.values()])
    n_given = counts.sum(axis=1)

    def raw(rows: np.ndarray) -> float:
        equal = (counts[rows] * (counts[rows] - 1)).sum()
        return float(equal / (n_given[rows] * (n_given[rows] - 1)).sum())

    constant = "one label throughout"
    kappa = Estimate(None, reason="of pairs only")
    if len(team) == 2:
        pairs = np.array(list(labels.values()), dtype=int)
        kappa = _estimate(lambda rows: cohen_kappa(pairs[rows], n_labels), groups, constant)
    return Agreement(
        task=task,
        annotators=team,
        rule=rule,
        n=len(labels),
        n_equal=int((counts.max(axis=1) == n_given).sum()),
        n_groups=len(set(groups)),
        raw=interval_over_groups(raw, groups, bounds=(0.0, 1.0)),
        kappa=kappa,
        alpha=_estimate(lambda rows: krippendorff_alpha(counts[rows], "nominal"), groups, constant),
        alpha_ordinal=_estimate(lambda rows: krippendorff_alpha(counts[rows], "ordinal"), groups, constant),
    )


def cohen_kappa(pairs: np.ndarray, n_labels: int) -> float:
    """Cohen's kappa of pairs of labels, shape (n, 2) int; nan if both annotators gave one and the same label throughout.

    Not scikit-learn's, which checks its input for longer than an interval's thousands of resamples may take.
    """
    import numpy as np

    table = np.bincount(pairs[:, 0] * n_labels + pairs[:, 1], minlength=n_labels**2).reshape(n_labels, n_labels) / len(pairs)
    expected = float(table.sum(axis=0) @ table.sum(axis=1))
    return float("nan") if expected == 1 else (float(np.trace(table)) - expected) / (1 - expected)


def krippendorff_alpha(counts: np.ndarray, level: Literal["nominal", "ordinal"]) -> float:
    """Krippendorff's alpha of label counts, shape (n sentences, n labels) int; nan if only one label was given."""
    import krippendorff

    if (counts.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return float(krippendorff.alpha(value_counts=counts, level_of_measurement=level))


def _estimate(statistic: Callable[[np.ndarray], float], groups: Sequence[str], reason: str) -> Estimate:
    import numpy as np

    if np.isnan(statistic(np.arange(len(groups)))):
        return Estimate(None, reason=reason)
    return interval_over_groups(statistic, groups, bounds=(-1.0, 1.0))
