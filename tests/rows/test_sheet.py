from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detente.errors import InputError
from detente.rows import TextColumn, columns_of, entries_of
from detente.rows.sheet import other_sheets


def book(rows: list[list[Any]], name: str = "a.xlsx") -> Path:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    for row in rows:
        sheet.append(row)
    made.save("saved.xlsx")
    return Path("saved.xlsx").rename(name)


def read(path: Path, column: str = "text") -> list[tuple[str, Any]]:
    return [(entry.place, entry.row or entry.reason) for entry in entries_of(path, TextColumn(column))]


def test_rows_of_a_sheet_whatever_the_case_of_its_ending() -> None:
    day = datetime(2025, 3, 12)
    rows = [["n", "text", "day"], [1, "Câu _x000D_ một.", day], [None, None, None], [2.5, "Hai", None], [None, None, None]]
    assert read(book(rows, "A.XLSX")) == [
        (" row 2", {"n": 1, "text": "Câu \r một.", "day": day}),
        (" row 3", "empty row; remove it."),
        (" row 4", {"n": 2.5, "text": "Hai", "day": None}),
    ]
    assert read(book([["n", "text"], [1, "a", "stray"], [2]])) == [
        (" row 2", "3 cells; expected 2, as in the header."),
        (" row 3", {"n": 2, "text": None}),
    ]


def test_a_cell_at_the_far_end_is_told_at_once() -> None:
    path = book([["text"], ["một"]])
    made = openpyxl.load_workbook(path)
    made.worksheets[0]["XFD1048576"] = "x"
    made.save(path)
    with pytest.raises(InputError, match=r"row 1,048,576 stands below 1,048,573 empty rows; .* Delete what stands there"):
        read(path)
    made = openpyxl.load_workbook(book([["text"], ["một"], ["hai"]]))
    made.worksheets[0]["XFD3"] = "x"
    made.save(path)
    assert read(path) == [(" row 2", {"text": "một"}), (" row 3", "16,384 cells; expected 1, as in the header.")]


def test_what_is_no_book_says_so() -> None:
    for data in (b"PK\x03\x04", b"text\n"):
        Path("a.xlsx").write_bytes(data)
        with pytest.raises(InputError, match=r"a\.xlsx: not readable as XLSX .* Save it as \.xlsx again"):
            read(Path("a.xlsx"))
    path = book([["text"], ["một"]])
    with zipfile.ZipFile(path) as old, zipfile.ZipFile("torn.xlsx", "w") as torn:
        for name in old.namelist():
            torn.writestr(name, re.sub(rb"</sheetData>.*", b"", old.read(name)))
    with pytest.raises(InputError, match=r"torn\.xlsx: not readable as XLSX"):
        read(Path("torn.xlsx"))
    with pytest.raises(InputError, match=r"a\.xlsx:1: no column 'text'; the row has câu"):
        read(book([["câu"], ["một"]]))


def test_values_of_parquet_that_python_cannot_hold_are_text() -> None:
    at = pa.array([253402300799000000, 0, None], pa.timestamp("us", "Asia/Ho_Chi_Minh"))
    pq.write_table(pa.table({"text": ["a", "b", "c"], "at": at}), "a.parquet")
    found = [row["at"] for _, row in read(Path("a.parquet"))]
    assert found[0] == "10000-01-01T06:59:59.000000+07:00"
    assert found[1].isoformat() == "1970-01-01T08:00:00+08:00"
    assert found[2] is None


def test_a_hundred_thousand_columns_of_parquet_are_refused() -> None:
    pq.write_table(pa.table({f"c{n}": pa.array([], pa.int8()) for n in range(10_001)}), "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: 10,001 columns; expected at most 10,000"):
        read(Path("a.parquet"))


def test_the_first_sheet_that_is_seen_is_read() -> None:
    made = openpyxl.Workbook()
    hidden: Any = made.active
    hidden.append(["text"])
    hidden.append(["Bản nháp."])
    hidden.sheet_state = "hidden"
    for name in ("Tin", "Ghi chú"):
        sheet: Any = made.create_sheet(name)
        sheet.append(["text"])
        sheet.append([f"Câu của {name}."])
    made.save("in.xlsx")
    assert [entry.row for entry in entries_of(Path("in.xlsx"))] == [{"text": "Câu của Tin."}]
    assert columns_of(Path("in.xlsx")) == ("text",)
    assert other_sheets(Path("in.xlsx")) == ["Ghi chú"]


def test_a_date_that_is_none_is_not_warned_of(recwarn: pytest.WarningsRecorder) -> None:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    sheet.append(["text", "ngay"])
    sheet.append(["Một câu.", 1e9])
    sheet["B2"].number_format = "yyyy-mm-dd"
    made.save("in.xlsx")
    assert [entry.row for entry in entries_of(Path("in.xlsx"))] == [{"text": "Một câu.", "ngay": "#VALUE!"}]
    assert not recwarn.list
