"""Sentence boundaries of Vietnamese news prose.

The libraries at hand cut inside quotations, after "TP." and before a closing quotation mark, or lose the offsets, so the
rule is written out here. A boundary is a run of ``. ! ? …`` with the marks that close behind it, followed by white space
and something that can begin a sentence, or, where that space was lost, by a word that can. It is no boundary inside a
quotation or a bracket, nor after an abbreviation or an initial. A quotation longer than ``MAX_QUOTATION_WORDS`` is cut at its
inner boundaries all the same. Letters are told by what Unicode says of them: a range such as à to ỹ holds capitals too.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from detente.records import Span

MAX_QUOTATION_WORDS = 200

_ABBREVIATIONS = frozenset({
    "tp", "tx", "tt", "q", "p", "gs", "pgs", "ts", "ths", "cn", "ks", "bs", "ds", "ls", "đc", "tr", "st", "mr",
    "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "rev", "hon", "jr", "sr", "vs", "inc", "ltd", "co", "corp",
    "dept", "est", "jan", "feb", "mar", "apr", "aug", "sept", "oct", "nov", "dec", "ng", "th",
})  # fmt: skip
# Words that open sentences and are in no name: "Nguyễn Văn T. Tại cơ quan điều tra", "UBND TP. Khi được hỏi".
_OPENING_WORDS = frozenset({
    "Bà", "Bởi", "Các", "Chị", "Còn", "Cùng", "Cũng", "Do", "Dù", "Đây", "Đến", "Để", "Khi", "Không", "Lúc", "Mỗi",
    "Ngay", "Ngày", "Ngoài", "Người", "Nhiều", "Nhưng", "Những", "Nếu", "Ông", "Qua", "Rồi", "Sau", "Tại", "Theo",
    "Trên", "Trong", "Trước", "Tuy", "Vào", "Vì", "Với", "Vụ", "Ở",
})  # fmt: skip
_BEFORE_NUMBER = frozenset({"no", "vol", "art"})
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
# What follows a stop that lost its space and is no sentence: VnExpress.Net, Booking.Com. None is a word of Vietnamese.
_DOMAINS = frozenset({
    "asia", "biz", "club", "com", "edu", "gov", "info", "io", "js", "mobi", "net", "news", "online", "org", "tv", "vn", "xyz",
})  # fmt: skip
# Possessive: a run of stops is one stop, however long, and is looked at once.
_BOUNDARY = re.compile(r"""(?P<stop>[.!?…]++)(?P<close>[”"»’')\]]*+)""")
# \w knows no combining marks, which a decomposed text has.
_BEFORE_STOP = re.compile(r"[\w.\u0300-\u036f]*$")
_WORD = re.compile(r"[\w\u0300-\u036f]+")
_CHUNK = re.compile(r"\S+")
_SECOND_WORD = re.compile(r"[\s,]+\w")
_OPENING = re.compile(r"\s+([\w\u0300-\u036f]+),?\s+[^\W\d_]")
_NUMBER = re.compile(r"\d+(?:\.\d+)+|[IVX]+|[a-zđ]")
"""What numbers a paragraph at its beginning, beside a number: "2.1.", "II.", "a."."""
_BULLETS = "-–—•+*▪■●◦"
_NEXT_LABEL = re.compile(r"\.[a-z0-9]")
_ADDRESS = re.compile(r"(?:://|www\.|@|[a-z]\.[a-z]{2,}/)\S*$", re.IGNORECASE)
_QUOTATION_MARKS = '“”„«»"'
_BEFORE_OPENING = "([{‘:/–—-"
_OPENERS = "“”„\"«‘'(["


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
        if _begins_sentence(text, match, start, end)
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


def _begins_sentence(text: str, stop: re.Match[str], start: int, end: int) -> bool:
    """Whether what stands behind a stop can begin a sentence."""
    at = stop.end()
    while at < end and _is_blank(text[at]):
        at += 1
    parted = at > stop.end()
    while at < end and text[at] in _OPENERS:
        at += 1
    if at == end:
        return False
    if not parted:
        return text[at].isupper() and _lost_its_space(text, stop, _WORD.match(text, at, end), start)
    return text[at].isupper() or text[at].isdigit() or text[at] in _BULLETS


def _lost_its_space(text: str, stop: re.Match[str], after: re.Match[str] | None, start: int) -> bool:
    """Whether a stop with a capital right behind it ends a sentence: "gặp nhau.Đến nay", not "VnExpress.Net" or "V.Putin"."""
    if after is None or _is_address(text, stop, after, start):
        return False
    last, first = _word_before(text, stop, start).rsplit(".", 1)[-1], unicodedata.normalize("NFC", after.group())
    if last.isdigit():
        return first.istitle() and _is_word(first)
    if last.isupper() and len(last) > 1:
        # "5 tỉ USD.Trong khi đó", not "BV.Chợ Rẫy": a name goes on with a capital.
        second = _SECOND_WORD.match(text, after.end())
        return first.istitle() and _is_word(first) and second is not None and second.group()[-1].islower()
    return _is_word(first) and (not last or last.islower() or _is_word(last))


def _word_before(text: str, stop: re.Match[str], start: int) -> str:
    """The word that a stop follows, with the stops inside it, composed."""
    before = _BEFORE_STOP.search(text, max(start, stop.start() - 40), stop.start())
    return unicodedata.normalize("NFC", before.group()) if before else ""


def _is_address(text: str, stop: re.Match[str], after: re.Match[str], start: int) -> bool:
    """Whether a stop stands inside the name of a site or a page."""
    if after.group().casefold() in _DOMAINS or _NEXT_LABEL.match(text, after.end()):
        return True
    return _ADDRESS.search(text[max(start, stop.start() - 100) : stop.start()]) is not None


def _is_word(letters: str) -> bool:
    """Whether letters are a word: several, or one that carries a mark, as *Ý* and *ở* do; other single ones are initials."""
    return len(letters) > 1 or bool(unicodedata.decomposition(letters))


def _is_abbreviation(text: str, match: re.Match[str], start: int) -> bool:
    """Whether a single full stop belongs to the word before it: "TP.", "GS.TS.", "George W.", "1." opening a line."""
    if match["stop"] != "." or match["close"]:
        return False
    word = _word_before(text, match, start)
    above = text[max(start, match.start() - len(word) - 40) : match.start() - len(word)].rstrip()
    last_above = above.split()[-1] if above else ""
    if word.isdigit() or (not above and _NUMBER.fullmatch(word)):
        # "2." numbers what follows where nothing, or an end of a sentence, stands before it.
        return (not above or above[-1] in ".!?…:;") and last_above.rstrip(".").casefold() not in _BEFORE_NUMBER
    last = word.rsplit(".", 1)[-1]
    if last.casefold() in _BEFORE_NUMBER:
        return text[match.end() : match.end() + 40].lstrip()[:1].isdigit()
    if word == "Ô":
        # Short for "Ông", but the end of a name in "Nam Ô".
        return not last_above.istitle()
    return _is_short(word, last) and not _opens_sentence(text, match.end(), is_initial=len(last) == 1)


def _is_short(word: str, last: str) -> bool:
    """Whether a word, or the last part of one that holds stops, is an initial or an abbreviation."""
    if len(last) == 1 and last.isupper():
        # "ông A." at the end of a sentence is the price of "George W. Bush". A capital with a mark is a word ("Đông Nam Á.",
        # "Đức và Ý."), unless it stands among initials: "N.T.Á.".
        return word != last or not _is_word(last)
    return last.casefold() in _ABBREVIATIONS


def _opens_sentence(text: str, at: int, *, is_initial: bool) -> bool:
    """Whether words stand at a place that open sentences and are in no name, as *Bà* is in "TP. Bà Rịa"."""
    opening = _OPENING.match(text, at)
    if opening is None or unicodedata.normalize("NFC", opening[1]) not in _OPENING_WORDS:
        return False
    return opening.group()[-1].islower() or (is_initial and unicodedata.normalize("NFC", opening[1]) in ("Ông", "Bà", "Chị"))


def _enclosed(text: str, start: int, end: int) -> list[Span]:
    """Spans inside quotation marks or brackets, from the opening to behind the closing mark.

    Curly and straight marks close each other, since scraped pages mix them; inner quotations are part of the outer one. A
    bracket or a single mark that is never closed encloses nothing; a quotation that is never closed runs to the end.
    """
    spans: list[Span] = []
    quotations: list[int] = []
    pairs: dict[str, list[int]] = {")": [], "’": [], "'": []}
    for at in range(start, end):
        mark = text[at]
        if mark in _QUOTATION_MARKS:
            if not _opens_quotation(text, at, start, inside=bool(quotations)):
                if quotations:
                    spans.append((quotations.pop(), at + 1))
            elif mark != '"' or not quotations:
                quotations.append(at)
        elif mark in "(‘" or (mark == "'" and _is_outward(text, at, start)):
            pairs[{"(": ")", "‘": "’", "'": "'"}[mark]].append(at)
        elif mark in pairs and pairs[mark] and not (mark in "’'" and text[at + 1 : at + 2].isalpha()):
            spans.append((pairs[mark].pop(), at + 1))
    if quotations:
        spans.append((quotations[0], end))
    words = [match.start() for match in _CHUNK.finditer(text, start, end)] if spans else []
    return _merged((a, b) for a, b in spans if bisect_left(words, b) - bisect_right(words, a) < MAX_QUOTATION_WORDS)


def _opens_quotation(text: str, at: int, start: int, *, inside: bool) -> bool:
    """Whether a quotation mark opens.

    A straight one opens where a word could begin; behind a letter or a digit (5" guns) it closes, or is no mark at all. A curly
    one says it by its shape, but some pages have one shape for both ends: “tốt“ and ”tốt”.
    """
    mark = text[at]
    if mark == '"':
        return not inside and (at == start or text[at - 1].isspace() or text[at - 1] in _BEFORE_OPENING)
    if mark == "“" and inside:
        return not _is_inward(text, at, start)
    return mark in "“«„" or (mark == "”" and not inside and _is_outward(text, at, start))


def _is_outward(text: str, at: int, start: int) -> bool:
    """Whether a mark stands at the beginning of a word: nothing before it that it could close."""
    return (at == start or text[at - 1].isspace() or text[at - 1] in _BEFORE_OPENING) and text[at + 1 : at + 2].isalnum()


def _is_inward(text: str, at: int, start: int) -> bool:
    """Whether a mark stands at the end of a word, and nothing behind it that it could open."""
    before, behind = text[at - 1 : at] if at > start else " ", text[at + 1 : at + 2]
    return not before.isspace() and before not in _BEFORE_OPENING + "“„«" and not behind.isalnum()


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
