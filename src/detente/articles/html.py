"""Saved HTML pages → pages of text: title, lead and paragraphs of the one article that a page holds.

``markup`` takes the page apart into lines, ``roles`` says what each is, ``body`` which of them are the article's, ``metadata``
what the page says of it. trafilatura, which parses the page here, keeps 944 of 1,000 paragraphs of such pages by itself, and
of what it keeps a quarter is not theirs: it lets go of bare div elements and layout tables, and takes lists for articles.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from detente.articles.assembling import LIST_PAGE
from detente.articles.body import MarkedLine, article_lines
from detente.articles.decoding import check_markup, decode_html
from detente.articles.head import read_head
from detente.articles.markup import page_blocks
from detente.articles.metadata import find_outlet, find_title
from detente.articles.published import find_date, shown_dates
from detente.articles.readers import Page, check_size, page_id
from detente.articles.roles import Layout, Role
from detente.articles.shapes import Shape
from detente.errors import ArticleError

MAX_ELEMENTS = 30_000
MAX_LINES = 10_000
"""Pages of news have some thousand elements, and fewer lines."""


@dataclass(frozen=True, slots=True)
class Markup:
    """What HTML says: the text of its article, the shapes of its lines, and what it tells of them."""

    text: str
    shapes: dict[int, Shape]
    title: str | None
    date: date | None
    outlet: str | None
    url: str | None


def read_html(path: Path) -> Page:
    """Read one saved page. Raises ArticleError with a reason if there is no article in it that could be read."""
    check_size(path)
    html = decode_html(path.read_bytes(), path)
    if not html.strip():
        raise ArticleError(f"{path}: the file is empty. Remove it or save the page again.", reason="empty")
    found = read_markup(html, str(path))
    return Page(
        page_id=page_id(path),
        text=found.text,
        path=path,
        is_extracted=True,
        title=found.title,
        date=found.date,
        outlet=found.outlet,
        url=found.url,
        is_one=True,
        shapes=found.shapes,
    )


def read_markup(html: str, where: str) -> Markup:
    """Read the HTML of a page. Raises ArticleError, which says ``where``, if there is no article in it."""
    tree = parse(html, where)
    head = read_head(tree)
    blocks = page_blocks(tree)
    if len(blocks) > MAX_LINES:
        raise ArticleError(
            f"{where}: {len(blocks):,} lines; expected a news page with at most {MAX_LINES:,}.", reason="too many elements"
        )
    title, heading = find_title(head, blocks)
    layout = Layout(blocks, heading)
    lines = article_lines(layout, head.description)
    if isinstance(lines, str):
        raise _no_article(where, lines, layout)
    texts = {line.text for line in lines if line.shape is Shape.BODY}
    body = [block for block in blocks if layout.roles[block] is Role.PROSE and block.text in texts]
    text, shapes = joined(title, lines)
    return Markup(
        text,
        shapes,
        title=title or None,
        date=find_date(head, tree, shown_dates(blocks, heading, body)),
        outlet=find_outlet(head, title),
        url=head.url or None,
    )


def joined(title: str, lines: list[MarkedLine]) -> tuple[str, dict[int, Shape]]:
    """The text of a page, a line each, and where in it which shape begins that the markup gives."""
    rows = [*([MarkedLine(title, Shape.HEADLINE)] if title else []), *lines]
    shapes: dict[int, Shape] = {}
    start = 0
    for row in rows:
        if row.shape is not None:
            shapes[start] = row.shape
        start += len(row.text) + 1
    return "\n".join(row.text for row in rows), shapes


def _no_article(where: str, reason: str, layout: Layout) -> ArticleError:
    if reason == LIST_PAGE:
        return ArticleError(
            f"{where}: a list of articles: {layout.n_headlines} headlines that are links, and no article. Save the articles "
            "themselves.",
            reason=reason,
        )
    return ArticleError(
        f"{where}: no text in this page; expected the HTML of a news article. A page that a script fills in the browser has "
        "to be saved after it has loaded.",
        reason=reason,
    )


def parse(html: str, where: str) -> Any:
    """The tree of a page. Raises ArticleError for what is no HTML, or so large that it is no page of news."""
    from trafilatura.utils import load_html

    check_markup(html, where)
    try:
        with _silent():
            tree = load_html(html)
    except Exception as error:  # of whatever kind: one page must not end a whole build
        raise ArticleError(f"{where}: not HTML ({type(error).__name__}). Save the page again.", reason="not HTML") from error
    if tree is None:
        raise ArticleError(f"{where}: not HTML. Save the page again.", reason="not HTML")
    n_elements = sum(1 for _ in tree.iter())
    if n_elements > MAX_ELEMENTS:
        raise ArticleError(
            f"{where}: {n_elements:,} elements; expected a news page with at most {MAX_ELEMENTS:,}.", reason="too many elements"
        )
    return tree


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the libraries from logging what is reported here anyway."""
    logger = logging.getLogger("trafilatura")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
