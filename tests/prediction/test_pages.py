"""Articles as input: what is known of them better, and what a sheet cannot hold of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from detente.articles.told import PageOptions
from detente.errors import InputError, UsageError
from detente.model import Classifier
from detente.prediction import predict
from detente.prediction.sources import open_source
from detente.prediction.surveying import checked
from saved_pages import BODY, LEAD, TITLE, saved_page


def lines(path: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").split("\n")[:-1]]


def table(**row: str) -> Path:
    path = Path("pages.jsonl")
    path.write_text(json.dumps({"id": "a", "noi_dung": "\n".join([LEAD, *BODY]), **row}, ensure_ascii=False) + "\n", "utf-8")
    return path


def test_columns_of_other_names_and_what_is_told_of_all(classifier: Classifier) -> None:
    path = table(tieu_de=TITLE, ngay="12/03/2025", bao="Báo Sông", link="https://a.vn/1")
    named = {"text_column": "noi_dung", "title_column": "tieu_de", "date_column": "ngay", "outlet_column": "bao"}
    predict(classifier, path, "out.jsonl", format="articles", url_column="link", **named)
    first = lines("out.jsonl")[0]
    assert (first["text"], first["title"], first["date"]) == (LEAD, TITLE, "2025-03-12")
    assert (first["outlet"], first["url"]) == ("Báo Sông", "https://a.vn/1")
    predict(classifier, path, "told.jsonl", format="articles", outlet="Báo Biển", date="1/2/2024", **named)
    assert {(row["outlet"], row["date"]) for row in lines("told.jsonl")} == {("Báo Biển", "2024-02-01")}


def test_what_is_told_holds_for_pages_too(classifier: Classifier) -> None:
    Path("pages").mkdir()
    Path("pages/a.html").write_text(saved_page(), "utf-8")
    predict(classifier, "pages", "out.jsonl", outlet="Báo Biển")
    assert {row["outlet"] for row in lines("out.jsonl")} == {"Báo Biển"}
    (unit,) = open_source(Path("pages"), PageOptions(date="2024-02-01")).units()
    assert unit.told.date == date(2024, 2, 1)  # type: ignore[union-attr]


def test_what_is_said_of_articles_is_not_passed_over_in_a_file_of_sentences(classifier: Classifier) -> None:
    Path("in.csv").write_text("text\nMột câu.\n", "utf-8")
    with pytest.raises(UsageError, match=r"^--outlet: is of articles, and in\.csv is read as sentences\..*--format articles"):
        predict(classifier, "in.csv", "out.csv", outlet="Báo")
    with pytest.raises(UsageError, match=r"^--date: expected a day, as in 2025-03-12 or 12/3/2025, got 'hôm qua'"):
        predict(classifier, "in.csv", "out.csv", date="hôm qua")


def test_other_settings_are_another_prediction(classifier: Classifier) -> None:
    path = table(tieu_de=TITLE)
    predict(classifier, path, "out/", format="articles", text_column="noi_dung")
    with pytest.raises(UsageError):
        predict(classifier, path, "out/", format="articles", text_column="noi_dung", title_column="tieu_de")


def test_a_cell_that_a_sheet_cannot_hold_is_told_before_anything_is_predicted() -> None:
    long = "Ông nói " + "rất " * 9_000 + "dài."
    path = table(tieu_de="T" * 40_000)
    source = open_source(path, PageOptions(text_column="noi_dung", title_column="tieu_de"), "articles")
    with pytest.raises(InputError, match=r"pages\.jsonl: a#0: 'title' has 40,000 characters; a cell of a sheet holds 32,767"):
        checked(source, "xlsx")
    assert checked(source, "xlsx", ("text",)).surveyed
    assert checked(source, "csv").surveyed
    path = table(noi_dung="\n".join([LEAD, long, *BODY]))
    with pytest.raises(InputError, match=r"'text' has 36,012 characters; a cell"):
        checked(open_source(path, "noi_dung", "articles"), "xlsx")
