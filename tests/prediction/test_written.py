from __future__ import annotations

import gc
import gzip
import json
import os
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from detente.errors import InputError, UsageError
from detente.model import Classifier, ModelInfo
from detente.prediction import Shard, predict, sources
from detente.prediction.columns import prediction_columns, prediction_schema, row_id
from detente.prediction.options import PredictOptions
from detente.prediction.stream import is_pipe, piped_source
from detente.prediction.writing import Layout, as_bytes, layout_of
from detente.rows import entries_of
from detente.rows.book import write_book


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PART_ROWS", 3)


def rows_of(path: str) -> list[Any]:
    return [entry.row for entry in entries_of(Path(path))]


def lines(n: int) -> str:
    return "".join(f"Câu {at % 4}.\n" for at in range(n))


def test_every_row_has_an_id_that_only_its_number_and_text_decide(classifier: Classifier) -> None:
    Path("in.txt").write_text(lines(8), "utf-8")
    predict(classifier, "in.txt", "whole.jsonl")
    ids = [row["sentence_id"] for row in rows_of("whole.jsonl")]
    assert ids == [row_id(n, f"Câu {(n - 1) % 4}.") for n in range(1, 9)]
    assert len(set(ids)) == 8
    Path("other.jsonl.gz").write_bytes(
        gzip.compress("".join(json.dumps({"text": row["text"]}) + "\n" for row in rows_of("whole.jsonl")).encode())
    )
    for index in range(2):
        predict(classifier, "other.jsonl.gz", "shards.csv", shard=Shard(index, 2))
    assert [row["sentence_id"] for row in rows_of("shards.csv")] == ids


def test_an_id_of_the_input_stays(classifier: Classifier) -> None:
    Path("in.csv").write_text("sentence_id,text\np#0,Một.\n,Hai.\n", "utf-8")
    predict(classifier, "in.csv", "out.jsonl")
    assert [row["sentence_id"] for row in rows_of("out.jsonl")] == ["p#0", ""]
    assert list(rows_of("out.jsonl")[0])[:3] == ["sentence_id", "text", "stance_pred"]


def test_what_is_no_number_is_null_or_empty(classifier: Classifier) -> None:
    rows = [{"text": "a", "n": float("nan"), "x": [1.0, float("inf")]}, {"text": "b", "n": 1.5, "x": None}]
    jsonl = as_bytes(rows, Layout("jsonl", ("text", "n", "x"))).decode()
    assert [json.loads(line, parse_constant=pytest.fail) for line in jsonl.splitlines()] == [
        {"text": "a", "n": None, "x": [1.0, None]},
        {"text": "b", "n": 1.5, "x": None},
    ]
    assert as_bytes(rows, Layout("csv", ("text", "n", "x"))).decode() == 'text,n,x\na,,"[1.0, null]"\nb,1.5,\n'
    with pytest.raises(InputError, match="a value of type bytes has no place in JSON or CSV"):
        as_bytes([{"text": b"a"}], Layout("csv", ("text",)))


def test_bytes_are_refused_before_anything_is_predicted(classifier: Classifier) -> None:
    pq.write_table(pa.table({"text": ["a"], "x": [b"\xff"]}), "in.parquet")
    for out in ("out.csv", "out.jsonl", "out.xlsx"):
        with pytest.raises(InputError, match=r"in\.parquet: the column 'x' holds bytes, which have no place in \.\w+\."):
            predict(classifier, "in.parquet", out)
    predict(classifier, "in.parquet", "out.csv", columns=("text",))
    predict(classifier, "in.parquet", "out.parquet")
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith("out")) == [
        "out.csv", "out.csv.meta.json", "out.parquet", "out.parquet.meta.json",
    ]  # fmt: skip


def test_names_of_columns_need_no_scores(classifier: Classifier) -> None:
    schema = prediction_schema(classifier.info)
    columns = prediction_columns(classifier.info, classifier.score(["Một."]))
    assert list(schema) == list(columns)
    assert schema == {name: type(value) for name, (value,) in columns.items()}


def test_the_types_of_columns_are_not_guessed_from_their_names() -> None:
    info = ModelInfo("tfidf", "x", {"vote": ("abstain", "a_pred")})
    layout = layout_of("parquet", (), prediction_schema(info), pa.schema([]))
    assert {field.name: str(field.type) for field in layout.schema} == {
        "vote_pred": "string", "vote_prob_abstain": "double", "vote_prob_a_pred": "double", "vote_abstain": "bool",
        "n_tokens": "int64", "truncated": "bool",
    }  # fmt: skip


