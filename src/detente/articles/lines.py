"""The lines of a scraped page, in pieces, each with its shape."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from detente.articles.glued import Glued, parts, tail
from detente.articles.shapes import MARKER, Shape, folded, is_name, line_shape
from detente.articles.wrapped import raw_lines

_GLUED = {Glued.MENU: Shape.MENU, Glued.DATE: Shape.TIMESTAMP, Glued.CAPTION: Shape.CAPTION}
_BEHIND = {Shape.BYLINE, Shape.IMPRINT, Shape.PROMOTION, Shape.TIMESTAMP, Shape.SHARE}
_BY_MARKUP = {Shape.BODY, Shape.QUESTION, Shape.HEADLINE, Shape.LABEL, Shape.LIST_ITEM}
"""The shapes that say too little for a page's markup not to know better."""


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of a page's line: where it stands, its text in NFC (for looking at only) and its shape."""

    number: int
    start: int
    end: int
    text: str
    shape: Shape

    @property
    def n_words(self) -> int:
        """White-space separated words that hold a letter or digit."""
        return sum(any(c.isalnum() for c in word) for word in self.text.split())

    @property
    def is_marked(self) -> bool:
        """Whether it begins with a bullet or a number, as the items of a list do."""
        return bool(MARKER.match(self.text))


# What may not end has a limit or ends at the next of its kind: a line of a hundred thousand beginnings is read once, not as
# often as it has them.
_IMAGE = re.compile(
    r"<(?P<tag>(?:\w{1,20}:)?image)\b[^<>]*>.*?(?:</(?P=tag)>|$)|<img\b[^>]*>?|!\[[^\]]{0,1000}\]\([^)]{0,4000}\)|data:image/\S+",
    re.IGNORECASE,
)
_ALT = re.compile(r"""alt=(["'])(?P<alt>.*)\1""", re.DOTALL)
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def page_lines(text: str, shapes: Mapping[int, Shape] | None = None) -> list[Line]:
    """The non-blank pieces of a page's lines in order.

    Image data, and what scrapers glue to a paragraph, is cut out of the line it stands in, so that what surrounds it is judged
    on its own. ``shapes``: start → the shape that a page's markup gives a line, unless its words make it furniture.
    """
    lines: list[Line] = []
    for number, start, end in raw_lines(text, unwrap=shapes is None):
        at = start
        for image in _IMAGE.finditer(text, start, end):
            lines.extend(_pieces(text, number, at, image.start()))
            lines.append(Line(number, image.start(), image.end(), image.group(), Shape.IMAGE))
            at = image.end()
        lines.extend(_pieces(text, number, at, end))
    if not shapes:
        return lines
    return [
        replace(line, shape=shapes[line.start]) if line.start in shapes and line.shape in _BY_MARKUP else line for line in lines
    ]


def alt_text(line: Line) -> str | None:
    """The alternative text of an image line, folded; None for any other line."""
    alt = _ALT.search(line.text) if line.shape is Shape.IMAGE else None
    return folded(alt["alt"]) if alt else None


def _pieces(text: str, number: int, start: int, end: int) -> Iterator[Line]:
    for a, b, kind in parts(text, *_stripped(text, start, end)):
        a, b = _stripped(text, a, b)
        if kind is not Glued.TEXT:
            yield Line(number, a, b, _seen(text, a, b), _GLUED[kind])
            continue
        behind = tail(text, a, b)
        if behind is not None and (not _is_furniture(_seen(text, behind, b)) or line_shape(_seen(text, a, b)) is Shape.CAPTION):
            behind = None
        for c, d in ((a, b),) if behind is None else (_stripped(text, a, behind), (behind, b)):
            if c < d:
                seen = _seen(text, c, d)
                yield Line(number, c, d, seen, line_shape(seen) if c != behind else _behind(seen))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start].isspace() or text[start] in _INVISIBLE):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _INVISIBLE):
        end -= 1
    return start, end


def _seen(text: str, start: int, end: int) -> str:
    return re.sub(r"(?<!\s)\s*\n\s*", " ", unicodedata.normalize("NFC", text[start:end]))


def _is_furniture(text: str) -> bool:
    """Whether the words behind a sentence name a writer or a source, or are contacts or an advertisement."""
    is_agency = len(text.split()) == 1 and len(text) > 2 and text.isupper()
    return is_name(text) or is_agency or line_shape(text) in _BEHIND


def _behind(text: str) -> Shape:
    shape = line_shape(text)
    return shape if shape in _BEHIND else Shape.BYLINE
