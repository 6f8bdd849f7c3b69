"""Whether a page is a list of articles and no article: by headlines that are links, or by what parts its paragraphs."""

from __future__ import annotations

import re
from itertools import pairwise

from detente.articles.assembling import LIST_PAGE
from detente.articles.markup import Block
from detente.articles.roles import Layout, Role

NO_TEXT = "no text in the HTML"

_MIN_HEADLINES = 4
_HEADED_WORDS = 4
_MAX_PARTED = 0.7
"""A page on which more of its paragraphs are parted by headlines of other articles is a list."""
_BOLD = 0.95
_HEAD_WORDS = range(5, 26)
_MIN_ITEMS = 6
_MIN_SHARE = 0.8
_TEASER_WORDS = 35
"""Where so many headlines stand above one paragraph each, which has fewer words on average, they are those of a list, also
where nothing links them; crossheads are shorter, and the parts below them longer."""
_STOPPED = re.compile(r"[.!?…:;][\s”\"»’')\]]*$")


def why_none(layout: Layout) -> str:
    """Why a page has no article."""
    return LIST_PAGE if layout.n_headlines >= _MIN_HEADLINES or _is_unlinked(layout, layout.blocks) else NO_TEXT


def is_headed(layout: Layout, region: list[Block]) -> bool:
    """Whether a headline that is no link stands above the prose, with no headline of another article between."""
    first = next((block for block in region if layout.roles[block] is Role.PROSE), None)
    if first is None or layout.title is None or layout.title.n_words <= _HEADED_WORDS:
        return False
    between = layout.blocks[layout.at[layout.title] : layout.at[first]]
    return layout.at[layout.title] < layout.at[first] and sum(map(layout.is_headline, between)) < _MIN_HEADLINES


def is_list(layout: Layout, region: list[Block]) -> bool:
    """Whether headlines of other articles stand between most of the paragraphs, or above each."""
    if _is_unlinked(layout, region):
        return True
    at = [layout.at[block] for block in region if layout.roles[block] is Role.PROSE]
    if len(at) < 2:
        return False
    parted = sum(any(map(layout.is_headline, layout.blocks[a:b])) for a, b in pairwise(at))
    return parted >= max(2, _MAX_PARTED * (len(at) - 1)) or (parted == len(at) - 1 and layout.title is None)


def _is_unlinked(layout: Layout, region: list[Block]) -> bool:
    """Whether headlines that are no links stand above most paragraphs, one above one, and all are as short as teasers."""
    blocks = [block for block in region if layout.roles[block] in (Role.PROSE, Role.SHORT)]
    paragraphs = [block for block in blocks if not _is_head(block) and layout.roles[block] is Role.PROSE]
    heads = [_is_head(block) for block in blocks]
    n_items = sum(one and not other for one, other in pairwise(heads)) if len(heads) > 1 else 0
    n_words = sum(block.n_words for block in paragraphs)
    return n_items >= _MIN_ITEMS and n_items >= _MIN_SHARE * len(paragraphs) and n_words < _TEASER_WORDS * len(paragraphs)


def _is_head(block: Block) -> bool:
    """Whether a line may be a headline; questions are an interviewer's."""
    if block.text.endswith("?"):
        return False
    return block.n_words in _HEAD_WORDS and (block.is_heading or block.bold >= _BOLD or not _STOPPED.search(block.text))
