from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.text import normalise

PAIRS = [
    ("hòa bình", "hoà bình"),
    ("thỏa thuận", "thoả thuận"),
    ("đe dọa", "đe doạ"),
    ("thủy quân", "thuỷ quân"),
    ("lũy thừa", "luỹ thừa"),
    ("tùy viên", "tuỳ viên"),
    ("sức khỏe", "sức khoẻ"),
    ("chí chóe", "chí choé"),
    ("xòe", "xoè"),
    ("hủy bỏ", "huỷ bỏ"),
    ("Ủy ban", "Uỷ ban"),
    ("ỦY BAN", "UỶ BAN"),
    ("HÒA BÌNH", "HOÀ BÌNH"),
    ("hòa_bình thỏa_thuận", "hoà_bình thoả_thuận"),
    # already old, or not of these vowel groups
    ("hoà", "hoà"),
    ("hoàn toàn", "hoàn toàn"),
    ("của, mùa, lúa, chìa, thuế, quý, khuỷu", "của, mùa, lúa, chìa, thuế, quý, khuỷu"),
    ("Geneva, Zelensky, São Paulo", "Geneva, Zelensky, São Paulo"),
]


@pytest.mark.parametrize(("new", "old"), PAIRS)
def test_tone_marks_of_oa_oe_uy_move_to_the_second_vowel(new: str, old: str) -> None:
    assert normalise(new) == old
    assert normalise(unicodedata.normalize("NFD", new)) == old


def test_invisible_and_control_characters() -> None:
    assert normalise("\ufeffNga\u200b và\u00a0\u00adMỹ\x07 họp\r\n\t") == "Nga và Mỹ họp"
    assert normalise("ho\u200b\u0300a") == "hoà"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
    assert unicodedata.is_normalized("NFC", once)


def test_half_characters_become_the_replacement_character() -> None:
    assert normalise("Nga \ud83d và") == "Nga \ufffd và"
    assert normalise("Nga \ud83d và").encode()
