from __future__ import annotations

from detente.dataset.duplicates import group_pages, near_copies
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
    sentences = (
        page("a", WIRE) + page("b", [*WIRE[:2], *OTHER]) + page("c", [WIRE[0], *OTHER[:0], "Một câu khác hẳn ở đây."] * 1)
    )
    groups = group_pages(sentences, near_copies(sentences))
    assert groups == {"a": "a", "b": "a", "c": "a"}


def test_one_shared_sentence_of_many_leaves_pages_apart() -> None:
    sentences = page("a", WIRE) + page("b", [WIRE[0], *OTHER, "Một câu khác hẳn ở đây.", "Và thêm một câu nữa cho đủ."])
    copies = near_copies(sentences)
    assert [(copy.first, copy.second) for copy in copies] == [("a#0", "b#0")]
    assert group_pages(sentences, copies) == {"a": "a", "b": "b"}
