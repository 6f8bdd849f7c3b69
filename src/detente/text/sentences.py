"""Sentence boundaries of Vietnamese news prose.

The libraries at hand cut inside quotations, after "TP." and before a closing quotation mark, or lose the offsets, so the
rule is written out here. A boundary is a run of ``. ! ? …`` with the marks that close behind it, followed by white space
and something that can begin a sentence. It is no boundary inside a quotation or a bracket, nor after an abbreviation or
an initial. A quotation longer than ``MAX_QUOTATION_WORDS`` is cut at its inner boundaries all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from detente.records import Span

MAX_QUOTATION_WORDS = 200
# No 200 words of Vietnamese are as long; spares counting the words of a page that opens quotations and closes none.
_MAX_CHARACTERS = 12_000

_ABBREVIATIONS = frozenset({
    "tp", "tx", "tt", "q", "p", "ô", "gs", "pgs", "ts", "ths", "cn", "ks", "bs", "ds", "ls", "đc", "tr", "st", "mr",
    "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "rev", "hon", "jr", "sr", "vs", "inc", "ltd", "co", "corp",
    "dept", "est", "jan", "feb", "mar", "apr", "aug", "sept", "oct", "nov", "dec", "ng", "th",
})  # fmt: skip
_BEFORE_NUMBER = frozenset({"no", "vol", "art"})
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
# The second alternative is a stop that lost the space behind it: "gặp nhau.Sau đó".
_BOUNDARY = re.compile(
    r"""(?P<stop>[.!?…]+)(?P<close>[”"»’')\]]*)(?=[\s\u200b\u200c\u200d\u2060\ufeff]|(?<=[a-zà-ỹđ][.!?])[^\W\d_a-zà-ỹđ][a-zà-ỹđ]+\s)"""
)
_BEFORE_STOP = re.compile(r"[\w.]*$")
_INITIALS = re.compile(r"(?:^|\.)[^\W\d_]$")
_OPENERS = "“\"«‘'(["


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The spans of the sentences of one paragraph ``text[start:end]``.

    The spans are in code points of ``text``, in order, without white space at their ends, and leave nothing out but white
    space. A quotation mark that is not closed ends with the paragraph.

    >>> [text[a:b] for text in ["Ông đến TP. Hà Nội ngày 16/1. “Tốt. Rất tốt”, ông nói."] for a, b in split_sentences(text)]
    ['Ông đến TP. Hà Nội ngày 16/1.', '“Tốt. Rất tốt”, ông nói.']
    """
    end = len(text) if end is None else end
    enclosed = _enclosed(text, start, end)
    cuts = [
        match.end()
        for match in _BOUNDARY.finditer(text, start, end)
        if _begins_sentence(text, match.end(), end)
        and not _is_abbreviation(text, match, start)
        and not _is_inside(enclosed, match.start(), match.end())
    ]
    spans = []
    for a, b in zip([start, *cuts], [*cuts, end], strict=True):
        while a < b and _is_blank(text[a]):
            a += 1
        while b > a and _is_blank(text[b - 1]):
            b -= 1
        if a < b:
            spans.append((a, b))
    return spans


def _is_blank(mark: str) -> bool:
    return mark.isspace() or mark in _INVISIBLE


def _begins_sentence(text: str, at: int, end: int) -> bool:
    while at < end and _is_blank(text[at]):
        at += 1
    while at < end and text[at] in _OPENERS:
        at += 1
    return at < end and (text[at].isupper() or text[at].isdigit() or text[at] in "-–—•")


def _is_abbreviation(text: str, match: re.Match[str], start: int) -> bool:
    """Whether a single full stop belongs to the word before it: "TP.", "GS.TS.", "George W.", "1." opening a line."""
    if match["stop"] != "." or match["close"]:
        return False
    before = _BEFORE_STOP.search(text, max(start, match.start() - 40), match.start())
    word = before.group() if before else ""
    if word.isdigit():
        # "2." numbers what follows where nothing, or an end of a sentence, stands before it.
        above = text[max(start, match.start() - len(word) - 40) : match.start() - len(word)].rstrip()
        last_above = above.split()[-1] if above else ""
        return (not above or above[-1] in ".!?…:;") and last_above.rstrip(".").casefold() not in _BEFORE_NUMBER
    last = word.rsplit(".", 1)[-1]
    if last.casefold() in _BEFORE_NUMBER:
        return text[match.end() :].lstrip()[:1].isdigit()
    # An initial is a capital; "ông A." at the end of a sentence is the price of "George W. Bush".
    return last.casefold() in _ABBREVIATIONS or bool(_INITIALS.search(word) and last.isupper())


def _enclosed(text: str, start: int, end: int) -> list[Span]:
    """Spans inside quotation marks or brackets, from the opening to behind the closing mark.

    Curly and straight marks close each other, since scraped pages mix them; inner quotations are part of the outer one. A
    bracket or a single mark that is never closed encloses nothing; a quotation that is never closed runs to the end.
    """
    spans: list[Span] = []
    quotations: list[int] = []
    pairs: dict[str, list[int]] = {")": [], "’": []}
    for at in range(start, end):
        mark = text[at]
        # A straight mark opens where a word could begin; behind a letter or a digit (5" guns) it closes, or is no mark at all.
        opens = mark == '"' and not quotations and (at == start or text[at - 1].isspace() or text[at - 1] in "([{‘:/–—-")
        if mark in "“«" or opens:
            quotations.append(at)
        elif mark in '”»"' and quotations:
            spans.append((quotations.pop(), at + 1))
        elif mark in "(‘":
            pairs[")" if mark == "(" else "’"].append(at)
        elif mark in pairs and pairs[mark] and not (mark == "’" and text[at + 1 : at + 2].isalpha()):
            spans.append((pairs[mark].pop(), at + 1))
    if quotations:
        spans.append((quotations[0], end))
    return _merged((a, b) for a, b in spans if b - a <= _MAX_CHARACTERS and len(text[a:b].split()) <= MAX_QUOTATION_WORDS)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that nest or cross as one."""
    merged: list[Span] = []
    for a, b in sorted(spans):
        if merged and a < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return merged


def _is_inside(spans: Sequence[Span], start: int, end: int) -> bool:
    at = bisect_left(spans, (start, 0)) - 1
    return at >= 0 and end < spans[at][1]
