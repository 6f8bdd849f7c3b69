"""What the user knows better than pages and tables: the columns that say it, or one outlet and one day for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Any

from detente.errors import InputError
from detente.records import Article
from detente.rows import TextColumn, missing_column


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table that hold what is known of its articles, where it has them."""

    title: str = "title"
    date: str = "date"
    outlet: str = "outlet"
    url: str = "url"

    def check(self, row: Mapping[str, Any], where: str) -> None:
        """Raise InputError if a column that goes by another name than the usual is not there."""
        for name, usual in zip(astuple(self), astuple(Columns()), strict=True):
            if name != usual and name not in row:
                wanted = TextColumn(name, f"Name the column that holds it: data.{usual}_column=NAME.")
                raise InputError(f"{where}: {missing_column(row, wanted)}")


@dataclass(frozen=True, slots=True)
class Told:
    """An outlet and a day for every article; what is empty is left to the pages."""

    outlet: str = ""
    date: date | None = None

    def of(self, article: Article) -> Article:
        """The article with what was told."""
        return replace(article, outlet=self.outlet or article.outlet, date=self.date or article.date)
