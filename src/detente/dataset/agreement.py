"""Agreement of annotators: raw, Cohen's kappa, Krippendorff's alpha, each with an interval over groups of articles.

Kappa is Cohen's (1960), of two annotators, by scikit-learn. Alpha is Krippendorff's (2011), of any number, by the library
`krippendorff`: nominal, and ordinal where the labels are an ordered scale. All go overall and by the rule of the decision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from detente.dataset.anchoring import page_of
from detente.dataset.annotations import ADJUDICATED, tasks_read
from detente.dataset.coefficients import (
    cohen_kappa,
    coincidence_tables,
    confusion_tables,
    equal_pairs,
    group_sums,
    krippendorff_alpha,
    raw_agreement,
    specific_agreement,
)
from detente.intervals import Estimate, interval_over_sums
from detente.records import Annotation
from detente.tasks import Task, Tasks, known_tasks

if TYPE_CHECKING:
    import numpy as np

ByAnnotator = dict[str, dict[str, Annotation]]
"""Annotator → sentence_id → reading, without the decisions."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of a pair of annotators, or of all, on one task, over all sentences or those that one rule decided.

    ``raw`` is the share of equal labels, of several annotators the share of equal pairs of labels; ``n`` counts the sentences
    with at least two labels, ``n_equal`` those on which all labels are one. A figure that is not defined says why. With
    ``named`` the sentences of a rule are those on which one of the annotators at least names it. ``on_labels``: of a pair,
    label → specific agreement (Cicchetti & Feinstein 1990), 2·both / (first + second), of labels that one of them gave.
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
    named: bool = False
    on_labels: Mapping[str, Estimate] = field(default_factory=dict)


def agreement(
    readings: Sequence[Annotation],
    groups: Mapping[str, str] | None = None,
    tasks: Tasks | None = None,
    *,
    by_rule: bool = True,
    named: bool = False,
) -> list[Agreement]:
    """Every pair of annotators, and all of them where there are more, task by task, overall (rule None) and by rule.

    ``groups`` says the group of a sentence; without it the page is its group. ``tasks`` are all known ones by default. The rule
    is that of the decision; with ``named`` only the rows by rule, of those that one of the annotators names.
    """
    tasks = tasks_read(readings, known_tasks() if tasks is None else tasks)
    by_annotator, decisions = split_readings(readings)
    decided = {sentence_id: {reading.rule} for sentence_id, reading in decisions.items()}
    names = sorted(by_annotator)
    teams = [*combinations(names, 2), *([tuple(names)] if len(names) > 2 else [])]
    rows = []
    for team in teams:
        for task in tasks.values():
            labels = _labels(by_annotator, team, task)
            rules = _rules_named(by_annotator, team) if named else decided
            found = sorted({rule for sentence_id in labels for rule in rules.get(sentence_id, ())}) if by_rule else []
            for rule in found if named else (None, *found):
                chosen = {s: given for s, given in labels.items() if rule is None or rule in rules.get(s, ())}
                if chosen:
                    row = _agreement(task, team, rule, chosen, [group_of(s, groups) for s in chosen])
                    rows.append(replace(row, named=named))
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
    return (groups or {}).get(sentence_id) or page_of(sentence_id)


def _rules_named(by_annotator: ByAnnotator, team: Sequence[str]) -> dict[str, set[str]]:
    """sentence_id → the rules that the annotators name."""
    rules: dict[str, set[str]] = defaultdict(set)
    for name in team:
        for sentence_id, reading in by_annotator[name].items():
            rules[sentence_id] |= {reading.rule} - {""}
    return rules


def _labels(by_annotator: ByAnnotator, team: Sequence[str], task: Task) -> dict[str, list[int | None]]:
    """sentence_id → the place of each annotator's label among the task's, where at least two gave one."""
    found = {}
    for sentence_id in dict.fromkeys(s for name in team for s in by_annotator[name]):
        labels = [reading.label(task.name) if (reading := by_annotator[name].get(sentence_id)) else None for name in team]
        places = [None if label is None else task.labels.index(label) for label in labels]
        if sum(place is not None for place in places) > 1:
            found[sentence_id] = places
    return found


def _agreement(
    task: Task, team: tuple[str, ...], rule: str | None, labels: Mapping[str, list[int | None]], groups: Sequence[str]
) -> Agreement:
    import numpy as np

    counts = np.array([[places.count(at) for at in range(len(task.labels))] for places in labels.values()])
    kappa = alpha = alpha_ordinal = Estimate(None, reason="one label throughout")
    if (counts.sum(axis=0) > 0).sum() > 1:
        alpha = _alpha(counts, groups, "nominal")
        alpha_ordinal = _alpha(counts, groups, "ordinal") if task.ordered else Estimate(None, reason="no order of labels")
        kappa = _kappa(labels, counts.shape[1], groups) if len(team) == 2 else Estimate(None, reason="of pairs only")
    return Agreement(
        task=task.name,
        annotators=team,
        rule=rule,
        n=len(labels),
        n_equal=int((counts.max(axis=1) == counts.sum(axis=1)).sum()),
        n_groups=len(set(groups)),
        raw=_raw(counts, groups),
        kappa=kappa,
        alpha=alpha,
        alpha_ordinal=alpha_ordinal,
        on_labels=_on_labels(labels, task, groups) if len(team) == 2 else {},
    )


def _raw(counts: np.ndarray, groups: Sequence[str]) -> Estimate:
    pairs = equal_pairs(counts)
    return _estimate(float(raw_agreement(pairs.sum(axis=0))), raw_agreement, group_sums(pairs, groups), low=0.0)


def _kappa(labels: Mapping[str, list[int | None]], n_labels: int, groups: Sequence[str]) -> Estimate:
    import numpy as np
    from sklearn.metrics import cohen_kappa_score

    first, second = np.array(list(labels.values()), dtype=int).T
    sums = group_sums(confusion_tables(first, second, n_labels), groups)
    return _estimate(float(cohen_kappa_score(first, second)), cohen_kappa, sums)


def _on_labels(labels: Mapping[str, list[int | None]], task: Task, groups: Sequence[str]) -> dict[str, Estimate]:
    import numpy as np

    first, second = np.array(list(labels.values()), dtype=int).T
    tables = confusion_tables(first, second, len(task.labels))
    sums = group_sums(tables, groups)
    found = {}
    for at, label in enumerate(task.labels):
        value = float(specific_agreement(tables.sum(axis=0), at))
        if value == value:  # nan: neither gave it
            found[label] = _estimate(value, partial(specific_agreement, label=at), sums, low=0.0)
    return found


def _alpha(counts: np.ndarray, groups: Sequence[str], level: Literal["nominal", "ordinal"]) -> Estimate:
    import krippendorff

    value = float(krippendorff.alpha(value_counts=counts, level_of_measurement=level))
    statistic = partial(krippendorff_alpha, ordinal=level == "ordinal")
    return _estimate(value, statistic, group_sums(coincidence_tables(counts), groups))


def _estimate(value: float, statistic: Callable[[np.ndarray], np.ndarray], sums: np.ndarray, *, low: float = -1.0) -> Estimate:
    """A figure with its interval; where all labels agree, every resample is 1 and says nothing of how sure that is."""
    if value == 1:
        return Estimate(value, reason="no disagreement seen")
    return interval_over_sums(value, statistic, sums, bounds=(low, 1.0))
