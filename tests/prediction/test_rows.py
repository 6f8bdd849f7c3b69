from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.errors import InputError, UsageError
from detente.formats import READABLE, WRITABLE, Format, created, format_of
from detente.prediction.rows import read_rows as read_wanted
from detente.prediction.rows import sentence_entries
from detente.prediction.sources import HINT
from detente.prediction.writing import Layout, as_bytes
from detente.rows import Row, TextColumn, check_file, entries, has_text


def write(name: str, data: bytes | str) -> Path:
    path = Path(name)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def read_rows(path: Path, column: str) -> Iterator[Row]:
    return read_wanted(path, TextColumn(column, HINT))


def read(path: Path, text_column: str = "text") -> list[tuple[int, Any]]:
    """Each row, or in its place the reason why it is none."""
    return [(e.number, e.row or e.reason) for e in sentence_entries(path, check_file(path), TextColumn(text_column))]


def test_each_format() -> None:
    assert list(read_rows(write("a.txt", "một\r\nhai\n"), "text")) == [{"text": "một"}, {"text": "hai"}]
    assert list(read_rows(write("a.csv", '\ufeffid,text\r\n1,"một, ""hai""\nba"\r\n'), "text")) == [
        {"id": "1", "text": 'một, "hai"\nba'}
    ]
    assert list(read_rows(write("a.tsv", "id\ttext\n1\tmột, hai\n"), "text")) == [{"id": "1", "text": "một, hai"}]
    assert list(read_rows(write("a.jsonl", '{"câu": "một", "n": 1.50}\n'), "câu")) == [{"câu": "một", "n": 1.5}]
    pq.write_table(pa.table({"n": [1, 2], "text": pa.array(["một", "hai"]).dictionary_encode()}), "a.parquet")
    assert list(read_rows(Path("a.parquet"), "text")) == [{"n": 1, "text": "một"}, {"n": 2, "text": "hai"}]


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_formats_and_what_is_cut_short(ending: str) -> None:
    text = "".join(f"Câu số {number} của bản tin.\n" for number in range(20_000))
    path = Path(f"a.txt.{ending}")
    with created(path, ending) as stream:
        stream.write(text.encode())
    first = path.read_bytes()
    assert [row["text"] for row in read_rows(path, "text")] == text.splitlines()
    with created(path, ending) as stream:
        stream.write(text.encode())
    assert path.read_bytes() == first
    path.write_bytes(first[: len(first) // 2])
    with pytest.raises(InputError, match=r"damaged or cut short .*Copy or compress it again"):
        list(read_rows(path, "text"))
    path.write_bytes(b"no such compression")
    with pytest.raises(InputError, match="damaged or cut short"):
        list(read_rows(path, "text"))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", "", "the file is empty"),
        ("a.txt", " \n\n", r"a\.txt:1: 'text' is empty"),
        ("a.txt", "một\n\nhai\n", r"a\.txt:2: 'text' is empty; expected a sentence"),
        ("a.txt", b"m\xe1\xbb\x99t\n\xff\n", r"a\.txt:2: not UTF-8"),
        ("a.csv", "id,txt\n1,một\n", r"a\.csv:1: no column 'text'; the row has id, txt.*--text-column. Did you mean 'txt'"),
        ("a.csv", "id,text\n1,một\n2\n", r"a\.csv:3: 1 cells; expected 2"),
        ("a.csv", "text,text\n1,một\n", "the column 'text' stands twice"),
        ("a.csv", "text\n", "no row after the header"),
        ("a.csv", 'text\n"một\n', "not readable as CSV"),
        ("a.csv", "id,text\n1, \n", r"a\.csv:2: 'text' is empty"),
        ("a.jsonl", '{"text": "một"}\n{"text"\n', r"a\.jsonl:2: not JSON"),
        ("a.jsonl", '{"text": "một"}\n\n{"text": "hai"}\n', r"a\.jsonl:2: empty line"),
        ("a.jsonl", '["một"]\n', "expected a JSON object, got list"),
        ("a.jsonl", '{"text": 7}\n', "'text' is int 7; expected a sentence"),
        ("a.jsonl", '{"text": 0}\n', "'text' is int 0; expected a sentence"),
        ("a.jsonl", '{"text": [1, 2, 3, 4, 5, 6, 7, 8]}\n', r"'text' is list \[1, 2, 3, 4, 5, 6, \.\.\.\]; expected"),
        ("a.jsonl", '{"text": null}\n', "'text' is empty"),
        ("a.jsonl", '{"text": "một", "x": "\\ud800"}\n', "half a character"),
        ("a.parquet", "PAR1 and no more", r"a\.parquet: not a readable parquet file"),
    ],
)
def test_a_bad_row_is_named(name: str, data: bytes | str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(read_rows(write(name, data), "text"))


def test_parquet_without_strings() -> None:
    pq.write_table(pa.table({"text": [1, 2]}), "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: the column 'text' holds int64; expected strings"):
        list(read_rows(Path("a.parquet"), "text"))
    pq.write_table(pa.table({"câu": ["một"]}), "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: no column 'text'; the row has câu"):
        list(read_rows(Path("a.parquet"), "text"))


def test_what_is_wrong_with_a_row_stays_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(write("a.jsonl", b'{"text": "a"}\n{"text": "\xff"}\n{oops\n\n{"text": "b"}\r\n')) == [
        (1, {"text": "a"}),
        (2, "half a character (a lone surrogate), or bytes that are not UTF-8; expected UTF-8."),
        (3, "not JSON (Expecting property name enclosed in double quotes at column 2)."),
        (4, "empty line; expected a JSON object a line. Remove it."),
        (5, {"text": "b"}),
    ]
    assert read(write("a.csv", 'id,text\n1,"a"b\n2,c\n3,"d\n4,e\n')) == [
        (1, "not readable as CSV (',' expected after '\"')."),
        (2, {"id": "2", "text": "c"}),
        (3, "not readable as CSV (unexpected end of data)."),
        (4, {"id": "4", "text": "e"}),
    ]
    monkeypatch.setattr(entries, "MAX_LINE", 10)
    assert read(write("a.txt", "ngắn\n" + "dài" * 20 + "\nhết")) == [
        (1, {"text": "ngắn"}),
        (2, "more than 10 characters in one line; expected a sentence."),
        (3, {"text": "hết"}),
    ]


def test_odd_but_whole_text_passes() -> None:
    odd = ["x" * 100_000, "Hoà bình 🙂👩‍👩‍👧", "a\x00b\x07c\x1b[0m", "ho\u0300a bi\u0300nh", "dòng\u2028mới\x85"]
    assert read(write("a.txt", "\ufeff" + "\r\n".join(odd) + "\r\n")) == [
        (at, {"text": text}) for at, text in enumerate(odd, start=1)
    ]


def test_missing_file_and_unknown_format() -> None:
    with pytest.raises(InputError, match="is a folder; expected one file"):
        list(read_rows(Path.cwd(), "text"))
    with pytest.raises(InputError, match="no such file"):
        list(read_rows(Path("none.txt"), "text"))
    with pytest.raises(UsageError, match=r"unknown format '\.docx'; expected \.txt, \.csv, \.tsv, \.jsonl, \.parquet"):
        format_of(Path("a.docx"), READABLE)
    with pytest.raises(UsageError, match=r"unknown format '\.json'; .*Did you mean 'jsonl'\?"):
        format_of(Path("a.json.gz"), WRITABLE)
    with pytest.raises(UsageError, match=r"compressed inside; expected a\.parquet, without \.gz"):
        format_of(Path("a.parquet.gz"), WRITABLE)
    assert format_of(Path("news.2024.TXT.gz"), READABLE) == Format("txt", "gz")
    assert format_of(Path("news"), READABLE, "csv") == Format("csv")


def test_a_member_after_a_member_of_gzip_is_read_too() -> None:
    path = write("a.txt.gz", gzip.compress("một\n".encode()) + gzip.compress(b"hai\n"))
    assert [row["text"] for row in read_rows(path, "text")] == ["một", "hai"]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(has_text)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({"id": _TEXT, "text": _TEXT}), min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[dict[str, str]], kind: str) -> None:
    assert list(read_rows(write(f"rows.{kind}", as_bytes(rows, Layout(kind, ("id", "text")))), "text")) == rows


def test_values_that_are_no_text_in_csv() -> None:
    written = as_bytes([{"text": "a", "n": None, "x": [1, "hai"]}, {"text": "b"}], Layout("csv", ("text", "n", "x")))
    assert io.StringIO(written.decode()).read() == 'text,n,x\na,,"[1, ""hai""]"\nb,,\n'
