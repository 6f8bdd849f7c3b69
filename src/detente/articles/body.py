"""The blocks of a page → the lines of its article: title, lead, paragraphs, subheads, who wrote it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from detente.articles.listing import is_headed, is_list, why_none
from detente.articles.markup import Block, class_names
from detente.articles.roles import PROSE_WORDS, Layout, Role, same_text
from detente.articles.shapes import Shape, folded, is_name

_MIN_SHARE = 0.7
"""An element that holds this share of the prose of the one around it holds the article."""
_MIN_LEAD = 2
"""So does one that holds so many times as much as the next."""
_MIN_WORDS = 40
_LEAST = 15
_SHORT = 120
_MANY_HEADLINES = 6
_MAX_LINKS = 1
_BOLD = 0.95
_BOX_DEPTH = 8
_LEAD_WORDS = 12
_SUBHEAD_WORDS = 25
_PLAIN_WORDS = 10
_MAX_CAPTION_WORDS = 50
_STOPPED = re.compile(r"[.…][\s”\"»’')\]]*$")
_ASKED = re.compile(r"[!?][\s”\"»’')\]]*$")


@dataclass(frozen=True, slots=True)
class MarkedLine:
    """A line of the article, with the shape that the markup gives it; None where its words decide."""

    text: str
    shape: Shape | None


def article_lines(layout: Layout, description: str) -> list[MarkedLine] | str:
    """The lines of a page's article without its title; or, if there is none, why."""
    prose = layout.prose()
    if not prose:
        return why_none(layout)
    body = [block for block in _region(layout) if layout.roles[block] is not Role.ASIDE]
    region = [*_lead(layout, body, description), *body]
    lines = list(_lines(layout, region, description))
    if not any(line.shape is Shape.BODY for line in lines):  # every paragraph has a picture of its own
        lines = list(_lines(layout, region, description, boxes=False))
    paragraphs = [line for line in lines if line.shape is Shape.BODY]
    n_words = sum(len(line.text.split()) for line in paragraphs)
    is_short = n_words < _MIN_WORDS or (n_words < _SHORT and layout.n_headlines >= _MANY_HEADLINES)
    if is_list(layout, region) or n_words < _LEAST or (is_short and not is_headed(layout, region)):
        return why_none(layout)
    return lines


def fragment_lines(layout: Layout) -> list[MarkedLine]:
    """The lines of HTML that is an article and nothing around it; none if it has no paragraph."""
    lines = list(_lines(layout, layout.blocks, ""))
    return lines if any(line.shape is Shape.BODY for line in lines) else []


def _region(layout: Layout) -> list[Block]:
    """The blocks of the element that holds the article, and those like its paragraphs right below it."""
    body = _container(layout)
    inside = [block for block in layout.blocks if body in layout.lineage(block.element)]
    if layout.title in inside:
        inside = inside[inside.index(layout.title) + 1 :]
    prose = [block for block in inside if layout.roles[block] is Role.PROSE]
    return [*inside, *_continued(layout, body, inside, prose)]


def _container(layout: Layout) -> Any:
    """From the page inwards, the element with most of the prose, as long as one holds most of it."""
    weights: Counter[Any] = Counter()
    counts: Counter[Any] = Counter()
    prose = layout.solid_prose()
    for block in prose:
        above = layout.lineage(block.element)
        counts.update(above)
        weights.update(dict.fromkeys(above, block.n_words))
    children: dict[Any, list[Any]] = defaultdict(list)
    for inner in counts:
        children[inner.getparent()].append(inner)
    paragraphs = {block.element for block in prose}
    element = layout.lineage(prose[0].element)[-1]
    while children[element]:
        best = max(children[element], key=lambda child: weights[child])
        # Paragraphs straight in the element are one body, whatever box among them has more words than each.
        straight = {child for child in children[element] if child in paragraphs and child is not best}
        others = [weights[child] for child in children[element] if child is not best and child not in straight]
        others.append(sum(weights[child] for child in straight))
        is_most = weights[best] >= _MIN_SHARE * weights[element]
        stands_out = counts[best] > 2 and weights[best] >= _MIN_LEAD * max(others, default=0)
        if counts[best] < 2 or not (is_most or stands_out):
            break
        element = best
    return element


def _continued(layout: Layout, body: Any, inside: list[Block], prose: list[Block]) -> Iterator[Block]:
    """Paragraphs in elements like the body's that follow it before anything else does, as where an advertisement parts it.

    Where an element holds title and body, its paragraphs need to be like the body's only themselves, whatever is around them,
    and a link may stand among them.
    """
    if not prose:
        return
    usual = Counter(_kind(block.element) for block in prose).most_common(1)[0][0]
    above = layout.lineage(body)[1:]
    home = next((each for each in layout.lineage(layout.title.element) if each in above), None) if layout.title else None
    straight = Counter(block.element for block in prose).most_common(1)[0][1] > 1  # text in the container itself
    is_as = (lambda each: each.tag == usual[0][0]) if straight else (lambda each: _signature(each) == usual[0])
    n_links = 0
    for before, block in pairwise(layout.blocks[layout.at[inside[-1]] :]):
        role, is_home = layout.roles[block], home is not None and home in layout.lineage(block.element)
        is_like = _kind(block.element) == usual or (is_home and is_as(block.element))
        if role is Role.PROSE and is_like and block.n_words >= PROSE_WORDS:
            n_links = 0
            yield block
        elif role is Role.PICTURE and is_home:
            yield block
        elif role is Role.LINK and is_home and n_links < _MAX_LINKS:
            n_links += 1
        elif role not in (Role.PICTURE, Role.CAPTION, Role.SHORT) and not (is_home and before.is_picture):
            return


