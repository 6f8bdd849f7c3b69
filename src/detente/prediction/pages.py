"""A folder of articles as input: cleaned and split as `detente build` does, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.articles.told import Columns, Told
from detente.errors import ArticleError, InputError
from detente.records import Article, DroppedLine, Sentence
from detente.rows import Row, TextColumn
from detente.text.legacy import legacy_encoding

if TYPE_CHECKING:
    from detente.articles import Page
    from detente.articles.readers import BadPage

_NOTHING_TOLD = Told()
COLUMNS = ("sentence_id", "article_id", "text", "start", "end", "title", "date", "outlet", "url")


@dataclass(frozen=True, slots=True)
class PageUnit:
    """One page: a file that is still to be read, or a page out of a file of many; with what was told of all articles."""

    number: int
    path: Path
    page: Page | BadPage | None = None
    told: Told = _NOTHING_TOLD

    @property
    def place(self) -> str:
        """The file's name, with the row in a file of many."""
        return self.page.origin if self.page is not None else self.path.name

    def rows(self) -> list[Row]:
        """The sentences of the page's articles. Raises ArticleError for a page without one."""
        from detente.articles import split_article
        from detente.articles.readers import BadPage
        from detente.articles.sources import iterate_pages

        page = self.page if self.page is not None else next(iterate_pages([self.path]))
        if isinstance(page, BadPage):
            raise page.error
        articles, _ = _extracted(page)
        rows = [_row(self.told.of(article), sentence) for article in articles for sentence in split_article(article)]
        if not rows:
            raise ArticleError(f"{page.place}: no sentence in it.")
        return rows


def _extracted(page: Page) -> tuple[tuple[Article, ...], tuple[DroppedLine, ...]]:
    """What ``extract_articles`` gives; the error of a page in an encoding of before Unicode says so."""
    from detente.articles import extract_articles

    try:
        return extract_articles(page)
    except ArticleError as error:
        if encoding := legacy_encoding(page.text):
            raise ArticleError(str(error), f"{error.reason}; the text looks like {encoding} stored as Unicode") from error
        raise


def page_files(source: Path) -> list[Path]:
    """The files that are read, in order. Raises InputError if there is none."""
    from detente.articles.sources import source_files

    return source_files(source)


def read_page_units(source: Path, wanted: TextColumn, known: Columns, told: Told) -> Iterator[PageUnit]:
    """Every page in the order of the files' names; pages that are files of their own are not opened yet.

    In a table ``wanted`` is the column of the article, and ``known`` are those of what is known of it.

    Raises InputError if two pages have one id, or if a table lacks its text column.
    """
    from detente.articles import Page
    from detente.articles.sources import is_table, iterate_pages

    seen: set[int] = set()
    number = 0
    for path in page_files(source):
        for page in iterate_pages([path], wanted, known) if is_table(path) else [None]:
            number += 1
            own = page.page_id if isinstance(page, Page) else _id_of(path) if page is None else None
            if own is not None:
                key = hash(own)  # a number instead of the id: millions fit into memory
                if key in seen:
                    raise InputError(f"{path}: a second page '{own}'; sentences could not be told apart. Rename one of them.")
                seen.add(key)
            yield PageUnit(number, path, page, told)


def _id_of(path: Path) -> str | None:
    from detente.articles.readers import page_id

    try:
        return page_id(path)
    except ArticleError:  # it is rejected when it is read
        return None


def _row(article: Article, sentence: Sentence) -> Row:
    return {
        "sentence_id": sentence.sentence_id,
        "article_id": sentence.article_id,
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "title": article.title,
        "date": article.date.isoformat() if article.date else None,
        "outlet": article.outlet,
        "url": article.url,
    }
