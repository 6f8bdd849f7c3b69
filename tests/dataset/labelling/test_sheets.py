from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.dataset.labelling.csv_file import write_csv
from detente.dataset.labelling.items import Blank, Item, text_check
from detente.dataset.labelling.rows import ReadFile
from detente.dataset.labelling.sheets import GUARD, guarded, read_sheet, restored, unguarded
from detente.dataset.labelling.xlsx_file import write_xlsx
from detente.errors import AnnotationError, InputError
from label_sets import TASKS

DANGEROUS = (
    "=1+1",
    "+84 24",
    "-5 độ",
    "@sum",
    "\tx",
    "\rx",
    " =1",
    "＝1",
    "'quoted",
    "''",
    "007",
    "1,5",
    "3/4",
    "12e5",
    '=HYPERLINK("x")',
)
HARMLESS = ("Nga và Mỹ đàm phán.", "“Trích.”", "a=b", "p1#0", "5 nước", "")
# What no text file in UTF-8 holds, halves of a pair, stays out.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_compute_is_guarded(text: str) -> None:
    assert guarded(text) == GUARD + text
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert guarded(text) == text


@given(TEXTS)
def test_the_guard_comes_off_exactly(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(TEXTS)
def test_what_spreadsheets_do_to_a_cell_is_undone_by_its_check(text: str) -> None:
    check = text_check("p#0", text)
    assert restored(guarded(text), "p#0", check) == text
    assert restored(text, "p#0", check) == text  # the apostrophe went when the cell was opened
    if "\r" not in text:
        for line_break in ("\r\n", "\r"):
            assert restored(guarded(text.replace("\n", line_break)), "p#0", check) == text


def cells(file: ReadFile) -> list[dict[str, Any]]:
    return [dict(row.values) for row in file.rows]


def read_csv(text: str) -> ReadFile:
    path = Path("x.csv")
    path.write_bytes(text.encode())
    return read_sheet(path)


def through_csv(items: list[Item]) -> ReadFile:
    out = io.StringIO(newline="")
    write_csv(items, Blank(tuple(TASKS.values())), out)
    return read_csv(out.getvalue())


def through_xlsx(items: list[Item], path: Path) -> ReadFile:
    write_xlsx(items, Blank(tuple(TASKS.values())), path)
    return read_sheet(path)


@given(st.lists(TEXTS, min_size=1, max_size=5))
@settings(deadline=None)
def test_texts_come_back_from_csv_byte_for_byte(texts: list[str]) -> None:
    items = [Item(f"p#{at}", "001", text, title=text) for at, text in enumerate(texts)]
    rows = cells(through_csv(items))
    assert [(row["text"], row["title"], row["article_id"]) for row in rows] == [(text, text, "001") for text in texts]


@given(st.lists(TEXTS, min_size=1, max_size=3))
@settings(deadline=None, max_examples=40)
def test_texts_come_back_from_xlsx_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    items = [Item(f"p#{at}", "001", text) for at, text in enumerate(texts)]
    rows = cells(through_xlsx(items, tmp_path_factory.mktemp("x") / "x.xlsx"))
    assert [(row["text"], row["article_id"]) for row in rows] == [(text, "001") for text in texts]


HOSTILE = [
    "=1+1",
    "'=1",
    "Dòng\nhai",
    "Dòng\r\nba",
    "lone\rreturn",
    'Ông nói: "có, không"',
    "ho\u0300a",
    "_x000D_",
    "\x0bvt",
    "\ttab",
    " x ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_in_both(tmp_path: Path, text: str) -> None:
    item = Item("p#0", "p", text)
    assert cells(through_csv([item]))[0]["text"] == text
    assert cells(through_xlsx([item], tmp_path / "x.xlsx"))[0]["text"] == text


def test_csv_opens_as_utf_8_and_holds_no_formula() -> None:
    out = io.StringIO(newline="")
    write_csv([Item("p#0", "p", text, title=text) for text in DANGEROUS], Blank(tuple(TASKS.values()), annotator="=an"), out)
    assert out.getvalue().startswith("\ufeff")
    for row in csv.reader(io.StringIO(out.getvalue().removeprefix("\ufeff"), newline="")):
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)


def test_xlsx_holds_no_formula_and_offers_the_labels(tmp_path: Path) -> None:
    write_xlsx(
        [Item(f"p#{at}", "p", text) for at, text in enumerate(DANGEROUS)], Blank(tuple(TASKS.values())), tmp_path / "x.xlsx"
    )
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None} == {"s", "n"}
    offers = {offer.formula1: str(offer.sqref) for offer in sheet.data_validations.dataValidation}
    assert offers['"dialogue,neutral,escalation"'] == f"G2:G{len(DANGEROUS) + 1}"


