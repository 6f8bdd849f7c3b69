"""Where a model is right: by outlet, article, length, voice and the actors a sentence names.

A share of a handful of sentences, or of one page's, says nothing of a slice, and of many slices some are bad by chance. So
accuracy and macro-F1 stand only from ``MIN_SENTENCES`` sentences of ``MIN_GROUPS`` groups on; below, the counts alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from detente.evaluation.bars import share_bars
from detente.evaluation.blocks import Block, Paragraph, Picture, Section, Table
from detente.evaluation.counts import macro_f1
from detente.evaluation.predictions import Row, predictions_of
from detente.evaluation.wording import counted
from detente.tasks import Task
from detente.text import normalise
from detente.text.actors import Actor, named

MIN_SENTENCES = 30
MIN_GROUPS = 5
LENGTHS = (15, 30, 45)
"""The last syllable count of each bin but the last."""
MAX_SHOWN = 30
"""Rows of a table, and bars; a corpus has thousands of articles."""
_BINS = ("1-15", "16-30", "31-45", "46 or more")

UNKNOWN, NOBODY = "unknown", "none named"
QUOTATION, REPORTED, OWN_VOICE = "quotation", "reported speech", "outlet's own voice"
MIN_QUOTED = 4
"""Syllables between quotation marks from which they hold somebody's words; fewer are a name or a distanced word."""

_QUOTED = re.compile(r"[“\"«]([^“”\"«»]*)(?:[”\"»]|$)")
_SAYING = re.compile(
    r"\b(?:cho biết|cho hay|cho rằng|nói|nêu rõ|khẳng định|nhấn mạnh|tuyên bố|phát biểu|bày tỏ|cáo buộc|cảnh báo|phủ nhận"
    r"|bác bỏ|trả lời|nhận định|bình luận|theo ông|theo bà|dẫn lời)\b",
    re.IGNORECASE,
)
_SYLLABLE = re.compile(r"[^\W_]+(?:[-'’.,/][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Slice:
    """Right out of total in the rows of one kind; ``accuracy`` and ``macro_f1`` are None where the slice cannot bear them."""

    kind: str
    name: str
    n: int
    n_groups: int
    n_right: int
    accuracy: float | None
    macro_f1: float | None


def slices(rows: Sequence[Row], task: Task, actors: Sequence[Actor]) -> tuple[Slice, ...]:
    """Every slice of the labelled rows of the first random seed: kind by kind, the larger first, lengths in their order.

    A sentence that names several actors stands in the slice of each, so those do not add up to n. Raises InputError as
    ``predictions_of`` does.
    """
    labelled = predictions_of(rows, task).rows
    kinds: dict[str, Callable[[Row], Sequence[str]]] = {
        "outlet": lambda row: [row["outlet"] if isinstance(row.get("outlet"), str) else UNKNOWN],
        "article": lambda row: [str(row["article_id"])],
        "length": lambda row: [length_bin(row["text"])],
        "voice": lambda row: [voice(row["text"])],
        "actor": lambda row: named(row["text"], actors) or [NOBODY],
    }
    found: list[Slice] = []
    for kind, names_of in kinds.items():
        members: dict[str, list[Row]] = {}
        for row in labelled:
            for name in names_of(row):
                members.setdefault(name, []).append(row)
        own = [_slice(kind, name, those, task.name) for name, those in members.items()]
        found += sorted(own, key=lambda each: (_BINS.index(each.name) if each.kind == "length" else -each.n, each.name))
    return tuple(found)


def length_bin(text: str) -> str:
    """The bin of a text's length in syllables (runs of letters and digits between spaces)."""
    return _BINS[bisect_left(LENGTHS, len(_SYLLABLE.findall(normalise(text))))]


def voice(text: str) -> str:
    """Whose words a sentence holds, by its marks alone.

    A quotation if ``MIN_QUOTED`` syllables or more stand between quotation marks (an opening mark that is never closed quotes
    to the end); else reported speech if it has a verb of saying of a fixed list (*cho biết*, *khẳng định*, *cảnh báo*, ...);
    else the outlet's own voice. A sentence out of the middle of a long quotation has no marks, and is taken for the outlet's.
    """
    text = normalise(text)
    if any(len(_SYLLABLE.findall(quoted)) >= MIN_QUOTED for quoted in _QUOTED.findall(text)):
        return QUOTATION
    return REPORTED if _SAYING.search(text) else OWN_VOICE


def section(found: Sequence[Slice], task: str) -> Section:
    """The slices as a section: a table a kind, and a picture of those that may be compared."""
    enough = [each for each in found if each.accuracy is not None]
    blocks: list[Block] = [
        Paragraph(
            f"n sentences in k groups; accuracy and macro-F1 only from {MIN_SENTENCES} sentences and {MIN_GROUPS} groups on. "
            "Slices overlap and are many: the best and the worst of them are so by chance as well."
        ),
        Paragraph(
            f"Length is in syllables. Voice goes by marks alone: a quotation has {MIN_QUOTED} syllables or more between "
            "quotation marks, reported speech a verb of saying and no such quotation, all else counts as the outlet's own. An "
            "actor is named by itself or by a person who speaks for it (seeds/actors.jsonl); a sentence that names several "
            "stands in each."
        ),
    ]
    if not enough:
        blocks.append(Paragraph("No slice is large enough for a rate: counts only.", "caution"))
    for kind in dict.fromkeys(each.kind for each in found):
        own = [each for each in found if each.kind == kind]
        caption = f"The largest {MAX_SHOWN} of {len(own):,}" if len(own) > MAX_SHOWN else ""
        header = (kind, "n", "k", "right/total", "accuracy", "macro-F1")
        blocks.append(Table(header, tuple(map(_cells, own[:MAX_SHOWN])), caption))
    if enough:
        blocks.append(_picture(enough[:MAX_SHOWN], task))
    return Section("Slices", tuple(blocks))


def _slice(kind: str, name: str, rows: Sequence[Row], task: str) -> Slice:
    n, n_groups = len(rows), len({row["group_id"] for row in rows})
    n_right = sum(row[task] == row[f"{task}_pred"] for row in rows)
    if n < MIN_SENTENCES or n_groups < MIN_GROUPS:
        return Slice(kind, name, n, n_groups, n_right, None, None)
    score = macro_f1([row[task] for row in rows], [row[f"{task}_pred"] for row in rows])
    return Slice(kind, name, n, n_groups, n_right, n_right / n, score)


def _cells(each: Slice) -> tuple[str, ...]:
    rates = ("too few", "too few") if each.accuracy is None else (f"{each.accuracy:.3f}", f"{each.macro_f1:.3f}")
    return (each.name, str(each.n), str(each.n_groups), f"{each.n_right}/{each.n}", *rates)


def _picture(enough: Sequence[Slice], task: str) -> Picture:
    names = [f"{each.kind}: {each.name}" for each in enough]
    rights, totals = [each.n_right for each in enough], [each.n for each in enough]
    png = share_bars(names, rights, totals, f"{task}: right out of total by slice", "right")
    said = ", ".join(f"{name} {each.n_right} of {each.n}" for name, each in zip(names, enough, strict=True))
    return Picture(
        f"slices-{task}", f"Right out of total in {counted(len(enough), 'slice')} that can bear a rate: {said}.", png
    )
