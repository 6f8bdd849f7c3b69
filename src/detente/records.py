"""The frozen records that travel from stage to stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

Span = tuple[int, int]
"""Start and end in code points of the article's text; the text of a span is ``span_text(text, start, end)``."""


_NEWLINES = str.maketrans(dict.fromkeys("\n\r\x0b\x0c\x85\u2028\u2029", " "))


def span_text(text: str, start: int, end: int) -> str:
    """The text of a span, every newline in it a space: as long as the span, so that offsets within the one are the other's."""
    return text[start:end].translate(_NEWLINES)


@dataclass(frozen=True, slots=True)
class DroppedLine:
    """A line, or a piece of one, that cleaning removed."""

    page_id: str
    line: int
    start: int
    end: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a page.

    ``text`` is the text of the whole page, so that two articles of one page share their offsets; ``paragraphs`` are the
    spans of this article's body in it. The title is not part of the body.
    """

    article_id: str
    page_id: str
    text: str = field(repr=False)
    paragraphs: tuple[Span, ...]
    title: str | None = None
    date: date | None = None
    outlet: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article; ``sentence_id`` is ``page_id#start``.

    ``text`` is that of its span; where the page wraps its lines, spaces stand for the newlines.
    """

    sentence_id: str
    article_id: str
    page_id: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """One reading of one sentence by one annotator, or the decision (annotator ``adjudicated``).

    ``labels``: task → label, without the tasks in which it gives none. Of a sample ``inclusion_prob`` is the probability with
    which its ``design`` drew the sentence, from a ``stratum`` where it has any.
    """

    sentence_id: str
    text: str
    annotator: str
    annotator_kind: str
    labels: Mapping[str, str] = field(hash=False)
    rule: str
    guideline_version: int
    note: str = ""
    relation: str | None = None
    voice: str | None = None
    holder: str | None = None
    target: str | None = None
    inclusion_prob: float | None = None
    design: str | None = None
    stratum: str | None = None

    def label(self, task: str) -> str | None:
        """The label this reading gives in a task; None where it gives none."""
        return self.labels.get(task)


@dataclass(frozen=True, slots=True)
class Example:
    """One row of a dataset: a sentence with its decided labels (task → label) and its place in the splits."""

    sentence_id: str
    article_id: str
    group_id: str
    text: str
    start: int
    end: int
    date: date | None
    outlet: str | None
    labels: Mapping[str, str] = field(hash=False)
    fold: int | None = None

    def label(self, task: str) -> str | None:
        """The decided label of a task; None where it has none."""
        return self.labels.get(task)


Labelled = TypeVar("Labelled", Annotation, Example)


def flat(record: Annotation | Example, tasks: Iterable[str]) -> dict[str, Any]:
    """The columns of a record, as files have them: in place of its labels a column a task, None where it has none."""
    columns: dict[str, Any] = {}
    for each in fields(record):
        value = getattr(record, each.name)
        columns |= {task: value.get(task) for task in tasks} if each.name == "labels" else {each.name: value}
    return columns


def of_columns(kind: type[Labelled], columns: Mapping[str, Any], tasks: Iterable[str]) -> Labelled:
    """The record of such columns; those of tasks that are not there, or are None, are no labels."""
    labels = {task: columns[task] for task in tasks if columns.get(task) is not None}
    names = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in columns.items() if name in names}, labels=labels)