def test_a_cell_too_long_for_a_sheet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"p#0: 'text' has 40000 characters; a cell holds 32767. Write .jsonl."):
        write_xlsx([Item("p#0", "p", "x" * 40000)], Blank(tuple(TASKS.values())), tmp_path / "x.xlsx")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_of_every_country(separator: str, line_end: str) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=line_end)
    writer.writerows([["sentence_id", "text", "stance"], ["p#0", "a, b; c\td", "dialogue"], ["", "", ""]])
    file = read_csv(out.getvalue())
    assert not file.problems
    assert cells(file) == [{"sentence_id": "p#0", "text": "a, b; c\td", "stance": "dialogue"}]


def test_rows_that_do_not_fit_the_header_are_problems() -> None:
    file = read_csv("sentence_id,text\np#0,a,b\np#1\np#2,c\n")
    assert file.problems == (
        ("row 2", "3 cells; expected 2, as in the header"),
        ("row 3", "1 cells; expected 2, as in the header"),
    )
    assert [row.where for row in file.rows] == ["row 4"]
    assert read_csv('a,b\n"x,y').problems == (("row 2", "not readable as CSV (unexpected end of data)"),)


def test_what_annotators_typed_and_sheets_of_others_keep_their_apostrophes() -> None:
    check = text_check("p#0", "=a")
    (ours,) = cells(read_csv(f"sentence_id,text,note,check\np#0,'=a,'=b,{check}\n"))
    assert (ours["text"], ours["note"]) == ("=a", "'=b")
    (others,) = cells(read_csv("sentence_id,text,note\np#0,'=a,'=b\n"))
    assert (others["text"], others["note"]) == ("'=a", "'=b")


def test_a_column_without_a_name_is_not_passed_over() -> None:
    file = read_csv("sentence_id,text,,\np#0,a,b,\n")
    assert file.columns == ("sentence_id", "text", "column 3")


def test_merged_cells_and_formulas_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    write_xlsx([Item(f"p#{at}", "p", f"Câu {at}.") for at in range(3)], Blank(tuple(TASKS.values())), path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet["G2"] = "dialogue"
    sheet.merge_cells("G2:G4")
    sheet["H2"] = "=G2"
    book.save(path)
    assert read_sheet(path).problems == (
        ("cells G2:G4", "merged; unmerge them and fill in each"),
        ("row 2", "'sentiment' is a formula; expected a value"),
    )


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"sentence_id,text\n"])
def test_what_is_no_xlsx_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(data)
    with pytest.raises(AnnotationError, match=r"x.xlsx: not readable as XLSX .* Save it as .xlsx again"):
        read_sheet(tmp_path / "x.xlsx")


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.rows import sheet

    monkeypatch.setattr(sheet, "MAX_UNPACKED", 1000)
    write_xlsx([Item("p#0", "p", "x")], Blank(tuple(TASKS.values())), tmp_path / "x.xlsx")
    with pytest.raises(AnnotationError, match="unpacks to more than 1,000 bytes"):
        read_sheet(tmp_path / "x.xlsx")
