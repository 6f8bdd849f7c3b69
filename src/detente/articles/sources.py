"""A folder of pages, or one file of many → all pages, whatever they are in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from detente.articles.html import read_html
from detente.articles.readers import MAX_CHARACTERS, BadPage, Page, read_page
from detente.articles.tables import TEXT_COLUMN, read_csv, read_jsonl
from detente.errors import ArticleError, InputError
from detente.formats import file_name

_PAGE_READERS = {".txt": read_page, ".html": read_html, ".htm": read_html}
_TABLE_READERS = {".jsonl": read_jsonl, ".csv": read_csv, ".tsv": read_csv}
KINDS = (*_PAGE_READERS, *_TABLE_READERS)
"""The endings of the files that are read."""


def read_pages(articles: Path, text_column: str = TEXT_COLUMN, bad: Callable[[ArticleError], None] | None = None) -> list[Page]:
    """All pages of a folder or file, in the order of the files' names.

    ``bad`` is told of a file or row that gives no page; without it the first one raises ArticleError.
    """
    pages = []
    for page in iterate_pages(source_files(articles), text_column):
        if isinstance(page, Page):
            pages.append(page)
        elif bad is None:
            raise page.error
        else:
            bad(page.error)
    return pages


def source_files(articles: Path, leave: Collection[Path] = ()) -> list[Path]:
    """The files that are read: the one that is named, or those of the folder in the order of their names, without ``leave``.

    Raises InputError if there is none.
    """
    if articles.is_file():
        if articles.suffix.lower() not in KINDS:
            raise InputError(f"{articles}: expected a folder of pages or a {', '.join(KINDS)} file. Set data.articles=FOLDER.")
        return [articles]
    if not articles.is_dir():
        raise InputError(f"{articles}: no such folder; expected one with pages ({', '.join(KINDS)}). Set data.articles=FOLDER.")
    left = {path.resolve() for path in leave}
    paths = sorted(path for path in articles.iterdir() if path.suffix.lower() in KINDS and path.is_file())
    paths = [path for path in paths if path.resolve() not in left and not path.name.startswith(".")]
    if not paths:
        inside = any(path.is_dir() for path in articles.iterdir())
        hint = " Folders inside it are not searched." if inside else ""
        raise InputError(
            f"{articles}: holds no {', no '.join(KINDS[:-1])} and no {KINDS[-1]} file; expected the pages.{hint} "
            "Set data.articles=FOLDER."
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


def iterate_pages(paths: Iterable[Path], text_column: str = TEXT_COLUMN) -> Iterator[Page | BadPage]:
    """The pages of the files one by one, or where and why there is none.

    Raises InputError if two pages have one id, or if a table lacks its text column.
    """
    places: dict[str, str] = {}
    for path in paths:
        for page in _pages(path, text_column):
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


def _pages(path: Path, text_column: str) -> Iterator[Page | BadPage]:
    suffix = path.suffix.lower()
    if suffix in _TABLE_READERS:
        yield from _TABLE_READERS[suffix](path, text_column)
        return
    try:
        yield _PAGE_READERS[suffix](path)
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
