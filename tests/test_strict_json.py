"""The door for JSON: what is refused, where, and in which words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente import strict_json
from detente.errors import DatasetError, InputError


@dataclass(frozen=True, slots=True)
class Part:
    n: int
    share: float = 0.5


@dataclass(frozen=True, slots=True)
class Facts:
    name: str
    kind: Literal["human", "machine"]
    parts: dict[str, Part]
    labels: tuple[str, ...] = ()
    day: date | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("expected a name")


GOOD = {"name": "a", "kind": "human", "parts": {"train": {"n": 3}}, "labels": ["x", "y"], "day": "2025-03-12"}


def test_an_object_becomes_a_record_of_its_types() -> None:
    facts = strict_json.convert(GOOD, Facts, "f.json")
    assert facts == Facts("a", "human", {"train": Part(3)}, ("x", "y"), date(2025, 3, 12))
    assert json.loads(strict_json.dumps(facts)) == {**GOOD, "parts": {"train": {"n": 3, "share": 0.5}}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "a": 2}', "f:1: the key 'a' stands twice in one object; expected every key once."),
        ('{"a": {"b": [{"c": 1, "c": 1}]}}', "f:1: the key 'c' stands twice in one object; expected every key once."),
        ('{"a": NaN}', "f:1: NaN is no JSON; expected a number or null."),
        ('{"a": -Infinity}', "f:1: -Infinity is no JSON; expected a number or null."),
        ('{"a": 1e999}', "f:1: the number '1e999' is too large to be held."),
        ('{"a": ' + "9" * 5000 + "}", "f:1: a number of more digits than can be read; expected at most 4,300."),
        ("[" * 1000 + "]" * 1000, "f:1: lists or objects inside each other more than 100 deep."),
        ("[" * 200_000, "f:1: lists or objects inside each other more than 100 deep."),
        ("[" * 101 + "]" * 101, "f:1: lists or objects inside each other more than 100 deep."),
        ('{"a": "\\ud83d"}', "f:1: half a character (a lone surrogate), or bytes that are not UTF-8; expected UTF-8."),
        ('{"\\udc80": 1}', "f:1: half a character (a lone surrogate), or bytes that are not UTF-8; expected UTF-8."),
        ('{"a": 1', "f:1: not JSON (Expecting ',' delimiter at column 8)."),
        ("", "f:1: not JSON (Expecting value at column 1)."),
        ("{}\n{}", "f:1: not JSON (Extra data at line 2, column 1)."),
    ],
)
def test_what_json_should_not_hold_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        strict_json.parse(text, "f:1")
    assert str(caught.value) == message


def test_what_json_may_hold_is_read() -> None:
    assert strict_json.parse("[" * 100 + "]" * 100, "f") is not None
    assert strict_json.parse('\ufeff{"a": "\\ud83d\\ude42 \\u1ebf"}', "f") == {"a": "🙂 ế"}
    assert strict_json.parse("[" + ",".join(["[]"] * 5000) + "]", "f") == [[]] * 5000


def test_nan_can_be_read_as_null() -> None:
    assert strict_json.parse('{"a": NaN, "b": [Infinity, 1e999, 2.5]}', "f", nan_as_null=True) == {
        "a": None,
        "b": [None, None, 2.5],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 3}, "m.json: 'name': expected a valid string, got 3. Do this."),
        ({"name": ""}, "m.json: expected a name. Do this."),
        ({"kind": "humen"}, "m.json: 'kind': expected 'human' or 'machine', got 'humen'. Did you mean 'human'? Do this."),
        ({"kind": "robot"}, "m.json: 'kind': expected 'human' or 'machine', got 'robot'. Do this."),
        ({"parts": {"train": {"n": "3"}}}, "m.json: 'parts.train.n': expected a valid integer, got '3'. Do this."),
        ({"parts": {"train": {"n": True}}}, "m.json: 'parts.train.n': expected a valid integer, got True. Do this."),
        ({"parts": [1]}, "m.json: 'parts': expected an object, got [1]. Do this."),
        ({"labels": "xy"}, "m.json: 'labels': expected a valid array, got 'xy'. Do this."),
        ({"day": "12/3/2025"}, "m.json: 'day': "),
        ({"nmae": 1}, "m.json: unknown key 'nmae'; expected name, kind, parts, labels, day. Did you mean 'name'? Do this."),
        ({"parts": {"train": {"n": 1, "m": 2}}}, "m.json: unknown key 'parts.train.m'. Do this."),
    ],
)
def test_a_wrong_key_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        strict_json.convert({**GOOD, **change}, Facts, "m.json", error=DatasetError, remedy="Do this.")
    assert str(caught.value).startswith(message)


def test_missing_keys_are_told_together_and_long_values_cut() -> None:
    with pytest.raises(InputError, match=r"^m: lacks name, parts\. 'kind': expected .* got 'x{20,50}\.\.\.x+'\.$") as caught:
        strict_json.convert({"kind": "x" * 800_000}, Facts, "m")
    assert len(str(caught.value)) < 300


def test_many_problems_are_counted() -> None:
    wrong = {**GOOD, "parts": {f"p{n}": {"n": "x"} for n in range(20)}}
    with pytest.raises(InputError, match=r" And 17 more\.$"):
        strict_json.convert(wrong, Facts, "m")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such file\.$"):
        strict_json.read(tmp_path / "none.json", Facts)
    with pytest.raises(InputError, match="is a folder; expected a file"):
        strict_json.read(tmp_path, Facts)
    (tmp_path / "latin.json").write_bytes(b'{"name": "\xe9"}')
    with pytest.raises(InputError, match=r"latin\.json: not UTF-8 \(byte 0xe9\)"):
        strict_json.read(tmp_path / "latin.json", Facts)
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(InputError, match=r"list\.json: expected a JSON object, got list\.$"):
        strict_json.read_object(tmp_path / "list.json")


def test_lines_are_read_one_by_one_with_their_places(tmp_path: Path) -> None:
    path = tmp_path / "parts.jsonl"
    path.write_bytes('\ufeff{"n": 1}\r\n\n{"n": 2, "share": 1}\n{"n": "3"}\n'.encode())
    lines = strict_json.read_lines(path, Part)
    assert [next(lines), next(lines)] == [(f"{path}:1", Part(1)), (f"{path}:3", Part(2, 1.0))]
    with pytest.raises(InputError, match=r"parts\.jsonl:4: 'n': expected a valid integer, got '3'\.$"):
        next(lines)
    path.write_bytes(b'{"n": 1}\n{"n": "\xff"}\n')
    with pytest.raises(InputError, match=r"parts\.jsonl: not UTF-8 \(byte 0xff\); expected UTF-8\.$"):
        list(strict_json.read_lines(path, Part))
    with pytest.raises(InputError, match=r"none\.jsonl: no such file\.$"):
        list(strict_json.read_lines(tmp_path / "none.jsonl", Part))


def test_what_is_no_number_is_not_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        strict_json.dumps({"a": float("nan")})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_every_json_value_comes_back(value: object) -> None:
    assert strict_json.parse(json.dumps(value), "f") == value


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_any_text_is_a_value_or_one_error_of_ours(text: str) -> None:
    message = ""
    try:
        strict_json.parse(text, "f")
    except InputError as error:
        message = str(error)
    assert len(message) < 400
