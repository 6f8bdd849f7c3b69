from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.errors import InputError, UsageError
from detente.prediction.rows import READABLE, RowWriter, check_format, read_rows


def write(name: str, data: bytes | str) -> Path:
    path = Path(name)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_each_format() -> None:
    assert list(read_rows(write("a.txt", "một\r\nhai\n"), "text")) == [{"text": "một"}, {"text": "hai"}]
    assert list(read_rows(write("a.csv", '\ufeffid,text\r\n1,"một, ""hai""\nba"\r\n'), "text")) == [
        {"id": "1", "text": 'một, "hai"\nba'}
    ]
    assert list(read_rows(write("a.jsonl", '{"câu": "một", "n": 1.50}\n'), "câu")) == [{"câu": "một", "n": 1.5}]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", "", "the file is empty"),
        ("a.txt", " \n\n", "the file is empty"),
        ("a.txt", "một\n\nhai\n", r"a\.txt:2: 'text' is empty; expected a sentence"),
        ("a.txt", b"m\xe1\xbb\x99t\n\xff\n", r"a\.txt:2: not UTF-8"),
        ("a.csv", "id,txt\n1,một\n", r"a\.csv:2: no column 'text'; the row has id, txt.*--text-column. Did you mean 'txt'"),
        ("a.csv", "id,text\n1,một\n2\n", r"a\.csv:3: 1 cells; expected 2"),
        ("a.csv", "text,text\n1,một\n", "the column 'text' stands twice"),
        ("a.csv", "text\n", "no row after the header"),
        ("a.csv", "id;text\n1;một\n", r"separated by ';'; expected commas"),
        ("a.txt", "một".encode("utf-16"), "UTF-16; expected UTF-8"),
        ("a.csv", 'text\n"một\n', "not readable as CSV"),
        ("a.csv", "id,text\n1, \n", r"a\.csv:2: 'text' is empty"),
        ("a.jsonl", '{"text": "một"}\n{"text"\n', r"a\.jsonl:2: not JSON"),
        ("a.jsonl", '{"text": "một"}\n\n{"text": "hai"}\n', r"a\.jsonl:2: empty line"),
        ("a.jsonl", '["một"]\n', "expected a JSON object, got list"),
        ("a.jsonl", '{"text": 7}\n', "'text' is int 7; expected a sentence"),
        ("a.jsonl", '{"text": null}\n', "'text' is empty"),
    ],
)
def test_a_bad_row_is_named(name: str, data: bytes | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(read_rows(write(name, data), "text"))


def test_missing_file_and_unknown_format() -> None:
    with pytest.raises(InputError, match="is a folder; expected one file"):
        list(read_rows(Path.cwd(), "text"))
    with pytest.raises(InputError, match="no such file"):
        list(read_rows(Path("none.txt"), "text"))
    with pytest.raises(UsageError, match=r"unknown format '\.xlsx'; expected \.txt, \.csv, \.jsonl"):
        check_format(Path("a.xlsx"), READABLE)


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({"id": _TEXT, "text": _TEXT}), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[dict[str, str]], suffix: str) -> None:
    out = io.StringIO(newline="")
    writer = RowWriter(out, suffix)
    for row in rows:
        writer.write(row)
    assert list(read_rows(write(f"rows{suffix}", out.getvalue()), "text")) == rows
