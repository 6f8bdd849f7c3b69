from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from detente.articles import Page
from detente.articles.sources import iterate_pages
from detente.articles.told import Columns, Told
from detente.errors import InputError
from detente.records import Article
from detente.rows import TextColumn
from saved_pages import BODY, TITLE


def test_columns_of_other_names_are_read() -> None:
    row = {
        "id": "a",
        "noi_dung": "\n".join(BODY),
        "tieu_de": TITLE,
        "ngay": "12/03/2025",
        "bao": "Báo Sông",
        "link": "https://a.vn/1",
    }
    Path("a.jsonl").write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    columns = Columns("tieu_de", "ngay", "bao", "link")
    (page,) = iterate_pages([Path("a.jsonl")], TextColumn("noi_dung"), columns)
    assert isinstance(page, Page)
    assert (page.title, page.date, page.outlet, page.url) == (TITLE, date(2025, 3, 12), "Báo Sông", "https://a.vn/1")
    assert page.is_one


def test_a_column_that_is_not_there_is_an_error_with_the_near_one() -> None:
    Path("a.csv").write_text("id,text,tieu_de\na,Tin.,Một\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"no column 'tieude'.*Name it: data\.title_column=NAME.*Did you mean 'tieu_de'"):
        list(iterate_pages([Path("a.csv")], columns=Columns(title="tieude", how="Name it: data.{}_column=NAME.")))


def test_what_is_told_holds_for_every_article() -> None:
    article = Article("a", "a", "Tin.", ((0, 4),), outlet="Khác", date=date(2001, 1, 1))
    assert Told("Báo Sông", date(2025, 3, 12)).of(article) == Article(
        "a", "a", "Tin.", ((0, 4),), outlet="Báo Sông", date=date(2025, 3, 12)
    )
    assert Told().of(article) == article
