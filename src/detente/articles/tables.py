"""Files of rows with an article a row → pages. What is wrong with a row is the row's: the others are read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from detente.articles.dates import line_date
from detente.articles.fragments import in_plain_text, without_markup
from detente.articles.readers import BadPage, Page
from detente.articles.told import Columns
from detente.errors import ArticleError
from detente.formats import COMPRESSED, READABLE, format_of
from detente.rows import Entry, TextColumn, has_text, missing_column, read_entries
from detente.rows.entries import NO_COLUMN
from detente.strict_json import shown

ID_COLUMNS = ("id", "page_id", "article_id")
"""The columns an id is looked for in, in this order; a row of a file without any is called by the file and its number."""

_COMPRESSED = tuple(f".{name}" for name in COMPRESSED)
_SHEETS = ("csv", "tsv", "xlsx")
"""Of these the header is row 1."""
_USUAL = Columns()
_VIETNAM = timezone(timedelta(hours=7))
_EPOCH = re.compile(r"([1-3]\d{9})(?:\d{3})?")
"""Seconds or milliseconds since 1970, of the years 2001 to 2096."""
_Row = Mapping[str, Any]


def read_table(path: Path, wanted: TextColumn, columns: Columns = _USUAL) -> Iterator[Page | BadPage]:
    """The pages of a file of rows, or what is wrong with a row; lines with nothing on them are passed over.

    The number of a page is its row's; in a sheet the header is row 1. Raises InputError if the header lacks the text column, if
    a column of another name than usual is not in the first row, or for a file that cannot be read.
    """
    kind = format_of(path, READABLE)
    above = 1 if kind.kind in _SHEETS else 0
    is_checked = False
    for entry in read_entries(path, kind, wanted):
        if entry.row is not None and not is_checked:
            columns.check(entry.row, f"{path}{entry.place}")
            is_checked = True
        if not entry.is_blank:
            try:
                yield _page(entry, path, entry.number + above, wanted, columns)
            except ArticleError as error:
                yield BadPage(path, entry.number + above, error)


def _page(entry: Entry, path: Path, number: int, wanted: TextColumn, columns: Columns) -> Page:
    where, row = f"{path}:{number}", entry.row
    if row is None:
        raise ArticleError(f"{path}{entry.place}: {entry.reason}", reason=entry.kind)
    if wanted.name not in row:
        raise ArticleError(f"{where}: {missing_column(row, wanted)}", reason=NO_COLUMN)
    text = row[wanted.name]
    if not isinstance(text, str) or not has_text(text):
        raise ArticleError(f"{where}: '{wanted.name}' is empty or no text.", reason="empty")
    page = Page(
        page_id=_id(row, path, number),
        text=text,
        path=path,
        row=number,
        is_extracted=True,
        title=words_in(row, columns.title),
        date=day_in(row.get(columns.date)),
        outlet=words_in(row, columns.outlet),
        url=words_in(row, columns.url),
    )
    return in_plain_text(page)


def _id(row: _Row, path: Path, number: int) -> str:
    name = next((name for name in ID_COLUMNS if name in row), None)
    if name is None:
        stem = Path(path.stem).stem if path.suffix.lower() in _COMPRESSED else path.stem
        return unicodedata.normalize("NFC", f"{stem}-{number}")
    found = row[name]
    text = unicodedata.normalize("NFC", str(found)).strip() if isinstance(found, str | int) else ""
    if not text or not text.isprintable():
        raise ArticleError(
            f"{path}:{number}: the {name} {shown(found)} is no id; expected a short text or number.", reason="no id"
        )
    return text


def day_in(value: object) -> date | None:
    """The day of a cell: a date, a text that says one, or seconds since 1970; None for none."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = " ".join(str(value).split()) if isinstance(value, str | int) else ""
    if seconds := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(seconds[1]), _VIETNAM).date()
    # A time may follow: 2025-03-12T08:15:00+07:00; in a column of dates 12/03/25 is one, too.
    return line_date(text) or line_date(text.partition("T")[0]) or line_date(f"{text} 00:00")


def words_in(row: _Row, column: str) -> str | None:
    """What a column says in words, without markup; None where it is empty or no text."""
    value = row.get(column)
    return " ".join(without_markup(value).split()) or None if isinstance(value, str) else None