@pytest.mark.parametrize("empty", [{}, [{}], {"a": [None, {"b": {}}]}])
def test_objects_without_a_key_have_no_place_in_parquet(classifier: Classifier, empty: Any) -> None:
    Path("z.jsonl").write_text("".join(json.dumps({"text": text, "z": empty}) + "\n" for text in "ab"), "utf-8")
    with pytest.raises(InputError, match=r"z\.jsonl: the column 'z' holds objects without a key \(\{\}\), which have no place"):
        predict(classifier, "z.jsonl", "z.out.parquet")
    assert [path.name for path in Path().iterdir()] == ["z.jsonl"]
    predict(classifier, "z.jsonl", "z.out.parquet", columns=("text",))
    predict(classifier, "z.jsonl", "z.out.jsonl")
    assert [row["z"] for row in rows_of("z.out.jsonl")] == [empty, empty]


def test_a_column_of_several_types_can_be_left_out(classifier: Classifier) -> None:
    Path("in.jsonl").write_text('{"text": "a", "z": 1}\n{"text": "b", "z": "x"}\n', "utf-8")
    with pytest.raises(InputError, match=r"in\.jsonl: its columns have no one type, as parquet needs"):
        predict(classifier, "in.jsonl", "out.parquet")
    predict(classifier, "in.jsonl", "out.parquet", columns=("text",))
    assert [row["text"] for row in rows_of("out.parquet")] == ["a", "b"]


def test_a_sheet_in_and_out(classifier: Classifier) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    day, early = datetime(2025, 3, 12), datetime(1899, 1, 1)
    for row in (["text", "day", "n"], ["=1+1 là công thức", day, 7], [None, None, 8], ["Hai _x000D_", early, 2.5]):
        sheet.append(row)
    sheet["A2"].data_type = "s"
    book.save("in.XLSX")
    summary = predict(classifier, "in.XLSX", "out.xlsx")
    assert (summary.n_units, summary.n_rows, summary.n_rejected) == (3, 2, 1)
    assert json.loads(Path("out.xlsx.rejects.jsonl").read_text("utf-8"))["place"] == "in.XLSX row 3"
    first, second = rows_of("out.xlsx")
    assert (first["text"], first["day"], first["n"], first["truncated"]) == (
        "=1+1 là công thức",
        datetime(2025, 3, 12),
        7,
        False,
    )
    assert (second["text"], second["day"], second["n"]) == ("Hai \r", "1899-01-01T00:00:00", 2.5)
    assert list(first)[:4] == ["text", "day", "n", "sentence_id"]
    before = Path("out.xlsx").read_bytes()
    predict(classifier, "in.XLSX", "out.xlsx", restart=True)
    assert Path("out.xlsx").read_bytes() == before
    cell: Any = openpyxl.load_workbook("out.xlsx").worksheets[0]["A2"]
    assert cell.data_type == "s"


def test_what_a_sheet_cannot_hold_is_told_first(classifier: Classifier) -> None:
    Path("in.txt").write_text("một\n" + "x" * 40_000 + "\n", "utf-8")
    with pytest.raises(InputError, match=r"in\.txt:2: 'text' has 40,000 characters; a cell of a sheet holds 32,767"):
        predict(classifier, "in.txt", "out.xlsx")
    with pytest.raises(UsageError, match="--to xlsx: a sheet is one file"):
        predict(classifier, "in.txt", "out/", to="xlsx")
    assert [path.name for path in Path().iterdir()] == ["in.txt"]


@pytest.mark.parametrize(
    ("value", "n_characters"),
    [("\r" * 5000, "35,000"), (["y" * 33_000], "33,004"), ({"k": "\x01" * 20_000}, "120,009")],
)
def test_a_cell_is_as_long_as_it_is_written(classifier: Classifier, value: Any, n_characters: str) -> None:
    rows = [{"text": "một", "x": None}, {"text": "hai", "x": value}]
    Path("in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(
        InputError, match=rf"in\.jsonl:2: 'x' has {n_characters} characters as it is written; a cell of a sheet"
    ):
        predict(classifier, "in.jsonl", "out.xlsx")
    assert [path.name for path in Path().iterdir()] == ["in.jsonl"]
    predict(classifier, "in.jsonl", "out.xlsx", columns=("text",))


