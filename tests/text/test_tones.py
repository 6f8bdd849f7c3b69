from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.text import old_tone_marks

PAIRS = """
hòa hoà | hóa hoá | hỏa hoả | hõa hoã | họa hoạ | khòe khoè | khóe khoé | khỏe khoẻ | xõe xoẽ | xọe xoẹ
thùy thuỳ | thúy thuý | thủy thuỷ | thũy thuỹ | thụy thuỵ | ủy uỷ | òa oà | quỳ quỳ | qúy quý | qùy quỳ
Hòa Hoà | HÒA HOÀ | hÒA hOÀ | Thỏa Thoả | THỎA THOẢ | Ủy Uỷ | ỦY UỶ | Khỏe Khoẻ | KHỎE KHOẺ | Thúy Thuý | THÚY THUÝ
hòa_bình hoà_bình | bình_thường_hóa bình_thường_hoá | THỎA_THUẬN THOẢ_THUẬN | Ủy_ban Uỷ_ban | đe_dọa đe_doạ
hòa-bình hoà-bình | (hòa) (hoà) | hòa, hoà, | H’Hòa H’Hoà | Hòa2 Hoà2 | “ủy” “uỷ”
tòan toàn | hòai hoài | xóay xoáy | ngòao ngoào | ngòeo ngoèo | khóet khoét | hùynh huỳnh | khủyu khuỷu
húyt huýt | húych huých
"""
UNTOUCHED = """
hoà hoàn toàn hoài ngoại khoẻ khoèo thuỷ huỳnh khuỷu quý chuyển nguyễn của mùa lúa bò già tuần thuở
Balbóa Figueróa Evóa Chlóe Zóe óeuvre Wòa Fúy Júya Lisbóa túyệt hòabình HòaBình hòà hóá
"""


def rows(table: str) -> list[tuple[str, str]]:
    return [tuple(pair.split()) for line in table.strip().splitlines() for pair in line.split("|")]  # type: ignore[misc]


@pytest.mark.parametrize(("new", "old"), rows(PAIRS))
def test_the_mark_moves_to_the_second_vowel(new: str, old: str) -> None:
    assert old_tone_marks(new) == old
    assert old_tone_marks(f"x {new} y") == f"x {old} y"


@pytest.mark.parametrize("word", UNTOUCHED.split())
def test_what_is_no_new_style_syllable_stays(word: str) -> None:
    assert old_tone_marks(word) == word


def test_all_thirty_pairs_in_all_capitals() -> None:
    # The published table: five tones of three groups, in small letters, with a capital, all in capitals.
    groups = {"oa": ("òóỏõọ", "àáảãạ"), "oe": ("òóỏõọ", "èéẻẽẹ"), "uy": ("ùúủũụ", "ỳýỷỹỵ")}
    for group, (marked, moved) in groups.items():
        for first, second in zip(marked, moved, strict=True):
            new, old = first + group[1], group[0] + second
            for cased in (str.lower, str.capitalize, str.upper):
                assert old_tone_marks(cased(new)) == cased(old)


def test_a_letter_that_did_not_compose_keeps_the_syllable_as_it_is() -> None:
    assert old_tone_marks("ho\u0300a\u0302") == "ho\u0300a\u0302"


VIETNAMESE = st.text(alphabet="hoaeuytqngcbđkOAEUYTòóỏõọùúủũụàáảãạèéẻẽẹỳýỷỹỵÒÓÙÚẠ _-.2\u0301", max_size=40)


@given(VIETNAMESE | st.text(max_size=40))
def test_the_rule_is_idempotent_and_keeps_the_length(text: str) -> None:
    once = old_tone_marks(text)
    assert old_tone_marks(once) == once
    assert len(once) == len(text)


@given(VIETNAMESE)
def test_the_rule_touches_nothing_but_the_place_of_the_mark(text: str) -> None:
    def parts(word: str, *, marks: bool) -> list[str]:
        return [c for c in unicodedata.normalize("NFD", word) if bool(unicodedata.combining(c)) == marks]

    moved = old_tone_marks(text)
    assert parts(moved, marks=False) == parts(text, marks=False)
    assert parts(moved, marks=True) == parts(text, marks=True)
