from __future__ import annotations

import gzip
import json
import os
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detente.errors import InputError
from detente.rows import entries_of, has_text


def read(data: str | bytes, name: str = "a.jsonl") -> list[Any]:
    path = Path(name)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return [entry.row if entry.row is not None else entry.reason for entry in entries_of(path)]


def test_what_no_json_is_read_as_none() -> None:
    assert read('{"a": NaN, "b": [-Infinity, 1e999], "c": 1.5}\n') == [{"a": None, "b": [None, None], "c": 1.5}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"stance": "neutral", "stance": "dialogue"}', "the key 'stance' stands twice in one object"),
        ('{"n": ' + "9" * 5000 + "}", "a number of more digits"),
        ('{"n": ' + "[" * 1000 + "]" * 1000 + "}", "inside each other more than 100 deep"),
        ('{"text": "\\ud800"}', "half a character"),
        ("{" + ",".join(f'"k{n}": 1' for n in range(10_001)) + "}", "10,001 keys; expected at most 10,000"),
    ],
)
def test_objects_that_are_refused_cost_their_row(line: str, reason: str) -> None:
    first, second = read(f'{line}\n{{"a": 1}}\n')
    assert reason in first
    assert second == {"a": 1}


_NUMBER = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
_VALUE = st.one_of(st.none(), st.booleans(), _NUMBER, st.text(max_size=8))
_NESTED = st.one_of(_VALUE, st.lists(_VALUE, max_size=3), st.dictionaries(st.text(), _VALUE))
_OBJECT = st.dictionaries(st.text(max_size=4), _NESTED)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(rows=st.lists(_OBJECT, min_size=1, max_size=6), compact=st.booleans(), ascii_only=st.booleans())
def test_objects_come_as_the_json_module_reads_them(rows: list[Any], compact: bool, ascii_only: bool) -> None:
    separators = (",", ":") if compact else (", ", " : ")
    lines = [json.dumps(row, ensure_ascii=ascii_only, separators=separators) for row in rows]
    assert read("\n".join(lines)) == [json.loads(line) for line in lines]


def test_a_compressed_line_without_end_is_refused_in_little_memory() -> None:
    path = Path("a.jsonl.gz")
    with gzip.open(path, "wb", compresslevel=1) as file:
        block = b" " * 1_000_000
        for _ in range(150):
            file.write(block)
    tracemalloc.start()
    with pytest.raises(InputError, match=r"a\.jsonl\.gz:1: more than 100,000,000 characters in one line"):
        list(entries_of(path))
    assert tracemalloc.get_traced_memory()[1] < 100_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        random.Random(0).randbytes(3000),
        b"\x00\x01\x02\x03" * 100,
        b"%PDF-1.7\nH\xc3\xa0 N\xe1\xbb\x99i\n",
        gzip.compress(b"abc" * 100, mtime=0),
        b"\x89PNG\r\n\x1a\n" + b"abc\n" * 10,
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"a\.txt: binary data .*; expected text"):
        read(data, "a.txt")


def test_odd_text_is_no_binary_data() -> None:
    assert read("a\x00b\x07c\x1b[0m và nhiều chữ khác nữa trên dòng này, đủ để là văn bản\n", "a.txt")
    assert len(read("\x1b[31mđỏ\x1b[0m\n" * 20, "a.txt")) == 20


def test_a_pipe_is_no_file() -> None:
    os.mkfifo("a.jsonl")
    with pytest.raises(InputError, match=r"a\.jsonl: is a pipe or a device; expected a file"):
        list(entries_of(Path("a.jsonl")))


INVISIBLE = ["", " \t\r\n", "\u200b\u200d", "\ufeff", "\u00ad", "\u2800", "\u3164", "\u0300", "\x00\x07", "\u3000"]


@pytest.mark.parametrize("text", INVISIBLE)
def test_text_that_cannot_be_seen(text: str) -> None:
    assert not has_text(text)
    assert has_text(f"{text}ế")
    assert has_text("…")


def test_lines_end_as_they_do_anywhere() -> None:
    rows = [json.dumps({"n": n}) for n in range(3)]
    for end in ("\n", "\r\n", "\r"):
        assert read(end.join(rows)) == [{"n": 0}, {"n": 1}, {"n": 2}]


PIECES = (
    '{"a":1}', '{"a":1', '"b":2}', '{"a":1},{"b":2}', "", " ", '{"a":":"}', '{"a" :":","a":1}', '{"a":1,"a":2}', "[1]", "{}",
    "}", '{"a":{"b":1}}', '{"a":"x}', '{y"}', '{"a":[1,2]}', '{"a":1} ', ' {"a":1}', '{"a":"\\ud800"}', '{"a":"\\"b\\":"}',
    '{"a":NaN}', '{"a":1e400}', '{"a":[1E400]}', '{"a":"e400"}',
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=8))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_lines_that_are_parsed_together_are_what_each_is_alone(pieces: list[str]) -> None:
    def read(name: str, lines: list[str]) -> list[Any]:
        Path(name).write_text("\n".join([*lines, '{"a":0}']) + "\n", encoding="utf-8")
        return [(entry.row, entry.reason) for entry in entries_of(Path(name))][: len(lines)]

    assert read("all.jsonl", pieces) == [read("one.jsonl", [piece])[0] for piece in pieces]
