from __future__ import annotations

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.dataset.duplicates import TEMPLATE, PageGroups, near_copies
from detente.dataset.shingles import shingles
from detente.records import Sentence

WIRE = [
    "Ngoại trưởng hai nước đã gặp nhau tại thủ đô hôm thứ Hai để bàn về việc nối lại đàm phán.",
    "Theo tuyên bố chung, hai bên nhất trí duy trì các kênh liên lạc và gặp lại vào tháng tới.",
    "Giới quan sát cho rằng kết quả này là một bước tiến nhỏ nhưng cần thiết cho khu vực.",
]
OTHER = [
    "Giá dầu thế giới tăng mạnh trong phiên giao dịch sáng nay sau báo cáo tồn kho của Mỹ.",
    "Một trận động đất mạnh làm rung chuyển miền nam nước này vào rạng sáng Chủ nhật.",
]


def page(name: str, texts: list[str]) -> list[Sentence]:
    return [Sentence(f"{name}#{at}", name, name, text, at, at + 1) for at, text in enumerate(texts)]


def test_a_copy_in_the_other_spelling_and_with_a_word_changed() -> None:
    sentences = page("a", ["Họ ký thỏa thuận hòa bình tại Geneva hôm qua."]) + page(
        "b", ["Họ ký thoả thuận hoà bình tại Geneva hôm nay."]
    )
    (copy,) = near_copies(sentences)
    assert (copy.first, copy.second) == ("a#0", "b#0")
    assert copy.similarity == 8 / 10  # 9 bigrams each, 8 of them shared


def test_unrelated_sentences_are_no_copies() -> None:
    assert near_copies(page("a", WIRE) + page("b", OTHER)) == []


def test_pages_that_share_half_of_the_shorter_are_one_group() -> None:
    pages = {"a": WIRE, "b": [*WIRE[:2], *OTHER], "c": [WIRE[0], "Một câu khác hẳn ở đây."]}
    assert groups(pages) == {"a": "a", "b": "a", "c": "a"}


def test_one_shared_sentence_of_many_leaves_pages_apart() -> None:
    pages = {"a": WIRE, "b": [WIRE[0], *OTHER, "Một câu khác hẳn ở đây.", "Và thêm một câu nữa cho đủ."]}
    copies = near_copies([sentence for name, texts in pages.items() for sentence in page(name, texts)])
    assert [(copy.first, copy.second) for copy in copies] == [("a#0", "b#0")]
    assert groups(pages) == {"a": "a", "b": "b"}


def test_a_sentence_on_every_page_groups_none_of_them() -> None:
    pages = {f"p{at:03}": ["Theo hãng tin này, tình hình còn diễn biến.", *_invented(at, 3)] for at in range(300)}
    assert set(groups(pages).values()) == set(pages)


def test_more_versions_of_a_template_than_are_compared_still_form_one_group() -> None:
    template = "Giá vàng trong nước sáng nay niêm yết ở mức {} triệu đồng một lượng, tăng nhẹ so với hôm qua."
    pages = {f"p{at:03}": [template.format(at)] for at in range(3 * TEMPLATE)}
    assert set(groups(pages).values()) == {"p000"}


def test_a_sentence_without_letters_copies_its_equals_alone() -> None:
    assert [(copy.first, copy.second, copy.similarity) for copy in near_copies(page("a", ["…", "…", "!"]))] == [
        ("a#0", "a#1", 1.0)
    ]
    assert groups({"a": ["…"], "b": ["…"], "c": []}) == {"a": "a", "b": "b", "c": "c"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=6), min_size=1, max_size=12), st.randoms())
def test_groups_are_what_comparing_all_pages_gives_in_any_order(pages: list[list[int]], random: Random) -> None:
    pool = [_invented(number, 1)[0] for number in range(13)]
    named = {f"p{at:02}": [pool[number] for number in numbers] for at, numbers in enumerate(pages)}
    shuffled = list(named)
    random.shuffle(shuffled)
    assert groups({name: named[name] for name in shuffled}) == _by_comparing_all(named)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]), max_size=9), max_size=12))
def test_similarities_are_those_of_the_sets_and_no_clear_copy_is_missed(texts: list[list[str]]) -> None:
    sentences = page("a", [" ".join(words) for words in texts])
    found = {(copy.first, copy.second): copy.similarity for copy in near_copies(sentences)}
    for a, b in combinations(sentences, 2):
        x, y = shingles(a.text), shingles(b.text)
        similarity = len(x & y) / len(x | y) if x | y else float(a.text == b.text)
        key = min(a.sentence_id, b.sentence_id), max(a.sentence_id, b.sentence_id)
        if similarity >= 0.7:
            assert found[key] == pytest.approx(similarity, abs=1e-4)
        elif key in found:
            assert found[key] == pytest.approx(similarity, abs=1e-4)
            assert similarity >= 0.5


def _invented(seed: int, n: int) -> list[str]:
    """Sentences that share no bigram with others."""
    return [" ".join(f"từ{seed}x{at}y{word}" for word in range(8)) for at in range(n)]


def groups(pages: dict[str, list[str]]) -> dict[str, str]:
    collected = PageGroups()
    for page_id, texts in pages.items():
        collected.add(page_id, texts)
    return collected.groups()


def _by_comparing_all(pages: dict[str, list[str]]) -> dict[str, str]:
    group = {page_id: page_id for page_id in sorted(pages)}
    for a, b in permutations(pages, 2):
        if 2 * sum(text in pages[b] for text in pages[a]) >= len(pages[a]):
            low, high = sorted((group[a], group[b]))
            group = {page_id: low if own == high else own for page_id, own in group.items()}
    return group
