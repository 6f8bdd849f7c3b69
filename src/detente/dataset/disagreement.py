"""Where annotators differ: which labels they confuse, and on which sentences they are furthest apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from detente.dataset.agreement import split_readings
from detente.dataset.annotations import ADJUDICATED
from detente.labels import LABELS, TASKS
from detente.records import Annotation


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one annotator gave a label (row) where another gave a label (column), by rule of the decision or overall."""

    task: str
    first: str
    second: str
    rule: str | None
    counts: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """Sentences that both labelled."""
        return sum(map(sum, self.counts))

    def specific(self) -> dict[str, float | None]:
        """Label → specific agreement, 2·both / (first + second) (Cicchetti & Feinstein 1990); None if neither gave it."""
        found: dict[str, float | None] = {}
        for at, label in enumerate(LABELS[self.task]):
            given = sum(self.counts[at]) + sum(row[at] for row in self.counts)
            found[label] = 2 * self.counts[at][at] / given if given else None
        return found


@dataclass(frozen=True, slots=True)
class Dispute:
    """A sentence on which annotators differ: who gave what in each task, and their mean distance on the scales."""

    sentence_id: str
    text: str
    labels: Mapping[str, Mapping[str, str]]
    distance: float


def confusions(readings: Sequence[Annotation]) -> list[Confusion]:
    """Every pair of annotators, and each annotator beside the decision, overall and by rule."""
    by_annotator, decisions = split_readings(readings)
    names = sorted(by_annotator)
    pairs = [*combinations(names, 2), *((name, ADJUDICATED) for name in names if decisions)]
    sides = {**by_annotator, ADJUDICATED: decisions}
    found = []
    for first, second in pairs:
        common = [sentence_id for sentence_id in sides[first] if sentence_id in sides[second]]
        rules = {decisions[sentence_id].rule for sentence_id in common if sentence_id in decisions}
        for task in TASKS:
            for rule in (None, *sorted(rules)):
                chosen = [s for s in common if rule is None or (s in decisions and decisions[s].rule == rule)]
                labels = [(sides[first][s].label(task), sides[second][s].label(task)) for s in chosen]
                counts = tuple(tuple(labels.count((row, column)) for column in LABELS[task]) for row in LABELS[task])
                if any(map(any, counts)):
                    found.append(Confusion(task, first, second, rule, counts))
    return found


def most_disputed(readings: Sequence[Annotation], n: int) -> list[Dispute]:
    """The ``n`` sentences furthest apart: dialogue against escalation before dialogue against neutral, then by order."""
    by_annotator, _ = split_readings(readings)
    texts = {reading.sentence_id: reading.text for reading in readings}
    disputes = []
    for sentence_id, text in texts.items():
        labels: dict[str, dict[str, str]] = {task: {} for task in TASKS}
        for name, own in by_annotator.items():
            for task in TASKS:
                if sentence_id in own and (label := own[sentence_id].label(task)):
                    labels[task][name] = label
        distance = sum(_mean_distance(list(labels[task].values()), task) for task in TASKS)
        if distance:
            disputes.append(Dispute(sentence_id, text, labels, distance))
    return sorted(disputes, key=lambda dispute: -dispute.distance)[:n]


def _mean_distance(labels: Sequence[str], task: str) -> float:
    places = [LABELS[task].index(label) for label in labels]
    distances = [abs(a - b) for a, b in combinations(places, 2)]
    return sum(distances) / len(distances) if distances else 0.0
