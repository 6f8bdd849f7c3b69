from __future__ import annotations

import csv
import json
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.articles.readers import BadPage, Page
from detente.articles.tables import read_table
from detente.errors import InputError
from detente.rows import TextColumn, has_text

TEXT = "Hai bên nhất trí nối lại đàm phán."


def write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read_csv(path: Path, column: str = "text") -> Iterator[Page | BadPage]:
    return read_table(path, TextColumn(column, "Name it: data.text_column=NAME."))


read_jsonl = read_csv


def reasons(found: list[Page | BadPage]) -> list[str]:
    return [bad.error.reason if isinstance(bad, BadPage) else bad.page_id for bad in found]


def test_columns_of_a_csv_file() -> None:
    path = write(
        "a.csv", f'id,title,date,outlet,url,text,more\n7,"Tin, mới",2025-03-12,Báo Sông,https://x.example,"{TEXT}\n\nHết.",x\n'
    )
    (page,) = read_csv(path)
    assert isinstance(page, Page)
    assert (page.page_id, page.text, page.title, page.outlet, page.url) == (
        "7",
        f"{TEXT}\n\nHết.",
        "Tin, mới",
        "Báo Sông",
        "https://x.example",
    )
    assert (page.date, page.is_extracted, page.place, page.origin) == (date(2025, 3, 12), True, "a.csv:2", "a.csv:2")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_delimiters_newlines_and_a_byte_order_mark(delimiter: str, newline: str) -> None:
    path = write(
        "a.csv", "\ufeff" + newline.join([delimiter.join(row) for row in (("page_id", "text"), ("p", TEXT), ("q", "Hết."))])
    )
    assert [(page.page_id, page.text) for page in read_csv(path) if isinstance(page, Page)] == [("p", TEXT), ("q", "Hết.")]


def test_rows_that_are_wrong_are_left_out_and_the_others_read() -> None:
    rows = ["id,text", f"a,{TEXT}", f"b,{TEXT},more", "c", "d,", "", f" ,{TEXT}", f"e,{TEXT}"]
    found = list(read_csv(write("a.csv", "\n".join(rows))))
    assert reasons(found) == ["a", "malformed row", "malformed row", "empty", "no id", "e"]
    assert isinstance(found[1], BadPage)
    assert str(found[1].error).startswith("a.csv:3: 3 cells; expected 2, as in the header.")
    assert found[1].origin == "a.csv:3"


def test_a_cell_larger_than_any_article_is_one_bad_row() -> None:
    found = list(read_csv(write("a.csv", f"id,text\na,{'x' * 10_000_001}\nb,{TEXT}\n")))
    assert reasons(found) == ["too large", "b"]


def test_bytes_that_are_not_utf8_spoil_their_row_only() -> None:
    found = list(read_csv(write("a.csv", b"id,text\na,h\xf2a b\xecnh\nb," + TEXT.encode() + b"\n")))
    assert reasons(found) == ["not UTF-8", "b"]
    found = list(read_jsonl(write("a.jsonl", b'{"text": "h\xf2a"}\n{"text": "\\ud800 x"}\n{"text": "xong"}\n')))
    assert reasons(found) == ["not UTF-8", "not UTF-8", "a-3"]


def test_text_that_a_spreadsheet_would_run_stays_text() -> None:
    path = Path("a.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], ["=1+1", '=HYPERLINK("http://x.example","Bấm")']])
    (page,) = read_csv(path)
    assert isinstance(page, Page)
    assert (page.page_id, page.text) == ("=1+1", '=HYPERLINK("http://x.example","Bấm")')


def test_a_renamed_text_column() -> None:
    path = write("a.csv", f"id,noi_dung\na,{TEXT}\n")
    with pytest.raises(InputError, match=r"a\.csv:1: no column 'text'; the row has id, noi_dung.*data\.text_column=NAME"):
        list(read_csv(path))
    (page,) = read_csv(path, "noi_dung")
    assert isinstance(page, Page)
    assert page.text == TEXT
    with pytest.raises(InputError, match="the column 'id' stands twice"):
        list(read_csv(write("a.csv", "id,id,text\n")))
    with pytest.raises(InputError, match="no header; expected the names of the columns"):
        list(read_csv(write("a.csv", "")))


def test_rows_of_jsonl() -> None:
    rows = [
        {"id": 17, "text": TEXT, "date": "2025-03-12T08:15:00+07:00", "title": None},
        {"article_id": "b", "text": TEXT, "date": 1741742100},
        {"text": TEXT},
        {"text": " "},
        {"text": ["x"]},
        {"noi_dung": TEXT},
        {"id": 1.5, "text": TEXT},
        {"id": "a\nb", "text": TEXT},
        [1],
    ]
    path = write("a.jsonl", "\n".join([*map(json.dumps, rows), "{", "[" * 100_000, ""]))
    found = list(read_jsonl(path))
    bad = ["empty", "empty", "no text in the row", "no id", "no id", "malformed row", "malformed row", "malformed row"]
    assert reasons(found) == ["17", "b", "a-3", *bad]
    assert [page.date for page in found if isinstance(page, Page)] == [date(2025, 3, 12), date(2025, 3, 12), None]


def test_jsonl_with_other_line_ends_and_decomposed_ids() -> None:
    name = unicodedata.normalize("NFD", "bài")
    path = write("a.jsonl", "\r".join(["\ufeff" + json.dumps({"id": name, "text": TEXT}), json.dumps({"text": TEXT})]))
    assert reasons(list(read_jsonl(path))) == ["bài", "a-2"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30), max_size=5))
def test_what_csv_writes_is_read_to_the_letter(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["title", "text"], *(["t", text] for text in texts)])
    found = [page.text for page in read_csv(path) if isinstance(page, Page)]
    assert found == [text for text in texts if has_text(text)]


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (20250312, date(2025, 3, 12)),
        (1741737600, date(2025, 3, 12)),
        (1741737600000, date(2025, 3, 12)),
        ("1741737600", date(2025, 3, 12)),
        ("12/03/25", date(2025, 3, 12)),
        ("31/2/2025", None),
        (5, None),
    ],
)
def test_dates_as_tables_have_them(given: object, right: date | None) -> None:
    Path("a.jsonl").write_text(json.dumps({"id": "a", "text": "Một câu.", "date": given}) + "\n", encoding="utf-8")
    (page,) = read_table(Path("a.jsonl"), TextColumn("text"))
    assert isinstance(page, Page)
    assert page.date == right


def test_a_title_has_no_tags_and_no_references() -> None:
    row = {"id": "a", "text": "Một câu.", "title": "<b>Giá xăng</b> &amp; dầu", "outlet": "Báo A &#38; B"}
    Path("a.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    (page,) = read_table(Path("a.jsonl"), TextColumn("text"))
    assert isinstance(page, Page)
    assert (page.title, page.outlet) == ("Giá xăng & dầu", "Báo A & B")
