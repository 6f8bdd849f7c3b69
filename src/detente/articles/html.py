"""Saved HTML pages → pages of text, by trafilatura.

Its default settings without tables and comments keep the body and lose the captions; ``favor_precision`` loses paragraphs of
the body. Three things are mended here: a lead that the page shows outside its body, teasers under linked headlines, and the
heading of a box whose links are gone.
"""

from __future__ import annotations

import codecs
import logging
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from detente.articles.lines import Shape, page_lines
from detente.articles.readers import Page, check_size, page_id
from detente.errors import ArticleError

MAX_ELEMENTS = 30_000
"""Pages of news have some thousand elements; extraction takes time with the square of their number."""
MAX_TEASER_SHARE = 0.5
"""Share of a page's paragraphs under linked headlines of their own from which it is a list of articles."""

_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_WESTERN = {"ascii", "utf-8", "iso8859-1", "cp1252", "iso8859-15"}
"""Encodings that pages declare by default and Vietnamese text cannot be in, UTF-8 aside, which is tried first."""
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_BLOCKS = {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "article", "section"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_HEADLINE_WORDS = 4
_PROSE_WORDS = 8


def read_html(path: Path) -> Page:
    """Read one saved page. Raises ArticleError with a reason if there is no article in it that could be read."""
    check_size(path)
    html = decode_html(path.read_bytes(), path)
    if not html.strip():
        raise ArticleError(f"{path}: the file is empty. Remove it or save the page again.", reason="empty")
    tree = _tree(html, path)
    found = _extract(html)
    if found is None or not (found.text or "").strip():
        raise ArticleError(
            f"{path}: no text in this page; expected the HTML of a news article. A page that a script fills in the browser has "
            "to be saved after it has loaded.",
            reason="no text in the HTML",
        )
    teasers = _teasers(tree)
    # Of what was extracted: a short article may stand beside a long box of others.
    prose = {text for line in found.text.split("\n") if len((text := _squeezed(line)).split()) >= _PROSE_WORDS}
    if prose and len(teasers & prose) > MAX_TEASER_SHARE * len(prose):
        raise ArticleError(
            f"{path}: a list of articles: {len(teasers & prose)} of its {len(prose)} paragraphs stand under linked headlines "
            "of their own. Save the articles themselves.",
            reason="list page",
        )
    lines = [line for line in found.text.split("\n") if _squeezed(line) not in teasers]
    return Page(
        page_id=page_id(path),
        text="\n".join(_with_head(lines, found.title, _lead(found.description, tree))),
        path=path,
        is_extracted=True,
        title=found.title or None,
        date=date.fromisoformat(found.date) if found.date else None,
        outlet=found.sitename or None,
        url=found.url or None,
    )


def decode_html(data: bytes, path: Path) -> str:
    """The text of an HTML file, whatever encoding it declares: UTF-8 if it is that, else the declared one, else windows-1258.

    A few broken characters in UTF-8 become U+FFFD. Raises ArticleError if none of them fits.
    """
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        patched = data.decode("utf-8", errors="replace")
    declared = _declared_encoding(data)
    if declared and declared not in _WESTERN:
        try:
            return unicodedata.normalize("NFC", data.decode(declared))
        except (UnicodeDecodeError, LookupError):
            pass
    if sum(ord(c) > 0x7F for c in patched) > 10 * patched.count("\ufffd"):
        return patched
    text = data.decode("cp1258", errors="replace")
    marked = sum(b in _TONE_MARKS and a.isalpha() for a, b in pairwise(text))
    if 20 * marked > sum(ord(c) > 0x7F for c in text):
        return unicodedata.normalize("NFC", text)
    raise ArticleError(
        f"{path}: neither UTF-8 nor what it declares ({declared or 'nothing'}) nor windows-1258. Convert it to UTF-8 first.",
        reason="unknown encoding",
    )


def _declared_encoding(data: bytes) -> str | None:
    match = _DECLARED.search(data[:4096])
    try:
        return codecs.lookup(match[1].decode("ascii")).name if match else None
    except LookupError:
        return None


def _tree(html: str, path: Path) -> Any:
    from trafilatura.utils import load_html

    with _silent():
        tree = load_html(html)
    if tree is None:
        raise ArticleError(f"{path}: not HTML. Save the page again.", reason="not HTML")
    n_elements = sum(1 for _ in tree.iter())
    if n_elements > MAX_ELEMENTS:
        raise ArticleError(
            f"{path}: {n_elements:,} elements; expected a news page with at most {MAX_ELEMENTS:,}.", reason="too many elements"
        )
    return tree


def _extract(html: str) -> Any:
    from trafilatura import bare_extraction

    with _silent():
        return bare_extraction(
            html,
            include_comments=False,
            include_tables=False,
            with_metadata=True,
            # The date the page states, not one that is guessed from its text.
            date_extraction_params={"original_date": True, "extensive_search": False, "outputformat": "%Y-%m-%d"},
        )


@contextmanager
def _silent() -> Iterator[None]:
    """Keep the libraries from logging what is reported here anyway."""
    loggers = [logging.getLogger(name) for name in ("trafilatura", "htmldate", "courlan")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _teasers(tree: Any) -> set[str]:
    """The texts of the page's paragraphs that stand under a linked headline of their own."""
    teasers: set[str] = set()
    for element in tree.iter("p", "div"):
        text = _squeezed(element.text_content())
        if any(child.tag in _BLOCKS for child in element) or len(text.split()) < _PROSE_WORDS:
            continue
        before = element.getprevious()
        if before is not None and _is_linked_headline(before):
            siblings = [other for other in element.getparent() if other.tag == element.tag]
            if before.tag in _HEADINGS or len(siblings) == 1:
                teasers.add(text)
    return teasers


def _is_linked_headline(element: Any) -> bool:
    """Whether all text of an element is one link, and long enough for a headline."""
    if not isinstance(element.tag, str):
        return False
    links = [element] if element.tag == "a" else list(element.iter("a"))
    text = _squeezed(element.text_content())
    return len(links) == 1 and len(text.split()) >= _HEADLINE_WORDS and _squeezed(links[0].text_content()) == text


def _lead(description: str | None, tree: Any) -> str | None:
    """The page's description, if readers of the page see it too; one cut off with dots is no lead."""
    lead = _squeezed(description or "")
    if not lead or lead.endswith(("...", "…")):
        return None
    body = tree.find("body")
    return lead if body is not None and lead in _squeezed(" ".join(_visible(body))) else None


def _visible(element: Any) -> Iterator[str]:
    for part in element.iter():
        if part.tag not in ("script", "style", "template") and isinstance(part.tag, str):
            yield part.text or ""
        yield part.tail or ""


def _with_head(lines: list[str], title: str | None, lead: str | None) -> list[str]:
    """Title, lead and body, each once; the heading of a box is left out where prose follows it, for its links are gone."""
    seen = {_squeezed(line) for line in lines}
    shapes = [*(pieces[0].shape if (pieces := page_lines(line)) else None for line in lines), None]
    kept = [
        line
        for line, shape, after in zip(lines, shapes, shapes[1:], strict=False)
        if not (shape is Shape.SECTION and after is Shape.BODY)
    ]
    at = 1 if title and kept and _squeezed(kept[0]) == _squeezed(title) else 0
    if lead and lead not in _squeezed(" ".join(lines)):
        kept.insert(at, lead)
    if title and _squeezed(title) not in seen:
        kept.insert(0, _squeezed(title))
    return kept


def _squeezed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
