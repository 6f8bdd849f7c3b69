"""Which characters of a source each character of a derived text came from, step upon step."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from detente.records import Span

_JOINTS = " _"


@dataclass(frozen=True, slots=True)
class Aligned:
    """A text and, for each of its characters, the span ``starts[i]:ends[i]`` of the source it came from.

    Both tuples have the length of ``text``. A character that a step put in (the space before a full stop) has an empty span
    where it was put; one that stands for several (a composed letter, a single space for a run of them) has the span of all.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def whole(cls, text: str) -> Aligned:
        """A text as its own source."""
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def span(self, start: int, end: int) -> Span:
        """The span of the source behind ``text[start:end]``; joints at its ends do not count unless there is nothing else."""
        bare = self.text[start:end].strip(_JOINTS)
        if bare:
            start += self.text[start:end].index(bare)
            end = start + len(bare)
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return min(self.starts[start:end]), max(self.ends[start:end])

    def then(self, later: Aligned) -> Aligned:
        """The alignment of what a later step made of this text, with this text's source."""
        spans = [self._between(start, end) for start, end in zip(later.starts, later.ends, strict=True)]
        return Aligned(later.text, tuple(start for start, _ in spans), tuple(end for _, end in spans))

    def _between(self, start: int, end: int) -> Span:
        if start < end:
            return self.starts[start], self.ends[end - 1]
        at = self.ends[start - 1] if start else (self.starts[0] if self.starts else 0)
        return at, at


def align_segmented(text: str, segmented: str) -> Aligned:
    """Tie each character of ``segmented`` to the text a segmenter made it of.

    Segmenters put in and take out spaces and "_", and some exchange a letter for another one; a joint gets the gap between
    its neighbours. Where the letters do not even correspond in number, they are matched as `difflib` finds them.
    """
    before = [at for at, char in enumerate(text) if char not in _JOINTS]
    after = [at for at, char in enumerate(segmented) if char not in _JOINTS]
    starts, ends = [-1] * len(segmented), [-1] * len(segmented)
    for at, (start, end) in zip(after, _matched(text, before, segmented, after), strict=True):
        starts[at], ends[at] = start, end
    _fill_joints(starts, ends, len(text))
    return Aligned(segmented, tuple(starts), tuple(ends))


def _matched(text: str, before: list[int], segmented: str, after: list[int]) -> list[Span]:
    if len(before) == len(after):
        return [(at, at + 1) for at in before]
    letters = SequenceMatcher(None, [text[at] for at in before], [segmented[at] for at in after], autojunk=False)
    spans: list[Span] = []
    for kind, i, j, first, last in letters.get_opcodes():
        if kind == "equal":
            spans += [(at, at + 1) for at in before[i:j]]
        elif i < j:
            spans += [(before[i], before[j - 1] + 1)] * (last - first)
        else:
            put_in = before[i] if i < len(before) else len(text)
            spans += [(put_in, put_in)] * (last - first)
    return spans


def _fill_joints(starts: list[int], ends: list[int], length: int) -> None:
    """Give every joint the gap between the letters around it."""
    behind = 0
    for at, end in enumerate(ends):
        if starts[at] < 0:
            starts[at] = behind
        else:
            behind = end
    ahead = length
    for at in range(len(ends) - 1, -1, -1):
        if ends[at] < 0:
            ends[at] = max(ahead, starts[at])
        else:
            ahead = starts[at]
