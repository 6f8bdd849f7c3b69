"""Where annotators differ, who decides, and what is still open. Every reading is kept; a decision is a row more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from detente.dataset.annotations import ADJUDICATED
from detente.dataset.labelling.importing import Readings
from detente.records import Annotation


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence with all that was read into it."""

    sentence_id: str
    readings: tuple[Annotation, ...]
    decision: Annotation | None

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks in which any of the readings gives a label."""
        return tuple(dict.fromkeys(task for reading in self.readings for task in reading.labels))

    def disputed_tasks(self) -> tuple[str, ...]:
        """The tasks in which the readings differ; a label against none is a difference."""
        return tuple(task for task in self.tasks if len({reading.label(task) for reading in self.readings}) > 1)

    @property
    def is_open(self) -> bool:
        """Whether several annotators read it and nobody decided."""
        return self.decision is None and len(self.readings) > 1


def cases(readings: Iterable[Annotation]) -> list[Case]:
    """The sentences of a file of annotations, in its order."""
    by_sentence: dict[str, list[Annotation]] = defaultdict(list)
    for reading in readings:
        by_sentence[reading.sentence_id].append(reading)
    found = []
    for sentence_id, rows in by_sentence.items():
        decision = next((row for row in rows if row.annotator == ADJUDICATED), None)
        found.append(Case(sentence_id, tuple(row for row in rows if row.annotator != ADJUDICATED), decision))
    return found


def disputes(readings: Iterable[Annotation], tasks: Collection[str]) -> dict[str, Case]:
    """The open cases in which the readings differ in one of the tasks, by sentence."""
    return {
        case.sentence_id: case for case in cases(readings) if case.is_open and not {*tasks}.isdisjoint(case.disputed_tasks())
    }


def describe(case: Case) -> str:
    """What every annotator gave, a line each, for the one who decides."""
    lines = []
    for reading in case.readings:
        labels = ", ".join(reading.label(task) or f"no {task}" for task in case.tasks)
        rule, note = f" (rule {reading.rule})" if reading.rule else "", " ".join(reading.note.split())
        lines.append(f"{reading.annotator}, {reading.annotator_kind}: {labels}{rule}{note and f': {note}'}")
    return "\n".join(lines)


def by_agreement(open_cases: Iterable[Case]) -> list[Annotation]:
    """Decisions for the cases whose readings do not differ.

    The decision has the rule that all name, or none; it is a human's if one of the readers is.
    """
    decided = []
    for case in open_cases:
        if not case.is_open or case.disputed_tasks():
            continue
        first = case.readings[0]
        rules = {reading.rule for reading in case.readings}
        kinds = {reading.annotator_kind for reading in case.readings}
        decided.append(
            replace(
                first,
                annotator=ADJUDICATED,
                annotator_kind="human" if "human" in kinds else "machine",
                rule=first.rule if len(rules) == 1 else "",
                guideline_version=max(reading.guideline_version for reading in case.readings),
                note="all agree: " + ", ".join(reading.annotator for reading in case.readings),
            )
        )
    return decided


def complete(file: Readings, known: Sequence[Annotation]) -> Readings:
    """A file of decisions with the labels that need none filled in, and with problems where a decision is missing its point.

    A task on which all readings agree takes their label where the decision leaves it empty.
    """
    by_id = {case.sentence_id: case for case in cases(known)}
    problems, decided = list(file.problems), []
    for where, decision in file.readings:
        case = by_id.get(decision.sentence_id)
        if case is None:
            problems.append((where, f"{decision.sentence_id} was read by nobody; a decision needs readings"))
            continue
        filled = _filled(decision, case)
        missing = [task for task in case.disputed_tasks() if filled.label(task) is None]
        problems += [(where, f"{decision.sentence_id} is disputed in {task}, and the decision gives none") for task in missing]
        decided.append((where, filled))
    return replace(file, readings=tuple(decided), problems=tuple(problems))


def _filled(decision: Annotation, case: Case) -> Annotation:
    disputed = case.disputed_tasks()
    agreed = {task: label for task, label in case.readings[0].labels.items() if task not in disputed} if case.readings else {}
    return replace(decision, labels={**agreed, **decision.labels})
