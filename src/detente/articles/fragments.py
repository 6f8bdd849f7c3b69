"""HTML in a column of text: tags, character references and newlines that were written out are read, not taken for words."""

from __future__ import annotations

import html as references
import re
from dataclasses import replace

from detente.articles.body import fragment_lines
from detente.articles.html import joined, parse, read_markup
from detente.articles.markup import page_blocks
from detente.articles.readers import Page
from detente.articles.roles import Layout
from detente.errors import ArticleError

_TAG = re.compile(
    r"</?(?:p|div|br|span|strong|em|b|i|u|a|h[1-6]|ul|ol|li|figure|figcaption|table|tbody|tr|td|th|blockquote|article|section|"
    r"center|font|html|head|body)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"<(?:p|div|br|li|h[1-6]|td|article|section|blockquote)\b", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype html|html|body)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_WRITTEN_OUT = re.compile(r"\\r\\n|\\n|\\r")


def in_plain_text(page: Page) -> Page:
    """A page out of a table, its text without markup; what the table does not say of it, a whole HTML page in it does.

    A row that has a title, a date, an outlet or an address of its own is one article. Raises ArticleError for HTML that holds
    no article.
    """
    page = replace(page, is_one=any((page.title, page.date, page.outlet, page.url)))
    text = page.text
    if not _TAG.search(text):
        text = references.unescape(text) if _REFERENCE.search(text) else text
        if len(_WRITTEN_OUT.findall(text)) > text.count("\n"):
            text = _WRITTEN_OUT.sub("\n", text)
    if not _TAG.search(text):
        return page if text == page.text else replace(page, text=text)
    return _whole_page(page, text) if _PAGE.search(text) else _fragment(page, text)


def without_markup(text: str) -> str:
    """A title or a name without tags and character references."""
    return references.unescape(_TAG.sub(" ", text)) if _TAG.search(text) or _REFERENCE.search(text) else text


def _whole_page(page: Page, text: str) -> Page:
    found = read_markup(text, page.place)
    return replace(
        page,
        text=found.text,
        shapes=found.shapes,
        title=page.title or found.title,
        date=page.date or found.date,
        outlet=page.outlet or found.outlet,
        url=page.url or found.url,
    )


def _fragment(page: Page, text: str) -> Page:
    if not _BLOCK.search(text):
        text = text.replace("\n", "<br>")
    blocks = page_blocks(parse(f"<html><body><div>{text}</div></body></html>", page.place))
    lines = fragment_lines(Layout(blocks, None))
    if not lines:
        raise ArticleError(f"{page.place}: HTML without a paragraph of text.", reason="no text in the HTML")
    text, shapes = joined("", lines)
    return replace(page, text=text, shapes=shapes)
