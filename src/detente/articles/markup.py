"""A parsed page → its blocks: the pieces of text that stand on lines of their own, with what the markup says of each."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from detente.articles.outlets import is_outlet

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = HEADINGS | {
    "html", "body", "p", "div", "section", "article", "main", "header", "li", "ul", "ol", "dl", "dt", "dd", "table", "tbody",
    "thead", "tfoot", "tr", "td", "th", "caption", "blockquote", "figure", "figcaption", "center", "form", "fieldset",
    "address", "pre", "hr", "title", "picture", "details", "summary",
}  # fmt: skip
_SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "svg",
        "math",
        "button",
        "select",
        "option",
        "textarea",
        "object",
        "canvas",
        "audio",
        "video",
        "nav",
        "footer",
        "aside",
        "dialog",
        "map",
    ]
)
_PICTURES = frozenset({"img", "amp-img"})
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_AS_BLOCK = re.compile(r"display\s*:\s*block", re.IGNORECASE)
_FOR_READERS_ALOUD = re.compile(r"\b(?:visually-hidden|visuallyhidden|sr-only|screen-reader(?:-text)?)\b", re.IGNORECASE)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
# What a link that advertises another article begins with.
_POINTS_ELSEWHERE = re.compile(r"\s*(?:>|»|►|▶|»|→|\[?\s*(?:xem|đọc) (?:thêm|tiếp|ngay)\b)", re.IGNORECASE)
_MAX_STAMP_WORDS = 4


@dataclass(eq=False, slots=True)
class Block:
    """A line of text, or a picture (then ``text`` is what stands for it).

    ``element`` is the nearest element that makes lines; the shares are of the text's characters; ``n_words`` are parted by
    white space.
    """

    text: str
    element: Any = field(repr=False)
    is_picture: bool = False
    linked: float = 0.0
    bold: float = 0.0
    italic: float = 0.0
    centred: bool = False
    level: int = 0
    n_words: int = field(init=False)

    def __post_init__(self) -> None:
        self.n_words = len(self.text.split())

    @property
    def is_heading(self) -> bool:
        """Whether it stands in a heading of any level."""
        return self.level > 0


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    linked: bool
    bold: bool
    italic: bool
    inline: Any


def squeezed(text: str) -> str:
    """Text in NFC with single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def page_blocks(tree: Any) -> list[Block]:
    """The blocks of a page in order; scripts, menus, footers and what is hidden are left out."""
    return _Reader().read(tree)


def class_names(element: Any) -> str:
    """Class and id of an element, as one text in lower case."""
    return f"{element.get('class') or ''} {element.get('id') or ''}".casefold()


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.pieces: list[_Piece] = []
        self.pictures: list[Any] = []
        self.depth: Counter[str] = Counter()
        self.lines: list[Any] = []
        self.inline: list[Any] = []

    def read(self, tree: Any) -> list[Block]:
        from lxml import etree

        walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if not isinstance(element.tag, str):
                self._text(element.tail)
            elif event == "start":
                if is_hidden(element):
                    walk.skip_subtree()
                else:
                    self._open(element)
            else:
                self._close(element)
        self._flush()
        return self.blocks

    def _open(self, element: Any) -> None:
        tag = element.tag
        if _is_block(element):
            self._flush()
            self.lines.append(element)
        elif tag in _PICTURES:
            # A picture inside a sentence does not part it.
            self.pictures.append(element)
            if not self.pieces:
                self._flush()
        elif tag == "br":
            self._flush()
        else:
            self.inline.append(element)
        self.depth[_style(element)] += 1
        self._text(element.text)

    def _close(self, element: Any) -> None:
        if not is_hidden(element):
            if _is_block(element):
                self._flush()
                self.lines.pop()
            elif element.tag not in _PICTURES and element.tag != "br":
                self.inline.pop()
            self.depth[_style(element)] -= 1
        self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if text and (self.pieces or text.strip()):
            d = self.depth
            self.pieces.append(
                _Piece(text, bool(d["link"]), bool(d["bold"]), bool(d["italic"]), self.inline[0] if self.inline else None)
            )

    def _flush(self) -> None:
        for pieces in _parted(self.pieces):
            if block := self._block(pieces):
                self.blocks.append(block)
        self.pieces = []
        for picture in self.pictures:
            line = self._line()
            self.blocks.append(Block(squeezed(picture.get("alt") or ""), picture if line is None else line, is_picture=True))
        self.pictures = []

    def _line(self) -> Any:
        return self.lines[-1] if self.lines else None

    def _block(self, pieces: list[_Piece]) -> Block | None:
        text = squeezed("".join(piece.text for piece in pieces))
        element = self._line()
        if not text or element is None:
            return None
        n = sum(_size(piece) for piece in pieces) or 1
        return Block(
            text,
            element,
            linked=sum(_size(piece) for piece in pieces if piece.linked) / n,
            bold=sum(_size(piece) for piece in pieces if piece.bold) / n,
            italic=sum(_size(piece) for piece in pieces if piece.italic) / n,
            centred=any(_is_centred(line) for line in self.lines[-2:]),
            level=next((int(line.tag[1]) for line in self.lines[:-4:-1] if line.tag in HEADINGS), 0),
        )


def _is_block(element: Any) -> bool:
    """Whether an element's text stands on lines of its own; so does, most often, that of elements a site has invented."""
    tag = element.tag
    return tag in _BLOCKS or ("-" in tag and tag not in _PICTURES) or bool(_AS_BLOCK.search(element.get("style") or ""))


def is_hidden(element: Any) -> bool:
    """Whether an element and all in it is none of what readers of the page see, or a menu, a margin or a footer."""
    if element.tag in _SKIPPED or element.get("hidden") is not None:
        return True
    style = element.get("style")
    if style and _INVISIBLE.search(style):
        return True
    return bool(_FOR_READERS_ALOUD.search(element.get("class") or ""))


def _parted(pieces: list[_Piece]) -> list[list[_Piece]]:
    """A line's pieces, with a place or source set right before its first word, and links to other articles, taken apart."""
    stamp = 0
    while stamp < len(pieces) and pieces[stamp].inline is not None and pieces[stamp].inline is pieces[0].inline:
        stamp += 1
    before, after = "".join(piece.text for piece in pieces[:stamp]), "".join(piece.text for piece in pieces[stamp:])
    abuts = before[-1:].isalnum() and after[:1].isupper() and len(before) > 1
    is_stamp = len(before.split()) <= _MAX_STAMP_WORDS and (abuts or (after.lstrip()[:1].isupper() and is_outlet(before)))
    groups: list[list[_Piece]] = [pieces[:stamp], []] if is_stamp else [[]]
    for piece in pieces[stamp if is_stamp else 0 :]:
        if piece.linked and _POINTS_ELSEWHERE.match(piece.text) and groups[-1]:
            groups.append([])
        groups[-1].append(piece)
    return groups


def _size(piece: _Piece) -> int:
    return sum(not c.isspace() for c in piece.text)


def _style(element: Any) -> str:
    """What an inline element makes of its text."""
    if element.tag == "a":
        return "link" if element.get("href") is not None else ""
    if element.tag in ("b", "strong") or element.tag in HEADINGS:
        return "bold"
    return "italic" if element.tag in ("i", "em") else ""


def _is_centred(element: Any) -> bool:
    aligned = (element.get("align") or "").casefold() if element.tag != "table" else ""
    return element.tag == "center" or aligned in ("center", "middle") or bool(_CENTRED.search(element.get("style") or ""))
