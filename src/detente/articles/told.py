"""What the user knows better than pages and tables: the columns that say it, or one outlet and one day for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from detente.articles.dates import line_date
from detente.errors import InputError, UsageError
from detente.records import Article
from detente.rows import TextColumn, missing_column

TEXT_COLUMN = "text"
HOW = "Name it with --{}-column."
"""Where commands name a column."""
_KNOWN = ("title", "date", "outlet", "url")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that hold what is known of its articles, where it has them. ``how`` says where one names them."""

    title: str = "title"
    date: str = "date"
    outlet: str = "outlet"
    url: str = "url"
    how: str = HOW

    def check(self, row: Mapping[str, Any], where: str) -> None:
        """Raise InputError if a column that goes by another name than the usual is not there."""
        for usual in _KNOWN:
            name = getattr(self, usual)
            if name != usual and name not in row:
                raise InputError(f"{where}: {missing_column(row, TextColumn(name, self.how.format(usual)))}")


@dataclass(frozen=True, slots=True)
class Told:
    """An outlet and a day for every article; what is empty is left to the pages."""

    outlet: str = ""
    date: date | None = None

    def of(self, article: Article) -> Article:
        """The article with what was told."""
        return replace(article, outlet=self.outlet or article.outlet, date=self.date or article.date)


@dataclass(frozen=True, kw_only=True)
class PageOptions:
    """What can be said of pages to every command that reads some.

    In a table the article stands in ``text_column``, and what is known of it in the other columns; ``outlet`` and ``date`` hold
    for every article, whatever its page says.
    """

    text_column: str = TEXT_COLUMN
    title_column: str = "title"
    date_column: str = "date"
    outlet_column: str = "outlet"
    url_column: str = "url"
    outlet: str = ""
    date: str = ""

    def known_columns(self, how: str = HOW) -> Columns:
        """The columns of what is known; ``how`` says where one names them."""
        return Columns(self.title_column, self.date_column, self.outlet_column, self.url_column, how)

    def wanted(self, how: str = HOW) -> TextColumn:
        """The column of the articles."""
        return TextColumn(self.text_column, how.format("text"))

    @property
    def told(self) -> Told:
        """What holds for every article."""
        return Told(" ".join(self.outlet.split()), line_date(self.date))

    @property
    def said(self) -> PageOptions:
        """These options alone, of whatever command's they are."""
        return PageOptions(**{field.name: getattr(self, field.name) for field in fields(PageOptions)})


def check_day(text: str, name: str) -> None:
    """Raise UsageError for what is given as a day, and is none; nothing is left to the pages."""
    if text and line_date(text) is None:
        raise UsageError(f"{name}: expected a day, as in 2025-03-12 or 12/3/2025, got {text!r:.100}.")
