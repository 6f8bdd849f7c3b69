"""The lines of a dataset published without text: hashes stand in place of texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from detente.dataset.annotations import InclusionProb
from detente.errors import DatasetError


@dataclass(frozen=True, slots=True)
class HashedLine:
    """A line that cleaning dropped."""

    page_id: str
    line: int
    start: int
    end: int
    text_sha256: str
    reason: str


@dataclass(frozen=True, slots=True)
class HashedReading:
    """A reading, its note left out, and its labels, which have a column a task; ``n_characters`` is the length of its text.

    ``text`` stands there where it may be passed on, the hash beside it.
    """

    sentence_id: str
    text_sha256: str
    annotator: str
    annotator_kind: Literal["human", "machine"]
    rule: str
    guideline_version: int
    n_characters: int
    note: str = ""
    relation: str | None = None
    voice: str | None = None
    holder: str | None = None
    target: str | None = None
    inclusion_prob: InclusionProb | None = None
    design: str | None = None
    stratum: str | None = None
    text: str | None = None

    @property
    def start(self) -> int:
        """Where its text begins on the page, as its id says. Raises DatasetError."""
        start = self.sentence_id.rpartition("#")[2]
        if not (start.isascii() and start.isdecimal() and len(start) < 20):
            raise DatasetError(f"{self.sentence_id}: expected an id with # and a number at its end; it was changed by hand.")
        return int(start)
