"""CSV and JSONL files with an article a row → pages. What is wrong with a row is the row's: the others are read."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from detente.articles.dates import line_date
from detente.articles.fragments import in_plain_text
from detente.articles.readers import MAX_BYTES, BadPage, Page
from detente.errors import ArticleError, InputError, near_miss

TEXT_COLUMN = "text"
ID_COLUMNS = ("id", "page_id", "article_id")
"""The columns an id is looked for in, in this order; a row of a file without any is called by the file and its number."""

_DELIMITERS = (",", ";", "\t")
_Row = Mapping[str, Any]


def read_jsonl(path: Path, text_column: str = TEXT_COLUMN) -> Iterator[Page | BadPage]:
    """The pages of a file with one JSON object a line, or what is wrong with a line. The number of a page is its line's."""
    # Undecodable bytes pass as half characters, so that only their row is left out.
    with path.open(encoding="utf-8-sig", errors="surrogateescape") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                try:
                    yield _page(_parsed(line, f"{path}:{number}"), path, number, text_column)
                except ArticleError as error:
                    yield BadPage(path, number, error)


def read_csv(path: Path, text_column: str = TEXT_COLUMN) -> Iterator[Page | BadPage]:
    """The pages of a table with a header, or what is wrong with a row; the delimiter is a comma, semicolon or tab.

    The number of a page is its row's, the header being row 1. Raises InputError if the header lacks the text column.
    """
    csv.field_size_limit(MAX_BYTES)
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        first = file.readline(MAX_BYTES)
        delimiter = max(_DELIMITERS, key=first.count)
        header = [name.strip().strip('"') for name in next(csv.reader([first], delimiter=delimiter), [])]
        _check_header(header, path, text_column)
        rows = csv.reader(file, delimiter=delimiter)
        number = 1
        while True:
            number += 1
            try:
                cells = next(rows, None)
                if cells is None:
                    return
                if cells:
                    yield _page(_named(cells, header, f"{path}:{number}"), path, number, text_column)
            except csv.Error as error:
                malformed = ArticleError(f"{path}:{number}: not readable as CSV ({error}).", reason="malformed row")
                yield BadPage(path, number, malformed)
            except ArticleError as error:
                yield BadPage(path, number, error)


def _check_header(header: list[str], path: Path, text_column: str) -> None:
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise InputError(f"{path}: the column '{twice}' stands twice in the header. Rename one.")
    if text_column not in header:
        raise InputError(
            f"{path}: no column '{text_column}'; the header has {', '.join(header) or 'nothing'}."
            f"{near_miss(text_column, header)} Name the column that holds the articles: data.text_column=NAME."
        )


def _named(cells: list[str], header: list[str], where: str) -> _Row:
    if len(cells) != len(header):
        raise ArticleError(
            f"{where}: {len(cells)} cells under a header of {len(header)}; a text with a delimiter or a newline has to be "
            "quoted.",
            reason="malformed row",
        )
    return dict(zip(header, cells, strict=True))


def _parsed(line: str, where: str) -> _Row:
    if len(line) > MAX_BYTES:
        raise ArticleError(f"{where}: more than {MAX_BYTES / 1e6:.0f} MB in one line; expected an article.", reason="too large")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ArticleError(f"{where}: not JSON ({error}).", reason="malformed row") from error
    if not isinstance(row, dict):
        raise ArticleError(f"{where}: expected a JSON object, got {type(row).__name__}.", reason="malformed row")
    return row


def _page(row: _Row, path: Path, number: int, text_column: str) -> Page:
    where = f"{path}:{number}"
    if text_column not in row:
        raise ArticleError(
            f"{where}: no '{text_column}'; the row has {', '.join(row) or 'nothing'}.{near_miss(text_column, row)} "
            "Name the key that holds the article: data.text_column=NAME.",
            reason="no text in the row",
        )
    text = row[text_column]
    if not isinstance(text, str) or not text.strip():
        raise ArticleError(f"{where}: '{text_column}' is empty or no text.", reason="empty")
    page = Page(
        page_id=_id(row, path, number),
        text=text,
        path=path,
        row=number,
        is_extracted=True,
        title=_text(row, "title"),
        date=_date(_text(row, "date") or ""),
        outlet=_text(row, "outlet"),
        url=_text(row, "url"),
    )
    if any("\ud800" <= c <= "\udfff" for value in (page.page_id, text, page.title, page.outlet, page.url) for c in value or ""):
        raise ArticleError(f"{where}: bytes that are not UTF-8, or half a character; expected UTF-8.", reason="not UTF-8")
    return in_plain_text(page)


def _id(row: _Row, path: Path, number: int) -> str:
    name = next((name for name in ID_COLUMNS if name in row), None)
    if name is None:
        return unicodedata.normalize("NFC", f"{path.stem}-{number}")
    found = row[name]
    text = unicodedata.normalize("NFC", str(found)).strip() if isinstance(found, str | int) else ""
    if not text or not text.isprintable():
        raise ArticleError(f"{path}:{number}: the {name} {found!r} is no id; expected a short text or number.", reason="no id")
    return text


def _date(text: str) -> date | None:
    # A time may follow: 2025-03-12T08:15:00+07:00.
    return line_date(text) or line_date(text.partition("T")[0])


def _text(row: _Row, column: str) -> str | None:
    value = row.get(column)
    return " ".join(value.split()) or None if isinstance(value, str) else None
