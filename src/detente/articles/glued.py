"""What scrapers glue to a paragraph on its own line: a menu or a date before it, captions inside it, a name behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from detente.articles.outlets import SECTIONS
from detente.records import Span
from detente.text.sentences import split_sentences

PROSE_WORDS = 8
"""What is glued to fewer words than these is left to the rules for whole lines."""
MAX_TAIL_WORDS = 10
_MAX_CAPTION_WORDS = 45

MENU_WORDS = SECTIONS | {
    "trang chủ", "trang nhất", "mới nhất", "podcast", "ý kiến", "thư giãn", "ô tô", "xe máy", "nhà đất", "tuyển sinh", "số hóa",
    "quốc hội", "đọc nhiều", "đa phương tiện", "media", "ảnh", "infographic", "megastory", "emagazine", "rao vặt", "e-paper",
}  # fmt: skip
_MENU = re.compile(r"(?:[^|›»>•/.,!?:]{2,25}[^\S\n]*[|›»>•][^\S\n]*){2,}")
_SECTION = "|".join(re.escape(name) for name in sorted(MENU_WORDS, key=len, reverse=True))
_SECTIONS = re.compile(rf"(?<!\w)(?:{_SECTION})(?!\w)", re.IGNORECASE)
_UNMARKED_MENU = re.compile(rf"(?:(?:{_SECTION})[^\S\n]+){{3,}}(?=[^\W\d_])", re.IGNORECASE)
_MIN_SECTIONS = 3
_DAY = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"
_TIME = r"\d{1,2}[:hg]\d{2}(?::\d{2})?"
_ZONE = r"(?:\s*\(?GMT\s*\+\s*7\)?)?"
_WEEKDAY = r"(?:(?:thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)[,.]?\s*)?"
_JOINT = r"\s*[,|–-]?\s*"
_DATED = re.compile(
    rf"(?:(?:cập nhật|đăng)(?: lúc)?\s*:?\s*)?{_WEEKDAY}(?:ngày\s*)?"
    rf"(?:{_DAY}{_JOINT}(?:lúc\s*)?{_TIME}|{_TIME}{_JOINT}(?:ngày\s*)?{_DAY}){_ZONE}\s*[|–-]?\s*(?=[^\W\d_]|[“\"(])",
    re.IGNORECASE,
)
# A credit inside a line ends with its bracket or full stop, or is one word or an agency.
_CREDIT = re.compile(
    r"(?<=[.!?…\s(\[])(?:Ảnh|ẢNH|Photo)(?: (?:minh họa|minh hoạ|tư liệu))?\s*:\s*"
    r"(?:(?P<closed>[^.()\[\]:“”\"]{2,40}?)[.)\]]+|(?P<open>[^\s.()\[\]:“”\"]{2,30}))(?=\s|$)\s*"
)

_PROSE = re.compile(rf"\s*(?:\S+\s+){{{PROSE_WORDS - 1}}}\S")
"""As many words as prose has at least."""


class Glued(Enum):
    """What a part of a line is."""

    TEXT = "text"
    MENU = "menu"
    DATE = "date"
    CAPTION = "caption"


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, int, Glued]]:
    """The parts of a line ``text[start:end]`` in order; a line with nothing glued to it is one part."""
    for kind, length in _openings(text[start:end]):
        yield start, start + length, kind
        start += length
    for a, b in list(_captions(text, start, end)):
        if start < a:
            yield start, a, Glued.TEXT
        yield a, b, Glued.CAPTION
        start = b
    if start < end:
        yield start, end, Glued.TEXT


def is_menu(line: str) -> bool:
    """Whether a line is, for the most part, the names of a paper's sections."""
    found = _SECTIONS.findall(line)
    return len(found) >= _MIN_SECTIONS and 5 * sum(len(name.split()) for name in found) >= 3 * len(line.split())


def tail(text: str, start: int, end: int) -> int | None:
    """Where the few words begin that stand behind the last sentence of a line without a full stop of their own."""
    words = text[start:end].split()
    if len(words) <= PROSE_WORDS or words[-1][-1:] in '.!?…:;”"»' or not re.search(r"[.!?…]", text[start:end]):
        return None
    spans = split_sentences(text, start, end)
    if len(spans) < 2 or len(text[slice(*spans[-1])].split()) > MAX_TAIL_WORDS:
        return None
    return spans[-1][0]


def _openings(line: str) -> Iterator[tuple[Glued, int]]:
    start = 0
    order = ((Glued.MENU, _MENU), (Glued.MENU, _UNMARKED_MENU), (Glued.DATE, _DATED), (Glued.MENU, _MENU))
    for kind, pattern in order:
        match = pattern.match(line, start)
        if match is None or len(line[match.end() :].split()) < PROSE_WORDS:
            continue
        end = match.end()
        end += _section(line[end:])
        yield kind, end - start
        start = end


def _section(rest: str) -> int:
    """How much of what follows a menu is the name of one more section, glued to the prose."""
    words = rest.split()[:4]
    for n in (3, 2, 1):
        if " ".join(words[:n]).casefold() in SECTIONS and words[n : n + 1] and words[n][0].isupper():
            return rest.index(words[n], len(" ".join(words[:n])))
    return 0


def _captions(text: str, start: int, end: int) -> Iterator[Span]:
    for credit in _CREDIT.finditer(text, start, end):
        named = credit["closed"] or credit["open"]
        starts_prose = text[credit.end() : credit.end() + 1].isupper() or text[credit.end() : credit.end() + 1] in "“\"(‘'"
        if credit.start() < start or not _PROSE.match(text, credit.end(), end) or not starts_prose or not named[0].isupper():
            continue
        above = split_sentences(text, start, credit.start())
        caption = above[-1] if above else (credit.start(), credit.start())
        is_caption = len(text[slice(*caption)].split()) <= _MAX_CAPTION_WORDS
        yield (caption[0] if is_caption else credit.start()), credit.end()
        start = credit.end()
