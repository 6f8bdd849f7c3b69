"""annotations.jsonl: reading it row by row, and joining the decisions to the sentences."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Gt, Le, MinLen

from detente import strict_json
from detente.articles.readers import decode
from detente.errors import AnnotationError, InputError, near_miss
from detente.records import Annotation, Sentence, flat, of_columns
from detente.rows import check_regular
from detente.tasks import RESERVED, Task, Tasks, known_tasks

ADJUDICATED = "adjudicated"
"""The annotator whose reading decides."""
KINDS = ("human", "machine")
GUIDELINE = "seeds/GUIDELINE.md"
RULES = tuple(str(number) for number in range(9))
"""The rules of that guideline; 0 is the table alone."""
_Filled = Annotated[str, MinLen(1)]
InclusionProb = Annotated[float, Gt(0), Le(1)]


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file without its labels: an ``Annotation`` with what is allowed in each field."""

    sentence_id: _Filled
    text: _Filled
    annotator: _Filled
    annotator_kind: Literal["human", "machine"]
    rule: str
    guideline_version: int
    note: str = ""
    relation: str | None = None
    voice: str | None = None
    holder: str | None = None
    target: str | None = None
    inclusion_prob: InclusionProb | None = None
    design: str | None = None
    stratum: str | None = None


def read_annotations(path: Path, tasks: Tasks | None = None) -> list[Annotation]:
    """All readings of a file, in its order; columns that are none of a reading's are those of ``tasks``, all known by default.

    Raises AnnotationError that names the line, ConfigError where the file of a task is wrong.
    """
    tasks = known_tasks() if tasks is None else tasks
    check_regular(path)
    if not path.is_file():
        raise AnnotationError(f"{path}: no such file; expected annotations, one JSON object a line.")
    readings: list[Annotation] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if not line.strip():
            continue
        annotation = _parse(line, f"{path}:{number}", tasks)
        key = (annotation.sentence_id, annotation.annotator)
        if key in seen:
            raise AnnotationError(
                f"{path}:{number}: a second reading of {key[0]} by '{key[1]}' (the first is in line {seen[key]}); "
                "expected one a sentence and annotator. Remove one of them."
            )
        seen[key] = number
        readings.append(annotation)
    if not readings:
        raise AnnotationError(f"{path}: the file is empty; expected annotations, one JSON object a line.")
    return readings


def decisions(readings: Iterable[Annotation]) -> dict[str, Annotation]:
    """sentence_id → the reading that decides: the adjudicated one, or the only one there is.

    Raises AnnotationError where several annotators read a sentence and nobody decided.
    """
    by_sentence: dict[str, list[Annotation]] = defaultdict(list)
    for reading in readings:
        by_sentence[reading.sentence_id].append(reading)
    decided = {}
    for sentence_id, candidates in by_sentence.items():
        final = [reading for reading in candidates if reading.annotator == ADJUDICATED]
        if not final and len(candidates) > 1:
            names = ", ".join(sorted(reading.annotator for reading in candidates))
            raise AnnotationError(
                f"{sentence_id}: read by {names}, and no row of annotator '{ADJUDICATED}' decides. "
                "Decide with: detente label adjudicate"
            )
        decided[sentence_id] = final[0] if final else candidates[0]
    return decided


def check_texts(readings: Iterable[Annotation], sentences: Mapping[str, Sentence]) -> None:
    """Raise AnnotationError unless every reading's text is, to the letter, the text of its sentence."""
    for reading in readings:
        sentence = sentences.get(reading.sentence_id)
        if sentence is None:
            raise AnnotationError(
                f"annotation of {reading.sentence_id} by '{reading.annotator}': the articles have no such sentence."
                f"{_elsewhere(reading.text, sentences.values())} The annotated text is {reading.text!r}"
            )
        if sentence.text != reading.text:
            raise AnnotationError(
                f"annotation of {reading.sentence_id} by '{reading.annotator}' is of another text than the sentence has.\n"
                f"  annotated: {reading.text!r}\n  sentence:  {sentence.text!r}\n"
                "If the article changed, read the sentence again and update the annotation."
            )


def _elsewhere(text: str, sentences: Iterable[Sentence]) -> str:
    by_text = {sentence.text: sentence.sentence_id for sentence in sentences}
    if text in by_text:
        return f" Its text now stands at {by_text[text]}: was the page scraped again?"
    close = difflib.get_close_matches(text, list(by_text), n=1, cutoff=0.8)
    return f" The nearest sentence is {by_text[close[0]]}: {close[0]!r}." if close else ""


def tasks_read(readings: Iterable[Annotation], tasks: Tasks) -> dict[str, Task]:
    """Those of the tasks of which the readings hold a label, in the order of the tasks."""
    given = {task for reading in readings for task in reading.labels}
    return {name: tasks[name] for name in tasks if name in given}


def label_in(value: object, task: Task, where: str, error: type[InputError] = AnnotationError) -> str | None:
    """The label in a field; None where it is null. Raises ``error``."""
    if value is None:
        return None
    label = task.label_of(value) if isinstance(value, str) else None
    if label is None:
        raise error(f"{where}: {task.problem(value)}")
    return label


def rules_for(tasks: Iterable[Task]) -> tuple[str, ...]:
    """The rules that a label of these tasks can name; none where a guideline is not that of the seeds, whose rules are free."""
    guidelines = {task.guideline for task in tasks}
    return RULES if guidelines == {GUIDELINE} else ()


def check_rule(rule: str, tasks: Iterable[Task], where: str, error: type[InputError] = AnnotationError) -> None:
    """Raise ``error`` for the number of a rule that the guideline of the tasks does not have; none is fine."""
    rules = rules_for(tasks)
    if rule and rules and rule not in rules:
        raise error(f"{where}: 'rule': expected '{rules[0]}' to '{rules[-1]}' or '', got {strict_json.shown(rule)}.")


def _parse(line: str, where: str, tasks: Tasks) -> Annotation:
    row = strict_json.parse_object(line, where, error=AnnotationError)
    if type(row.get("rule")) is int:  # rules are numbered, and some write 6 for "6"
        row["rule"] = str(row["rule"])
    labels = {name: label_in(row.pop(name), tasks[name], where) for name in tasks if name in row}
    _check_columns(row, where, tasks)
    rest = strict_json.convert(row, _Line, where, error=AnnotationError)
    check_rule(rest.rule, (tasks[name] for name in labels), where)
    return of_columns(Annotation, {**asdict(rest), **labels}, labels)


def _check_columns(row: Mapping[str, object], where: str, tasks: Tasks) -> None:
    """Raise AnnotationError for a column that is neither a reading's nor a task's: its labels would be lost."""
    own = [each.name for each in fields(_Line)]
    unknown = next((name for name in row if name not in own and name not in RESERVED), None)
    if unknown is not None:
        shown = strict_json.shown(unknown).strip("'\"")
        hint = near_miss(unknown, [*own, *tasks])
        raise AnnotationError(
            f"{where}: unknown column '{shown}'; expected {', '.join(own)} or a task ({', '.join(tasks)}).{hint} "
            f"If it is a task of your own, its labels go into a file configs/task/{shown}.yaml"
        )


def write_annotations(readings: Sequence[Annotation]) -> str:
    """The text of an annotations file: a column a task of which there is any label; optional ones where they hold something."""
    tasks = dict.fromkeys(task for reading in readings for task in reading.labels)
    rows = []
    for reading in readings:
        row = flat(reading, tasks)
        rows.append({key: value for key, value in row.items() if value is not None or key in tasks})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
