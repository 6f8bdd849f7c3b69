"""What on a page is beside its article: comments, boxes of other articles, what the site asks of its readers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from detente.articles.markup import Block, class_names
from detente.articles.shapes import Shape, folded, is_comments, line_shape

if TYPE_CHECKING:
    from detente.articles.roles import Layout

_MAX_SHARE = 0.4
_MAX_COMMENT_SHARE = 0.9
_ABOVE_COMMENTS = 2
"""Paragraphs that stand above comments at least."""
_MAX_ASKING = 3
_TYPED = frozenset({"text", "email", "tel", "number"})
_COMMENTS = frozenset({"bình luận", "nhận xét", "phản hồi", "thảo luận", "ý kiến"})
_CLASS = re.compile(
    r"comment|binh-?luan|y-?kien|feedback|relat(?:e|ion)|lien-?quan|read-?more|readmore|also-read|recommend|side-?bar|foot(?:er)?\b|"
    r"popup|modal|author|newsletter|subscri|breadcrumb|share|social|tin-?khac|tin-?moi|most-?read|doc-?nhieu|xem-?nhieu|copyright|"
    r"paywall|cookie|consent|tags?\b"
)
_BELOW_CLASS = re.compile(r"comment|binh-?luan|y-?kien|feedback|foot(?:er)?\b")
"""What is never an article's, however short that is."""


def asides(layout: Layout) -> set[Block]:
    """The paragraphs that are beside the article: by what their elements are called, by a field to fill in, by replies."""
    prose = layout.prose()
    total = sum(block.n_words for block in prose)
    weights: dict[Any, int] = defaultdict(int)
    for block in prose:
        for element in layout.lineage(block.element):
            weights[element] += block.n_words
    asking = _asking(layout, prose)
    boxes = {each for each, weight in weights.items() if _is_aside(layout, each, weight / total, asks=each in asking)}
    # A tag that is never closed puts the rest of the article into the box before it.
    usual = Counter(class_names(block.element) for block in prose).most_common(1)
    found = set(_comments(layout, prose))
    for block in prose:
        names = class_names(block.element)
        if names.strip() and names == usual[0][0] and 2 * usual[0][1] > len(prose):
            continue
        if not boxes.isdisjoint(layout.lineage(block.element)):
            found.add(block)
    return found


def _is_aside(layout: Layout, element: Any, share: float, *, asks: bool) -> bool:
    """Whether an element is called what such boxes are, or asks for something, and does not hold the article."""
    names, inside = class_names(element), layout.inside(element)
    is_aside = (share <= _MAX_SHARE and (asks or bool(_CLASS.search(names)))) or (
        share <= _MAX_COMMENT_SHARE and (bool(_BELOW_CLASS.search(names)) or _heads_comments(inside[0]))
    )
    return is_aside and not (layout.title is not None and layout.title in inside)


def _heads_comments(block: Block) -> bool:
    """Whether a line is what stands above comments, which may be one word in a heading."""
    return is_comments(block.text) or (block.is_heading and folded(block.text) in _COMMENTS)


def _asking(layout: Layout, prose: Sequence[Block]) -> set[Any]:
    """The smallest elements around a field to fill in, where they hold prose: what stands beside it asks for something."""
    if not prose:
        return set()
    n_prose = Counter(element for block in prose for element in layout.lineage(block.element))
    page = layout.lineage(prose[0].element)[-1]
    fields = (field for field in page.iter("input") if (field.get("type") or "text").casefold() in _TYPED)
    boxes = (next((each for each in layout.lineage(field) if n_prose[each]), None) for field in fields)
    return {box for box in boxes if box is not None and n_prose[box] <= _MAX_ASKING}


def _comments(layout: Layout, prose: Sequence[Block]) -> Iterator[Block]:
    """Paragraphs below the article under each of which stands when it was written, or that one may reply."""
    for block in prose[_ABOVE_COMMENTS:]:
        at = layout.at[block] + 1
        if at < len(layout.blocks) and not layout.blocks[at].is_picture and line_shape(layout.blocks[at].text) is Shape.REPLY:
            yield block
