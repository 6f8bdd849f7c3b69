"""A folder of pages, or one file of many → all pages, whatever they are in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from detente.articles.html import read_html
from detente.articles.readers import MAX_CHARACTERS, BadPage, Page, read_page
from detente.articles.tables import read_table
from detente.articles.told import TEXT_COLUMN, Columns
from detente.errors import ArticleError, InputError
from detente.formats import COMPRESSED, file_name
from detente.rows import TextColumn, check_regular
from detente.rows.folders import is_row_file


def _read_text(path: Path) -> Page:
    """A page of plain text; HTML that goes by the name of text is read as what it is."""
    page = read_page(path)
    return read_html(path) if _HTML.match(page.text) else page


_HTML = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_PAGE_READERS = {".txt": _read_text, ".html": read_html, ".htm": read_html}
_TABLES = (".jsonl", ".csv", ".tsv")
KINDS = (*_PAGE_READERS, *_TABLES)
"""The endings of the files that are read in a folder; the tables' also with ``.gz`` or ``.zst``."""
_IN_FOLDERS = (*KINDS, *(f"{table}.{more}" for table in _TABLES for more in COMPRESSED))
_ANY_TEXT = TextColumn(TEXT_COLUMN)
_USUAL = Columns()


def read_pages(articles: Path, text_column: str = TEXT_COLUMN, bad: Callable[[ArticleError], None] | None = None) -> list[Page]:
    """All pages of a folder or file, in the order of the files' names.

    ``bad`` is told of a file or row that gives no page; without it the first one raises ArticleError.
    """
    pages = []
    for page in iterate_pages(source_files(articles), TextColumn(text_column)):
        if isinstance(page, Page):
            pages.append(page)
        elif bad is None:
            raise page.error
        else:
            bad(page.error)
    return pages


def is_table(path: Path) -> bool:
    """Whether a file has an article a row."""
    return path.suffix.lower() not in _PAGE_READERS


def kind_of(path: Path) -> str:
    """What a file is by its ending, ``csv`` for ``a.csv.gz`` too."""
    suffixes = [suffix.lower().removeprefix(".") for suffix in path.suffixes]
    return next((suffix for suffix in reversed(suffixes) if suffix not in COMPRESSED), "")


def source_files(articles: Path, leave: Collection[Path] = (), hint: str = "") -> list[Path]:
    """The files that are read: the one that is named, or those of the folder in the order of their names, without ``leave``.

    A file that is named may be one of rows in any format; in a folder parquet and xlsx are other things. Raises InputError if
    there is none; ``hint`` ends the message and says where one names another.
    """
    check_regular(articles)
    hint = f" {hint}" if hint else ""
    if articles.is_file():
        if articles.suffix.lower() not in _PAGE_READERS and not is_row_file(articles):
            raise InputError(f"{articles}: expected a folder of pages or a {', '.join(KINDS)}, .parquet or .xlsx file.{hint}")
        return [articles]
    if not articles.is_dir():
        raise InputError(f"{articles}: no such folder; expected one with pages ({', '.join(KINDS)}).{hint}")
    left = {path.resolve() for path in leave}
    paths = sorted(path for path in articles.iterdir() if path.name.lower().endswith(_IN_FOLDERS) and path.is_file())
    paths = [path for path in paths if path.resolve() not in left and not path.name.startswith(".")]
    if not paths:
        inside = any(path.is_dir() for path in articles.iterdir())
        deeper = " Folders inside it are not searched." if inside else ""
        raise InputError(
            f"{articles}: holds no {', no '.join(KINDS[:-1])} and no {KINDS[-1]} file; expected the pages.{deeper}{hint}"
        )
    return paths


def other_files(articles: Path, read: Iterable[Path]) -> dict[str, int]:
    """What in the folder is not read, counted by the ending; folders are counted as "folder"."""
    if not articles.is_dir():
        return {}
    seen = set(read)
    others = [path for path in articles.iterdir() if path not in seen and not path.name.startswith(".")]
    kinds = Counter("folder" if path.is_dir() else path.suffix.lower() or file_name(path) for path in others)
    return dict(sorted(kinds.items()))


def iterate_pages(paths: Iterable[Path], wanted: TextColumn = _ANY_TEXT, columns: Columns = _USUAL) -> Iterator[Page | BadPage]:
    """The pages of the files one by one, or where and why there is none.

    In a table ``wanted`` is the column of the article, and ``columns`` are those of what is known of it.

    Raises InputError if two pages have one id, or if a table lacks its text column.
    """
    places: dict[str, str] = {}
    for path in paths:
        for page in _pages(path, wanted, columns):
            if isinstance(page, Page):
                if page.page_id in places:
                    raise InputError(
                        f"{page.place}: a second page '{page.page_id}' (the first is {places[page.page_id]}); labels could not "
                        "tell them apart. Rename or remove one of them."
                    )
                places[page.page_id] = page.place
                if len(page.text) > MAX_CHARACTERS:
                    yield BadPage(page.path, page.row, _too_long(page))
                    continue
            yield page


def _pages(path: Path, wanted: TextColumn, columns: Columns) -> Iterator[Page | BadPage]:
    if is_table(path):
        yield from read_table(path, wanted, columns)
        return
    try:
        yield _PAGE_READERS[path.suffix.lower()](path)
    except ArticleError as error:
        yield BadPage(path, None, error)
    except (InputError, OSError) as error:
        unreadable = ArticleError(str(error), reason="not UTF-8" if isinstance(error, InputError) else "cannot be read")
        yield BadPage(path, None, unreadable)


def _too_long(page: Page) -> ArticleError:
    return ArticleError(
        f"{page.place}: {len(page.text):,} characters of text; expected one news page of at most {MAX_CHARACTERS:,}. A file of "
        "many articles is read as .jsonl or .csv, an article a row.",
        reason="too large",
    )
