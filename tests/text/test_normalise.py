from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.text import normalise
from detente.text.normalise import align_normalised

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


MATHEMATICAL = {"bold": 0x1D5D4, "serif bold": 0x1D400, "italic": 0x1D608, "script": 0x1D4D0, "monospace": 0x1D670}


@pytest.mark.parametrize("style", MATHEMATICAL)
def test_styled_letters_are_read_as_the_plain_ones(style: str) -> None:
    plain = "Hai bên nhất trí nối lại đàm phán"
    capitals = {letter: chr(MATHEMATICAL[style] + ord(letter) - ord("A")) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    small = {letter.lower(): chr(ord(styled) + 26) for letter, styled in capitals.items()}
    dressed = unicodedata.normalize("NFD", plain).translate(str.maketrans(capitals | small))
    assert dressed != plain
    assert normalise(dressed) == plain


def test_full_width_letters_and_their_marks() -> None:
    wide = str.maketrans({chr(code): chr(0xFEE0 + code) for code in range(0x21, 0x7F)} | {" ": "\u3000"})
    text = "Hai bên ký (16/1)."
    assert normalise(unicodedata.normalize("NFD", text).translate(wide)) == text


def test_what_is_no_letter_in_another_dress_stays() -> None:
    text = "m² ½ … ﬁ ① ℃ № ™ a¹ ㎏ 习近平（主席），ｶﾅ"
    assert normalise(text) == text


def test_a_tone_mark_before_circumflex_or_breve() -> None:
    odd = (
        "nh" + "a\u0301\u0302" + "t tr" + "i\u0301" + " n" + "ó\u0302" + "i, C" + "Ă\u0309" + "ng, ch" + "a\u0300\u0306" + "ng"
    )
    assert normalise(odd) == "nhất trí nối, CẲng, chằng"
    assert normalise("ba\u0306\u0301n bo\u0323\u031bt") == "bắn bợt"


def test_joiners_and_variation_selectors_vanish() -> None:
    assert normalise("bên\ufe0f tr\u034fí nối\U000e0101") == "bên trí nối"


def test_piled_marks_are_cut() -> None:
    """Composing takes the square of the number of marks on one letter: forty seconds for these."""
    text = "a" + "\u0327\u0301" * 50_000 + " bình"
    once = normalise(text)
    assert len(once) < 40
    assert once.endswith(" bình")
    assert align_normalised(text, once).span(len(once) - 4, len(once)) == (len(text) - 4, len(text))


@given(st.text(alphabet=st.sampled_from(list("aoĂ \u0300\u0301\u0302\u0306\u031b\u0323\u034f\ufe0fＨ．𝗛ế"))))
def test_every_character_keeps_its_place(text: str) -> None:
    once = normalise(text)
    aligned = align_normalised(text, once)
    assert normalise(once) == once
    assert len(aligned.starts) == len(once)
    assert all(0 <= start < end <= len(text) for start, end in zip(aligned.starts, aligned.ends, strict=True))


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == once.strip()
    assert unicodedata.is_normalized("NFC", once)


def test_half_characters_become_the_replacement_character() -> None:
    assert normalise("Nga \ud83d và") == "Nga \ufffd và"
    assert normalise("Nga \ud83d và").encode()
