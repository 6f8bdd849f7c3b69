"""Invented texts in ``faults/`` that were once read wrongly, each with its right value."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time

import pytest

from detente.text import TextPath, split_sentences
from detente.text.legacy import legacy_encoding, to_unicode

FAULTS = Path(__file__).parent / "faults"


def test_stops_that_lost_their_space() -> None:
    paragraphs = [line for line in (FAULTS / "09-lost-space.txt").read_text("utf-8").splitlines()[1:] if line]
    sentences = [[text[start:end] for start, end in split_sentences(text)] for text in paragraphs]
    assert [len(found) for found in sentences] == [3, 2, 1]
    assert [found[-1] for found in sentences] == [
        "Ủy ban chung sẽ họp vào tuần tới.",
        "Ông An từ chối nói thêm.",
        "Trang VnExpress.Net đưa tin về cuộc họp kín của hai phái đoàn tại thủ đô.",
    ]


def test_letters_in_another_dress_give_the_same_words() -> None:
    rows = [json.loads(line) for line in (FAULTS / "12-unicode.jsonl").read_text("utf-8").splitlines()]
    path = TextPath()
    assert {row["k"]: path(row["text"]) for row in rows} == {row["k"]: path(rows[0]["text"]) for row in rows}
    assert path(rows[0]["text"]) == "Hai bên nhất_trí nối lại đàm_phán hoà_bình ."


@pytest.mark.parametrize(("name", "encoding"), [("mojibake", "UTF-8 read as Windows-1252"), ("tcvn3", "TCVN3"), ("vni", "VNI")])
def test_text_of_before_unicode_is_told(name: str, encoding: str) -> None:
    text = (FAULTS / f"13-legacy-{name}.txt").read_text("utf-8")
    assert {legacy_encoding(line) for line in text.splitlines() if line} == {encoding}
    assert to_unicode(text, encoding).splitlines()[0] == "Hai nước nối lại đối thoại cấp cao sau hai năm"


def test_a_run_of_dots_takes_a_moment() -> None:
    """16,000 dots took eight seconds, and 32,000 thirty-one."""
    started = process_time()
    for line in (FAULTS / "17-dots.txt").read_text("utf-8").splitlines():
        split_sentences(line)
    assert process_time() - started < 2
