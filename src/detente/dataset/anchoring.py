"""Readings of a page that was scraped again: which go on standing where they stood, which moved, which lost their sentence."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from detente.dataset.annotations import check_texts
from detente.errors import AnnotationError, ConfigError, near_miss
from detente.records import Annotation, Sentence
from detente.text.normalise import normalise

MODES = ("error", "move", "skip")
"""``error``: every reading must stand where it says, to the letter. ``move``: one whose sentence stands elsewhere on its page
moves there, and one whose sentence is gone stops the build. ``skip``: what is gone is left out, listed and counted."""

_SHOWN = 10
_NEAR = 0.6


@dataclass(frozen=True, slots=True)
class LostReading:
    """A sentence that was read and is gone from its page, with the nearest one that is there (None: nothing is like it).

    ``elsewhere`` is a sentence of another page with the very text; ``page_is_there`` says whether the page was read at all.
    """

    sentence_id: str
    text: str
    annotators: tuple[str, ...]
    nearest: Sentence | None = None
    elsewhere: str | None = None
    page_is_there: bool = True

    def __str__(self) -> str:
        """Its id and text, and where to look."""
        if self.elsewhere:
            found = f"the text stands on another page now, at {self.elsewhere}"
        elif self.nearest:
            found = f"nearest is {self.nearest.sentence_id}: {self.nearest.text!r}"
        elif not self.page_is_there:
            found = f"the articles have no page '{page_of(self.sentence_id)}'"
        else:
            found = "nothing on the page is like it"
        return f"{self.sentence_id} ({', '.join(self.annotators)}): {self.text!r}\n    {found}"


@dataclass(frozen=True)
class AnchoredReadings:
    """Readings that stand at their sentences; old id → new id of those that moved; what was lost."""

    readings: list[Annotation]
    moved: dict[str, str]
    lost: list[LostReading]


def check_mode(mode: str) -> None:
    """Raise ConfigError for an unknown way to treat stale readings."""
    if mode not in MODES:
        raise ConfigError(f"data.stale_labels: expected {', '.join(MODES)}, got '{mode}'.{near_miss(mode, MODES)}")


def anchor_readings(
    readings: Sequence[Annotation],
    sentences: Mapping[str, Sentence],
    mode: str = "move",
    elsewhere: Mapping[str, str] | None = None,
) -> AnchoredReadings:
    """Put every reading at the sentence of its page that has its text, but for spelling and white space.

    A text that stands on a page more than once is matched in order. ``elsewhere``: text → id of a sentence of any page, for the
    messages. Raises AnnotationError as the mode says.
    """
    if mode == "error":
        check_texts(readings, sentences)
    places = _places(readings, sentences)
    anchored: list[Annotation] = []
    moved: dict[str, str] = {}
    gone: dict[tuple[str, str], list[Annotation]] = defaultdict(list)
    for reading in readings:
        key = (reading.sentence_id, normalise(reading.text))
        if key not in places:
            gone[key].append(reading)
            continue
        sentence = sentences[places[key]]
        anchored.append(replace(reading, sentence_id=sentence.sentence_id, text=sentence.text))
        if sentence.sentence_id != reading.sentence_id:
            moved[reading.sentence_id] = sentence.sentence_id
    lost = _describe(gone, sentences, elsewhere or {})
    if lost and mode == "move":
        raise AnnotationError(
            f"no longer on their pages: {len(lost)} of the sentences that were read:\n{listing(lost)}\n"
            "Correct or remove their readings, or set data.stale_labels=skip to leave them out and have them counted."
        )
    return AnchoredReadings(anchored, moved, lost)


def listing(lost: Sequence[LostReading]) -> str:
    """The first of them, for a terminal."""
    shown = [f"  {each}" for each in lost[:_SHOWN]]
    return "\n".join(shown + [f"  and {len(lost) - _SHOWN} more"] * (len(lost) > _SHOWN))


def page_of(sentence_id: str) -> str:
    """The page that a sentence's id names; where it names none, as in tables of sentences, the sentence is its own."""
    return sentence_id.rpartition("#")[0] or sentence_id


def _places(readings: Iterable[Annotation], sentences: Mapping[str, Sentence]) -> dict[tuple[str, str], str]:
    """(id, normalised text) of what was read → id of the sentence with that text on that page."""
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for reading in readings:
        wanted[page_of(reading.sentence_id), normalise(reading.text)].add(reading.sentence_id)
    there: dict[tuple[str, str], list[str]] = defaultdict(list)
    pages = {page for page, _ in wanted}
    for sentence in sorted(sentences.values(), key=lambda sentence: (sentence.page_id, sentence.start)):
        if sentence.page_id in pages:
            there[sentence.page_id, normalise(sentence.text)].append(sentence.sentence_id)
    places: dict[tuple[str, str], str] = {}
    for (page, text), ids in wanted.items():
        free = there[page, text]
        stay = ids & set(free)
        places |= {(own, text): own for own in stay}
        left = sorted(ids - stay, key=_start)
        places |= {(own, text): new for own, new in zip(left, [new for new in free if new not in stay], strict=False)}
    return places


def _describe(
    gone: Mapping[tuple[str, str], Sequence[Annotation]], sentences: Mapping[str, Sentence], elsewhere: Mapping[str, str]
) -> list[LostReading]:
    on_page: dict[str, dict[str, Sentence]] = defaultdict(dict)
    for sentence in sentences.values():
        on_page[sentence.page_id][sentence.text] = sentence
    lost = []
    for (sentence_id, _), readings in gone.items():
        text = readings[0].text
        near = on_page.get(page_of(sentence_id), {})
        close = difflib.get_close_matches(text, list(near), n=1, cutoff=_NEAR)
        annotators = tuple(reading.annotator for reading in readings)
        nearest = near[close[0]] if close else None
        lost.append(LostReading(sentence_id, text, annotators, nearest, elsewhere.get(text), page_is_there=bool(near)))
    return lost


def _start(sentence_id: str) -> tuple[int, str]:
    start = sentence_id.rpartition("#")[2]
    return (int(start) if start.isdecimal() else 0, sentence_id)