def test_a_book_that_is_given_up_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    with pytest.raises(InputError, match=r"row 2, 'x': 32,768 characters") as caught:
        write_book([{"x": "một"}, {"x": "y" * 32_768}], ["x"], Path("book.xlsx"))
    del caught
    gc.collect()
    assert complaints == []


def test_bytes_within_a_list_are_refused_before_anything_is_predicted(classifier: Classifier) -> None:
    pq.write_table(pa.table({"text": ["a"], "x": [[{"y": b"\xff"}]]}), "in.parquet")
    for out in ("out.csv", "out.jsonl", "out.xlsx"):
        with pytest.raises(InputError, match=r"in\.parquet: the column 'x' holds bytes, which have no place in \.\w+\."):
            predict(classifier, "in.parquet", out)
    assert [path.name for path in Path().iterdir()] == ["in.parquet"]


def test_times_that_a_cell_would_cut_are_texts(classifier: Classifier) -> None:
    columns = {
        "zone": pa.array([1, 0], pa.timestamp("ns", "Asia/Ho_Chi_Minh")),
        "nano": pa.array([1, 2_000_000], pa.timestamp("ns")),
        "micro": pa.array([1, 2_000], pa.timestamp("us")),
    }
    pq.write_table(pa.table({"text": ["a", "b"], **columns}), "in.parquet")
    predict(classifier, "in.parquet", "out.xlsx")
    first, second = ([row[name] for name in columns] for row in rows_of("out.xlsx"))
    assert first == ["1970-01-01T08:00:00.000000001+08:00", "1970-01-01T00:00:00.000000001", "1970-01-01T00:00:00.000001"]
    assert second == ["1970-01-01T08:00:00+08:00", datetime(1970, 1, 1, 0, 0, 0, 2000), datetime(1970, 1, 1, 0, 0, 0, 2000)]
    predict(classifier, "in.parquet", "out.csv")
    assert [rows_of("out.csv")[0][name] for name in columns] == first


@pytest.mark.parametrize("out", ["out.csv", "out/"])
def test_joining_nothing_leaves_nothing(classifier: Classifier, out: str) -> None:
    Path("in.txt").write_text(lines(4), "utf-8")
    with pytest.raises(InputError, match=r"2 of 2 parts are missing, the first is 0\. Run the shards"):
        predict(classifier, "in.txt", out, join=True)
    assert [path.name for path in Path().iterdir()] == ["in.txt"]


def test_a_mark_for_excel_where_it_is_asked_for(classifier: Classifier) -> None:
    Path("in.txt").write_text(lines(8), "utf-8")
    predict(classifier, "in.txt", "plain.csv")
    predict(classifier, "in.txt", "marked.csv", bom=True)
    assert Path("marked.csv").read_bytes() == b"\xef\xbb\xbf" + Path("plain.csv").read_bytes()
    with pytest.raises(UsageError, match=r"--bom: is of \.csv"):
        predict(classifier, "in.txt", "out.jsonl", bom=True)


def test_a_time_that_python_cannot_hold_is_kept(classifier: Classifier) -> None:
    at = pa.array([253402300799000000, 0], pa.timestamp("us", "Asia/Ho_Chi_Minh"))
    pq.write_table(pa.table({"text": ["a", "b"], "at": at}), "in.parquet")
    predict(classifier, "in.parquet", "out.jsonl")
    assert [row["at"] for row in rows_of("out.jsonl")] == ["10000-01-01T06:59:59.000000+07:00", "1970-01-01T08:00:00+08:00"]
    with pytest.raises(InputError, match=r"a value does not fit its column .*Write \.jsonl"):
        predict(classifier, "in.parquet", "out.parquet")


def test_a_named_pipe_is_read_as_stdin_is() -> None:
    os.mkfifo("in.csv")
    assert is_pipe("in.csv")
    assert is_pipe("-")
    writer = threading.Thread(target=lambda: Path("in.csv").write_text("id;text\n1;một\n", "utf-8"))
    writer.start()
    with piped_source("in.csv", PredictOptions()) as source:
        assert source.name == "in.csv"
        assert [unit.row for unit in source.units()] == [{"id": "1", "text": "một"}]  # type: ignore[union-attr]
    writer.join()
