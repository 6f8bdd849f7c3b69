from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from detente.errors import InputError
from detente.rows import TextColumn, columns_of, entries_of
from detente.rows import entries as limits


def read(data: str | bytes, name: str = "a.csv", column: str = "text") -> list[tuple[str, Any]]:
    """The place and the row, or the reason why it is none."""
    path = Path(name)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [(entry.place, entry.row or entry.reason) for entry in entries_of(path, TextColumn(column))]


def texts(data: str | bytes, name: str = "a.csv", column: str = "text") -> list[str]:
    return [row[column] for _, row in read(data, name, column)]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "A.CSV"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_those_of_the_header(name: str, delimiter: str) -> None:
    assert texts(f'id{delimiter}text\n1{delimiter}"một, hai; ba\tbốn"\n', name) == ["một, hai; ba\tbốn"]


def test_the_wanted_column_tells_delimiters_apart() -> None:
    assert texts("text;a,b,c\nmột;2\n") == ["một"]
    assert texts("text\nmột\n") == ["một"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_excels_first_line_is_obeyed_and_no_row(first: str) -> None:
    assert read(f"\ufeff{first}\r\nid;text\r\n1;một\r\n") == [(":3", {"id": "1", "text": "một"})]
    assert texts("sep=|\nid|text\n1|một\n") == ["một"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt"])
def test_encodings_with_and_without_a_mark(encoding: str, name: str) -> None:
    sentence = "Quân đội hai nước tập trận bắn đạn thật ở thao trường."
    data = {"a.csv": f"id,text\n1,{sentence}\n", "a.jsonl": f'{{"text": "{sentence}"}}\n', "a.txt": f"{sentence}\n"}[name]
    assert texts(data.encode(encoding), name) == [sentence]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_cut_within_a_character_loses_its_last_row_alone(encoding: str) -> None:
    rows = "id,text\n1,Quân đội hai nước tập trận ở thao trường.\n2,Hai bên nối lại đàm phán.".encode(encoding)[:-1]
    found = read(rows)
    assert [place for place, _ in found] == [":2", ":3"]
    assert isinstance(found[0][1], dict)
    assert found[1][1] == "not UTF-8; expected UTF-8."


def test_a_stray_quotation_mark_costs_its_line_alone() -> None:
    found = read('id,text\n1,một\n2,"hai\n3,ba\n4,"bốn" năm\n5,sáu\n')
    assert [place for place, _ in found] == [":2", ":3", ":4", ":5", ":6"]
    assert [isinstance(row, dict) for _, row in found] == [True, False, True, False, True]
    assert found[1][1] == "not readable as CSV (',' expected after '\"')."
    found = read('id,text\n1,một\n2,"hai\n3,ba\n4,"bốn\n')
    assert [row["text"] for _, row in found if isinstance(row, dict)] == ["một", "ba"]
    assert len(found) == 4


def test_a_mark_that_is_never_closed_swallows_no_row() -> None:
    rows = "".join(f"{n},Câu số {n}.\n" for n in range(2, 2000))
    found = read(f'id,text\n1,"Câu số 1.\n{rows}')
    assert len(found) == 1999
    assert [row for _, row in found if isinstance(row, str)] == ["not readable as CSV (unexpected end of data)."]
    assert found[-1] == (":2000", {"id": "1999", "text": "Câu số 1999."})


def test_lines_of_a_broken_cell_are_no_rows() -> None:
    found = read('id,text\n1,"Dòng một\nhôm nay, ông đến\nnói "có"\n2,hai\n')
    assert [place for place, _ in found] == [":2", ":3", ":4", ":5"]
    assert [isinstance(row, dict) for _, row in found] == [False, False, False, True]
    assert found[1][1] == "not readable as CSV (within a quotation mark that line 2 opens)."


def test_cells_of_several_lines_and_marks_are_read() -> None:
    assert read('id,text\n1,"Dòng một\n""hai"", ba"\n2,x\n') == [
        (":2", {"id": "1", "text": 'Dòng một\n"hai", ba'}),
        (":4", {"id": "2", "text": "x"}),
    ]


def test_rows_of_another_size_and_empty_lines() -> None:
    found = read("id,text\n1\n2,một,\n3,hai,x\n\n4,ba\n")
    assert [row for _, row in found] == [
        "1 cells; expected 2, as in the header.",
        {"id": "2", "text": "một"},
        "3 cells; expected 2, as in the header.",
        "empty line; remove it.",
        {"id": "4", "text": "ba"},
    ]


def test_columns_without_a_name_are_there_where_they_hold_something() -> None:
    assert [row for _, row in read(",text,,\n0,một,,\n1,hai,x,\n")] == [
        {"column 1": "0", "text": "một"},
        {"column 1": "1", "text": "hai", "column 3": "x"},
    ]
    assert columns_of(Path("a.csv")) == ("column 1", "text", "column 3", "column 4")


def test_a_line_longer_than_any_is_one_row_and_one_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE", 50)
    found = read(f"id,text\n1,một\n2,{'x' * 200}\n3,ba\n")
    assert found[1] == (":3", "more than 50 characters in one line; expected a sentence.")
    assert [place for place, _ in found] == [":2", ":3", ":4"]
    monkeypatch.setattr(limits, "MAX_DRAINED", 100)
    with pytest.raises(InputError, match=r"a\.csv:3: more than 100 characters in one line; expected a row a line"):
        read(f"id,text\n1,một\n2,{'x' * 200}\n3,ba\n")


def test_a_cell_of_many_lines_that_is_too_long_is_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE", 50)
    cell = "Dòng một\n" + "Một dòng nữa của ô này\n" * 10
    rows = "".join(f"{n},Câu {n}.\n" for n in range(3, 103))
    found = read(f'id,text\n1,một\n2,"{cell}""hết"""\n{rows}')
    assert found[1] == (":3", "more than 50 characters in one cell; expected a sentence.")
    assert [place for place, _ in found] == [":2", ":3", *(f":{line}" for line in range(15, 115))]
    assert found[-1] == (":114", {"id": "102", "text": "Câu 102."})
    assert len(read(f'id,text\n2,"{cell}",\n{rows}')) == 101


def test_a_mark_that_is_never_closed_costs_no_row_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE", 50)
    rows = "".join(f'{n},"Câu {n}."\n' for n in range(2, 102))
    found = read(f'id,text\n1,"một\nhai\n\n{"ba " * 14}\nbốn\n{rows}')
    assert [place for place, _ in found] == [f":{line}" for line in range(2, 107)]
    assert [row["text"] for _, row in found if isinstance(row, dict)] == [f"Câu {n}." for n in range(2, 102)]
    monkeypatch.setattr(limits, "MAX_LINE", 100)
    found = read('id,text\n1,"' + "một\n" * 30 + "x" * 300 + "\n2,hai\n")
    assert found[-1] == (":33", {"id": "2", "text": "hai"})


def test_a_hundred_thousand_columns_are_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"a\.csv:1: 100,000 columns; expected at most 10,000"):
        read(",".join(f"c{n}" for n in range(100_000)) + "\n")
    with pytest.raises(InputError) as caught:
        read(",".join(f"c{n}" for n in range(9_000)) + "\n")
    assert len(str(caught.value)) < 300
    assert "and 8,980 more" in str(caught.value)
