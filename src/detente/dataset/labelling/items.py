"""What an annotator is handed: a sentence with its context, its place in the sample, and a check of its text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from detente.dataset.annotations import rules_for
from detente.tasks import Task

GUIDELINE_VERSION = 3
"""The version of that guideline that the interface and the sheets are made for."""

SHOWN = ("sentence_id", "article_id", "title", "before", "text", "after", "readings")
"""Columns that the annotator reads, in the order of the sheet."""
SAMPLE = ("inclusion_prob", "design", "stratum")
"""Columns of the sample, filled where a sample was drawn."""
FREE = ("relation", "voice", "holder", "target")
"""Optional columns of a reading; they travel untouched."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence to label.

    ``before`` and ``after`` are its neighbours in the article, for context only. ``readings`` says what annotators gave it,
    where the sentence is handed out to be decided. ``inclusion_prob`` is the probability with which the sample's design drew
    the sentence; ``design`` and ``stratum`` are set for an audit.
    """

    sentence_id: str
    article_id: str
    text: str
    title: str = ""
    before: str = ""
    after: str = ""
    readings: str = ""
    inclusion_prob: float | None = None
    design: str = ""
    stratum: str = ""


@dataclass(frozen=True, slots=True)
class Blank:
    """What stands in an item's empty fields: who is asked, on which guideline, for which tasks and optional columns.

    Who ``decides`` is shown the readings there are.
    """

    tasks: tuple[Task, ...]
    annotator: str = ""
    guideline_version: int = GUIDELINE_VERSION
    free: tuple[str, ...] = ()
    decides: bool = False


def version_for(tasks: Iterable[Task]) -> int:
    """The version of the guideline where none is said."""
    return GUIDELINE_VERSION if rules_for(tasks) else 1


def text_check(sentence_id: str, text: str) -> str:
    """What ties a text to its sentence: a letter and 16 hexadecimal digits of sha256 over both.

    The import compares it, so that an edited text, or a sheet of which one column alone was sorted, is found. It begins with
    a letter, since a spreadsheet would read digits, or digits around an e, as a number.
    """
    return "t" + hashlib.sha256(f"{sentence_id}\n{text}".encode(errors="surrogatepass")).hexdigest()[:16]


def item_values(item: Item, blank: Blank) -> dict[str, str | float | int | None]:
    """An item as the columns of a sheet, in order; those of a sample or of readings stay out where there is none."""
    values: dict[str, str | float | int | None] = {name: getattr(item, name) for name in SHOWN if name != "readings"}
    if blank.decides:
        values["readings"] = item.readings
    values |= dict.fromkeys((*(task.name for task in blank.tasks), "rule", "note", *blank.free), "")
    values |= {"annotator": blank.annotator, "guideline_version": blank.guideline_version}
    if item.inclusion_prob is not None:
        values["inclusion_prob"] = item.inclusion_prob
    if item.design:
        values |= {"design": item.design, "stratum": item.stratum}
    return {**values, "check": text_check(item.sentence_id, item.text)}
