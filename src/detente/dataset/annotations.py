"""annotations.jsonl: reading it row by row, and joining the decisions to the sentences."""

from __future__ import annotations

import difflib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import MinLen

from detente import strict_json
from detente.articles.readers import decode
from detente.errors import AnnotationError
from detente.labels import TASKS, Rule
from detente.records import Annotation, Sentence
from detente.rows import check_regular

ADJUDICATED = "adjudicated"
"""The annotator whose reading decides."""
KINDS = ("human", "machine")
StanceLabel = Literal["dialogue", "neutral", "escalation"]
SentimentLabel = Literal["negative", "neutral", "positive"]
_Filled = Annotated[str, MinLen(1)]

_KEYS = tuple(f.name for f in fields(Annotation))
_REQUIRED = ("sentence_id", "text", "annotator", "annotator_kind", "rule", "guideline_version")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file: an ``Annotation`` with what is allowed in each field."""

    sentence_id: _Filled
    text: _Filled
    annotator: _Filled
    annotator_kind: Literal["human", "machine"]
    rule: Rule
    guideline_version: int
    stance: StanceLabel | None = None
    sentiment: SentimentLabel | None = None
    note: str = ""
    relation: str | None = None
    voice: str | None = None
    holder: str | None = None
    target: str | None = None


def read_annotations(path: Path) -> list[Annotation]:
    """All readings of a file, in its order. Raises AnnotationError that names the line."""
    check_regular(path)
    if not path.is_file():
        raise AnnotationError(f"{path}: no such file; expected annotations, one JSON object a line.")
    readings: list[Annotation] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if not line.strip():
            continue
        annotation = _parse(line, f"{path}:{number}")
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


def _parse(line: str, where: str) -> Annotation:
    row = strict_json.parse_object(line, where, error=AnnotationError)
    if type(row.get("rule")) is int:  # rules are numbered, and some write 6 for "6"
        row["rule"] = str(row["rule"])
    return Annotation(**asdict(strict_json.convert(row, _Line, where, error=AnnotationError)))


def write_annotations(readings: Sequence[Annotation]) -> str:
    """The text of an annotations file; optional columns appear only where they hold something."""
    optional = {f.name for f in fields(Annotation)} - {*_REQUIRED, *TASKS, "note"}
    rows = []
    for reading in readings:
        row = {key: getattr(reading, key) for key in _KEYS}
        rows.append({key: value for key, value in row.items() if value is not None or key not in optional})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
