"""Where annotators differ: which labels they confuse, and on which sentences they are furthest apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from detente.dataset.agreement import split_readings
from detente.dataset.annotations import ADJUDICATED
from detente.records import Annotation
from detente.tasks import Task, Tasks


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often one annotator gave a label (row) where another gave a label (column), by rule of the decision or overall."""

    task: str
    labels: tuple[str, ...]
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
        for at, label in enumerate(self.labels):
            given = sum(self.counts[at]) + sum(row[at] for row in self.counts)
            found[label] = 2 * self.counts[at][at] / given if given else None
        return found


@dataclass(frozen=True, slots=True)
class Dispute:
    """A sentence on which annotators differ: who gave what in each task, and the sum of their mean distances.

    Two labels of an ordered task are as far apart as they stand in it, two of another task are 1 apart.
    """

    sentence_id: str
    text: str
    labels: Mapping[str, Mapping[str, str]]
    distance: float


def confusions(readings: Sequence[Annotation], tasks: Tasks) -> list[Confusion]:
    """Every pair of annotators, and each annotator beside the decision, overall and by rule."""
    by_annotator, decisions = split_readings(readings)
    names = sorted(by_annotator)
    pairs = [*combinations(names, 2), *((name, ADJUDICATED) for name in names if decisions)]
    sides = {**by_annotator, ADJUDICATED: decisions}
    found = []
    for first, second in pairs:
        common = [sentence_id for sentence_id in sides[first] if sentence_id in sides[second]]
        rules = {decisions[sentence_id].rule for sentence_id in common if sentence_id in decisions}
        for name, task in tasks.items():
            for rule in (None, *sorted(rules)):
                chosen = [s for s in common if rule is None or (s in decisions and decisions[s].rule == rule)]
                labels = [(sides[first][s].label(name), sides[second][s].label(name)) for s in chosen]
                counts = tuple(tuple(labels.count((row, column)) for column in task.labels) for row in task.labels)
                if any(map(any, counts)):
                    found.append(Confusion(name, task.labels, first, second, rule, counts))
    return found


def most_disputed(readings: Sequence[Annotation], tasks: Tasks, n: int) -> list[Dispute]:
    """The ``n`` sentences furthest apart: the ends of a scale before neighbours on it, then by order."""
    by_annotator, _ = split_readings(readings)
    texts = {reading.sentence_id: reading.text for reading in readings}
    disputes = []
    for sentence_id, text in texts.items():
        labels: dict[str, dict[str, str]] = {task: {} for task in tasks}
        for name, own in by_annotator.items():
            for task in tasks:
                if sentence_id in own and (label := own[sentence_id].label(task)):
                    labels[task][name] = label
        distance = sum(_mean_distance(list(labels[name].values()), task) for name, task in tasks.items())
        if distance:
            disputes.append(Dispute(sentence_id, text, labels, distance))
    return sorted(disputes, key=lambda dispute: -dispute.distance)[:n]


def _mean_distance(labels: Sequence[str], task: Task) -> float:
    places = [task.labels.index(label) for label in labels]
    distances = [abs(a - b) if task.ordered else int(a != b) for a, b in combinations(places, 2)]
    return sum(distances) / len(distances) if distances else 0.0
