from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import row

from detente.evaluation.blocks import Paragraph, Picture, Table
from detente.evaluation.slices import OWN_VOICE, QUOTATION, REPORTED, Slice, length_bin, section, slices, voice
from detente.text.actors import read_actors
from label_sets import STANCE_TASK

ACTORS = read_actors()


def of_kind(found: tuple[Slice, ...], kind: str) -> dict[str, tuple[int, int, int]]:
    return {each.name: (each.n, each.n_groups, each.n_right) for each in found if each.kind == kind}


def test_counts_worked_by_hand() -> None:
    rows = [
        row(1, "d", "d", "a", "Nga và Mỹ hội đàm.", outlet="vov.vn"),
        row(2, "e", "n", "a", "Ông Putin cảnh báo Kiev.", outlet="vov.vn"),
        row(3, "n", "n", "b", "Ông nói: “Không có gì để bàn”."),
        row(4, "-", "n", "b", "Nga không có nhãn."),
    ]
    rows += [{**each, "stance_pred": "neutral", "seed": 1} for each in rows]
    found = slices(rows, STANCE_TASK, ACTORS)
    assert of_kind(found, "outlet") == {"vov.vn": (2, 1, 1), "unknown": (1, 1, 1)}
    assert of_kind(found, "article") == {"a": (2, 1, 1), "b": (1, 1, 1)}
    assert of_kind(found, "length") == {"1-15": (3, 2, 2)}
    assert of_kind(found, "voice") == {OWN_VOICE: (1, 1, 1), QUOTATION: (1, 1, 1), REPORTED: (1, 1, 0)}
    assert of_kind(found, "actor") == {
        "Russia": (2, 1, 1),
        "United States": (1, 1, 1),
        "Ukraine": (1, 1, 0),
        "none named": (1, 1, 1),
    }
    assert {each.accuracy for each in found} == {None}


@pytest.mark.parametrize(("n", "n_groups", "borne"), [(30, 5, True), (29, 5, False), (30, 4, False)])
def test_rates_stand_from_thirty_sentences_of_five_groups_on(n: int, n_groups: int, borne: bool) -> None:
    rows = [row(at, "de"[at % 2], "d", f"g{at % n_groups}") for at in range(n)]
    (outlet,) = (each for each in slices(rows, STANCE_TASK, ACTORS) if each.kind == "outlet")
    assert (outlet.n, outlet.n_groups, outlet.n_right) == (n, n_groups, (n + 1) // 2)
    if borne:
        assert outlet.accuracy == pytest.approx(0.5)
        assert outlet.macro_f1 == pytest.approx((2 * 15 / (30 + 15) + 0) / 2)
    else:
        assert (outlet.accuracy, outlet.macro_f1) == (None, None)


def test_the_section_shows_rates_and_a_picture_only_where_they_can_be_borne() -> None:
    few = section(slices([row(1, "d", "d")], STANCE_TASK, ACTORS), "stance")
    assert Paragraph("No slice is large enough for a rate: counts only.", "caution") in few.blocks
    assert not any(isinstance(block, Picture) for block in few.blocks)
    tables = [block for block in few.blocks if isinstance(block, Table)]
    assert [table.header[0] for table in tables] == ["outlet", "article", "length", "voice", "actor"]
    assert tables[0].rows == (("unknown", "1", "1", "1/1", "too few", "too few"),)
    many = section(slices([row(at, "d", "d", f"g{at % 5}") for at in range(30)], STANCE_TASK, ACTORS), "stance")
    (picture,) = (block for block in many.blocks if isinstance(block, Picture))
    assert picture.png.startswith(b"\x89PNG")
    assert "outlet: unknown 30 of 30" in picture.alt
    assert "article" not in picture.alt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Chúng tôi không muốn đối đầu”, ông nói.", QUOTATION),
        ('Ông nêu rõ: "Mỹ đang đối thoại với Nga', QUOTATION),
        ('Căng thẳng "hạ nhiệt" tại biên giới.', OWN_VOICE),
        ('Ông cho biết căng thẳng "hạ nhiệt".', REPORTED),
        ("CẢNH BÁO của Moskva", REPORTED),
        ("Nga điều quân.", OWN_VOICE),
    ],
)
def test_voice(text: str, expected: str) -> None:
    assert voice(text) == expected


@pytest.mark.parametrize(
    ("n", "expected"),
    [(1, "1-15"), (15, "1-15"), (16, "16-30"), (30, "16-30"), (31, "31-45"), (45, "31-45"), (46, "46 or more")],
)
def test_length_counts_syllables_without_punctuation(n: int, expected: str) -> None:
    assert length_bin(" , ".join(["hòa"] * n) + " …") == expected


ROWS = st.tuples(st.sampled_from("dne"), st.sampled_from("dne"), st.sampled_from("abc"), st.text(max_size=40))


@given(st.lists(ROWS, min_size=1))
def test_every_sentence_is_in_one_slice_of_each_kind_but_actors(made: list[tuple[str, str, str, str]]) -> None:
    rows = [row(at, *rest) for at, rest in enumerate(made)]
    found = slices(rows, STANCE_TASK, ACTORS)
    n_right = sum(gold == predicted for gold, predicted, _, _ in made)
    for kind in ("outlet", "article", "length", "voice"):
        own = [each for each in found if each.kind == kind]
        assert (sum(each.n for each in own), sum(each.n_right for each in own)) == (len(rows), n_right)


def test_a_corpus_of_many_articles_shows_the_largest() -> None:
    rows = [row(at, "d", "d", f"g{at:02}") for at in range(40)] + [row(99, "d", "d", "g39")]
    shown = section(slices(rows, STANCE_TASK, ACTORS), "stance")
    (table,) = (block for block in shown.blocks if isinstance(block, Table) and block.header[0] == "article")
    assert (table.rows[0][:2], len(table.rows), table.caption) == (("g39", "2"), 30, "The largest 30 of 40")