def _lead(layout: Layout, body: list[Block], description: str) -> list[Block]:
    """Prose between the title and the body; without a title the block that the page's description repeats."""
    if not body:
        return []
    first = layout.at[body[0]]
    title = layout.at[layout.title] if layout.title is not None else first
    between = [block for block in layout.blocks[title + 1 : first] if layout.roles[block] is not Role.ASIDE]
    if any(layout.roles[block] is Role.PROSE and block.n_words >= PROSE_WORDS for block in between):
        return between
    known = {folded(block.text) for block in body}
    described = [
        block
        for block in layout.blocks[:first]
        if layout.roles[block] is Role.PROSE and block.n_words >= PROSE_WORDS and _repeats(description, block.text)
    ]
    return [block for block in described[:1] if folded(block.text) not in known]


def _repeats(description: str, text: str) -> bool:
    """Whether a description is the text, but for the name of a site or a link at its ends, or for being cut off."""
    wanted, given = folded(text), folded(description).rstrip(".… ")
    return bool(given) and (wanted in given or (wanted.startswith(given) and 2 * len(given) > len(wanted)))


def _lines(layout: Layout, region: list[Block], description: str, *, boxes: bool = True) -> Iterator[MarkedLine]:
    """The lines of a region; ``boxes``: a line that fills a box with a picture is its caption."""
    prose = [block for block in region if layout.roles[block] is Role.PROSE]
    usual = {name: 2 * sum(getattr(block, name) >= 0.9 for block in prose) > len(prose) for name in ("centred", "italic")}
    asked = {block for block in region if _is_question(block)}
    seen: set[str] = {folded(layout.title.text)} if layout.title is not None else set()
    before: Block | None = None
    is_first = True
    for block in region:
        role = layout.roles[block]
        key = folded(block.text)
        is_caption = (
            role in (Role.PROSE, Role.SHORT)
            and before is not None
            and not (is_first and _repeats(description, block.text))
            and _is_caption_of(block, before, usual, layout, boxes=boxes)
        )
        if role is Role.PICTURE or is_caption or role is Role.CAPTION:
            before = block if role is Role.PICTURE else None
            continue
        before = None
        if key in seen:
            continue
        if role is Role.BYLINE:
            yield MarkedLine(block.text, None)
        elif role in (Role.PROSE, Role.SHORT):
            in_list = any(element.tag == "li" for element in layout.lineage(block.element)[:3])
            shape = _shape(block, is_first=is_first, in_list=in_list)
            if len(asked) > 1 and block in asked:  # an interview; a page asks in one subhead at most
                shape = Shape.BODY
            seen.add(key)
            is_first = is_first and shape is not Shape.BODY
            yield MarkedLine(block.text, shape)


def _is_caption_of(block: Block, picture: Block, usual: dict[str, bool], layout: Layout, *, boxes: bool) -> bool:
    """Whether the line below a picture is set apart from the body's, or breaks off as captions do."""
    if same_text(block.text, picture.text):
        return True
    if block.n_words > _MAX_CAPTION_WORDS or block.is_heading:
        return False
    if (block.centred and not usual["centred"]) or (block.italic >= 0.9 and not usual["italic"]):
        return True
    if not _STOPPED.search(block.text) and not _ASKED.search(block.text) and not block.text.endswith((":", ";")):
        return block.bold < _BOLD
    return boxes and _shares_box(block, layout)


def _shares_box(block: Block, layout: Layout) -> bool:
    """Whether a picture and one line fill a div of their own."""
    for box in layout.lineage(block.element)[1 : 1 + _BOX_DEPTH]:
        if box.tag in ("body", "html") or len(layout.inside(box)) > 1:
            return False
        if layout.holds_picture(box):
            return True
    return False


def _is_question(block: Block) -> bool:
    """Whether a line asks in bold, as an interviewer does; subheads are headings more often."""
    return block.bold >= _BOLD and not block.is_heading and "?" in block.text[-3:] and bool(_ASKED.search(block.text))


def _shape(block: Block, *, is_first: bool, in_list: bool) -> Shape | None:
    text = block.text
    stopped, asked = bool(_STOPPED.search(text)), bool(_ASKED.search(text))
    if block.is_heading or block.bold >= _BOLD:
        is_prose = (
            (stopped and (not block.is_heading or block.n_words >= PROSE_WORDS))
            or (is_first and block.n_words >= _LEAD_WORDS and block.level != 1)
            or (asked and not block.is_heading and block.n_words >= PROSE_WORDS)
            or block.n_words >= _SUBHEAD_WORDS
        )
        return Shape.BODY if is_prose else None if is_name(text) else Shape.HEADLINE
    if stopped or asked or text.endswith((":", ";")):
        return Shape.BODY if block.n_words > 1 else None
    if is_first:
        return Shape.BODY if block.n_words >= _LEAD_WORDS and not in_list else None
    if block.n_words >= _PLAIN_WORDS or (in_list and block.n_words >= PROSE_WORDS // 2):
        return Shape.BODY
    return None if is_name(text) else Shape.HEADLINE


def _kind(element: Any) -> tuple[tuple[str, str], ...]:
    """What an element and the one around it are called."""
    above = element.getparent()
    return (_signature(element),) if above is None else (_signature(element), _signature(above))


def _signature(element: Any) -> tuple[str, str]:
    return str(element.tag), class_names(element).strip()
