"""What the blocks of a page are: prose, a link elsewhere, a caption, a teaser under the headline of another article, furniture.

The rules look at link density, pictures, repetition and position, and at words that class names share across sites ("caption",
"comment"); they name no site.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from enum import Enum
from functools import cached_property
from typing import Any

from detente.articles.asides import asides
from detente.articles.markup import Block, class_names
from detente.articles.shapes import Shape, folded, line_shape

LINKED = 0.6
"""Share of a line's characters in links from which it is a link."""
FULLY_LINKED = 0.9
"""The same of a sentence as long as those that quote another article at length."""
HEADLINE_WORDS = 4
PROSE_WORDS = 8
_MAX_CAPTION_WORDS = 60
_MAX_FIGURE_WORDS = 120
_LONG = 20
_QUOTING = 8
_MIN_DATA_ROWS = 3
_MAX_DATA_WORDS = 12

_CAPTION_CLASS = re.compile(r"caption|\b(?:image|photo|picture|pic|anh)\b")
_FURNITURE = {
    Shape.TIMESTAMP, Shape.SHARE, Shape.MENU, Shape.SECTION, Shape.PROMOTION, Shape.IMPRINT, Shape.SYMBOLS, Shape.IMAGE,
    Shape.COMMENTS, Shape.REPLY,
}  # fmt: skip
_STOPPED = re.compile(r"[.!?…:;][”\"»’')\]]*$")


class Role(Enum):
    """What a block is to the article of its page."""

    PICTURE = "picture"
    LINK = "link"
    CAPTION = "caption"
    TEASER = "teaser"
    ASIDE = "aside"
    FURNITURE = "furniture"
    BYLINE = "byline"
    SHORT = "short line"
    PROSE = "prose"


