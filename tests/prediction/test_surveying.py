from __future__ import annotations

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from detente.errors import InputError
from detente.model import Classifier
from detente.prediction import predict
from detente.prediction.sources import open_source
from detente.prediction.surveying import checked
from saved_pages import BODY, LEAD, TITLE


def note(path: str, column: str = "text") -> str:
    found = checked(open_source(Path(path), column), "jsonl").surveyed
    assert found is not None
    return found.note


def write_csv(path: str, rows: list[str]) -> None:
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["bai"], *([row] for row in rows)])


@pytest.mark.parametrize("between", ["\n", "\n\n", " "])
def test_whole_articles_in_a_column_are_told(between: str) -> None:
    write_csv("in.csv", [between.join([LEAD, *BODY])] * 3)
    assert note("in.csv", "bai") == (
        "note: in.csv seems to hold whole articles in 'bai', and every row is predicted as one sentence; to have the sentences "
        "predicted, say --format articles"
    )


def test_an_article_in_a_text_file_is_told(classifier: Classifier) -> None:
    paragraphs = [" ".join(pair) for pair in ((LEAD, BODY[0]), BODY[1:3], BODY[3:])]
    Path("bai.txt").write_text("\n\n".join([TITLE, "12/03/2025 08:15", *paragraphs, "Minh Khang"]), "utf-8")
    said: list[str] = []
    predict(classifier, "bai.txt", "out.jsonl", say=said.append)
    assert said[0].startswith(
        "note: bai.txt seems to hold the lines of an article, and every row is predicted as one sentence;"
    )


def test_sentences_are_not_taken_for_articles() -> None:
    Path("in.txt").write_text("\n".join([LEAD, *BODY, "Một. Hai.", TITLE]), "utf-8")
    assert note("in.txt") == ""
    long = "Theo tuyên bố chung, " + ", ".join(f"điểm thứ {n} là đường dây nóng" for n in range(20)) + "."
    write_csv("in.csv", [long, long.replace(", ", ",\n", 1), f"“{BODY[0]} {BODY[1]}”, ông nói.", *BODY])
    assert note("in.csv", "bai") == ""


def test_a_column_whose_name_no_cell_holds_is_told_before_anything_is_predicted() -> None:
    Path("in.csv").write_text(f"text,{'n' * 32_768}\nMột câu.,1\n", "utf-8")
    source = open_source(Path("in.csv"), "text")
    with pytest.raises(
        InputError, match=r"^in\.csv: the name of a column, 'n+\.\.\.', has 32,768 characters; a cell of a sheet"
    ):
        checked(source, "xlsx")
    assert checked(source, "csv").surveyed
    assert checked(source, "xlsx", ("text",)).surveyed


def test_a_sheet_that_is_not_read_and_a_cell_that_is_an_error_are_told(classifier: Classifier) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (["text"], ["#N/A"], ["Một câu."]):
        sheet.append(row)
    book.create_sheet("2024").append(["text"])
    book.save("in.xlsx")
    said: list[str] = []
    summary = predict(classifier, "in.xlsx", "out.jsonl", say=said.append)
    assert said[0] == "note: in.xlsx has other sheets, which are not read: 2024"
    assert (summary.n_rows, summary.n_rejected) == (1, 1)
    reject = json.loads(Path("out.jsonl.rejects.jsonl").read_text("utf-8"))
    assert reject["reason"].startswith("'text' is #N/A, an error of the sheet; expected a sentence.")


def test_a_column_that_only_reads_alike_is_explained() -> None:
    Path("in.csv").write_text(unicodedata.normalize("NFD", "văn bản") + "\nMột câu.\n", "utf-8")
    with pytest.raises(InputError, match=r"no column 'văn bản'.*The name that reads alike has its accents stored apart"):
        checked(open_source(Path("in.csv"), "văn bản"), "csv")
