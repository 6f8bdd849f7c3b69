"""Agreement of two readings: raw, and Cohen's kappa (scikit-learn's), overall and by the guideline's rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from detente.dataset.annotations import ADJUDICATED
from detente.labels import TASKS
from detente.records import Annotation


@dataclass(frozen=True, slots=True)
class Agreement:
    """Agreement of one pair of annotators on one task, over all sentences or those that one rule decided."""

    task: str
    annotators: tuple[str, str]
    rule: str | None
    n: int
    n_equal: int
    kappa: float | None

    @property
    def raw(self) -> float:
        """Share of equal labels."""
        return self.n_equal / self.n


def agreement(readings: Sequence[Annotation]) -> list[Agreement]:
    """Every pair of annotators, on both tasks, overall (rule None) and by the rule of the adjudicated reading.

    Kappa is None where it is not defined: both annotators gave one and the same label throughout.
    """
    labels: dict[str, dict[str, Annotation]] = defaultdict(dict)
    rules: dict[str, str] = {}
    for reading in readings:
        if reading.annotator == ADJUDICATED:
            rules[reading.sentence_id] = reading.rule
        else:
            labels[reading.annotator][reading.sentence_id] = reading
    rows = []
    for a, b in combinations(sorted(labels), 2):
        common = sorted(labels[a].keys() & labels[b].keys())
        for task in TASKS:
            pairs = [
                (x, y, rules.get(s)) for s in common if (x := labels[a][s].label(task)) and (y := labels[b][s].label(task))
            ]
            for rule in (None, *sorted({r for *_, r in pairs if r is not None})):
                chosen = [(x, y) for x, y, r in pairs if rule in (None, r)]
                if chosen:
                    rows.append(_agreement(task, (a, b), rule, chosen))
    return rows


def _agreement(task: str, pair: tuple[str, str], rule: str | None, labels: list[tuple[str, str]]) -> Agreement:
    from sklearn.metrics import cohen_kappa_score

    first, second = [x for x, _ in labels], [y for _, y in labels]
    defined = len({*first, *second}) > 1
    return Agreement(
        task=task,
        annotators=pair,
        rule=rule,
        n=len(labels),
        n_equal=sum(x == y for x, y in labels),
        kappa=float(cohen_kappa_score(first, second)) if defined else None,
    )