class Layout:
    """The blocks of a page with their roles, and how much prose each element holds."""

    def __init__(self, blocks: Sequence[Block], title: Block | None) -> None:
        self.blocks = list(blocks)
        self.title = title
        self._listing: dict[Any, bool] = {}
        self._lineages: dict[Any, tuple[Any, ...]] = {}
        self.at = {block: at for at, block in enumerate(self.blocks)}
        self.roles = {block: self._first_role(block) for block in self.blocks}
        teasers = [block for block in self.prose() if self._is_teaser(block)]
        self.roles |= dict.fromkeys(teasers, Role.TEASER)
        self.roles |= dict.fromkeys(asides(self), Role.ASIDE)

    def lineage(self, element: Any) -> tuple[Any, ...]:
        """An element and those around it, from the inside out."""
        if element not in self._lineages:
            above = element.getparent()
            self._lineages[element] = (element,) if above is None else (element, *self.lineage(above))
        return self._lineages[element]

    def prose(self) -> list[Block]:
        """The blocks that may be paragraphs of the article."""
        return [block for block in self.blocks if self.roles[block] is Role.PROSE]

    def inside(self, element: Any) -> list[Block]:
        """An element's blocks of text."""
        return self._inside[element]

    def holds_picture(self, element: Any) -> bool:
        """Whether a picture stands in an element."""
        return element in self._pictured

    def solid_prose(self) -> list[Block]:
        """Those of them that end as sentences do, or are long; all, if none is."""
        prose = self.prose()
        return [block for block in prose if _STOPPED.search(block.text) or block.n_words >= _LONG] or prose

    @property
    def n_headlines(self) -> int:
        """Links long enough to be headlines."""
        return sum(self.is_headline(block) for block in self.blocks)

    def is_headline(self, block: Block) -> bool:
        """Whether a block is a link long enough for the headline of an article elsewhere."""
        return self.roles[block] is Role.LINK and block.n_words >= HEADLINE_WORDS

    def _first_role(self, block: Block) -> Role:
        if block.is_picture:
            return Role.PICTURE
        if block is self.title:
            return Role.SHORT
        if block.linked >= (FULLY_LINKED if block.n_words >= _QUOTING and _STOPPED.search(block.text) else LINKED):
            return Role.LINK
        shape = line_shape(block.text)
        if shape is Shape.CAPTION or self._is_caption(block):
            return Role.CAPTION
        if shape in _FURNITURE:
            return Role.FURNITURE
        if shape is Shape.BYLINE:
            return Role.BYLINE
        if self._is_data(block):
            return Role.FURNITURE
        return Role.PROSE if block.n_words >= PROSE_WORDS or _STOPPED.search(block.text) else Role.SHORT

    @cached_property
    def _inside(self) -> dict[Any, list[Block]]:
        """Every element's blocks of text."""
        inside: dict[Any, list[Block]] = defaultdict(list)
        for block in self.blocks:
            if not block.is_picture:
                for element in self.lineage(block.element):
                    inside[element].append(block)
        return inside

    @cached_property
    def _n_words(self) -> dict[Any, int]:
        return {element: sum(block.n_words for block in blocks) for element, blocks in self._inside.items()}

    @cached_property
    def _n_prose(self) -> dict[Any, int]:
        """Every element's blocks of prose, teasers among them."""
        return Counter(element for block in self.prose() for element in self.lineage(block.element))

    @cached_property
    def _pictured(self) -> set[Any]:
        return {element for block in self.blocks if block.is_picture for element in self.lineage(block.element)}

    def _is_caption(self, block: Block) -> bool:
        for element in self.lineage(block.element):
            n_words = self._n_words[element]
            if n_words > _MAX_FIGURE_WORDS:
                return False
            if element.tag in ("figure", "figcaption"):
                return True
            if n_words <= _MAX_CAPTION_WORDS and (
                (element.tag == "table" and element in self._pictured) or _CAPTION_CLASS.search(class_names(element))
            ):
                return True
        return False

    def _is_data(self, block: Block) -> bool:
        tables = self._data_tables
        table = next((element for element in self.lineage(block.element) if element in tables), None) if tables else None
        return table is not None and tables[table]

    @cached_property
    def _data_tables(self) -> dict[Any, bool]:
        tables = {element for element in self._inside if element.tag == "table"}
        return {table: self._holds_data(table) for table in tables}

    def _holds_data(self, table: Any) -> bool:
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        n_wide = sum(len(row) > 1 for row in cells)
        filled = [self._n_words[cell] for row in cells for cell in row if cell in self._n_words]
        return n_wide >= _MIN_DATA_ROWS and 2 * n_wide > len(rows) and sum(filled) <= _MAX_DATA_WORDS * len(filled)

    def _is_teaser(self, block: Block) -> bool:
        """Whether the only prose of its box stands beside a linked headline, or right under a heading that is a link."""
        above = self._neighbour(block, -1)
        if above is not None and self._heads(above, block) and self._lists(block.element.getparent()):
            return True
        box = self._box(block)
        if box is None or (self.title is not None and self.title in self._inside[box]):
            return False
        beside = [other for other in self._inside[box] if self.is_headline(other)]
        below = self._neighbour(block, 1)
        return (above is not None and above in beside) or (
            below is not None and below in beside and below.is_heading and below.element is not block.element
        )

    def _lists(self, element: Any) -> bool:
        """Whether linked headings stand above more than one of an element's paragraphs, and above most."""
        if element not in self._listing:
            prose = [each for each in self._inside[element] if self.roles[each] is Role.PROSE]
            headed = sum((above := self._neighbour(each, -1)) is not None and self._heads(above, each) for each in prose)
            self._listing[element] = headed > 1 and 2 * headed > len(prose)
        return self._listing[element]

    def _heads(self, above: Block, block: Block) -> bool:
        """Whether a linked heading stands right above a block, both straight in one element."""
        return self.is_headline(above) and above.is_heading and above.element.getparent() is block.element.getparent()

    def _box(self, block: Block) -> Any:
        """The largest element of whose blocks this one alone is prose."""
        box = None
        for element in self.lineage(block.element):
            if element.tag in ("body", "html") or self._n_prose[element] > 1:
                break
            box = element
        return box

    def _neighbour(self, block: Block, step: int) -> Block | None:
        """The next block up or down that is no picture, date or short line."""
        at = self.at[block] + step
        while 0 <= at < len(self.blocks):
            other = self.blocks[at]
            if other is self.title or not (
                self.roles[other] in (Role.PICTURE, Role.FURNITURE, Role.SHORT, Role.BYLINE, Role.CAPTION)
                or (self.roles[other] is Role.LINK and other.n_words < HEADLINE_WORDS)
            ):
                return other
            at += step
        return None


def same_text(first: str, second: str) -> bool:
    """Whether two lines say the same, but for case, spaces and outer marks."""
    return bool(first) and folded(first) == folded(second)
