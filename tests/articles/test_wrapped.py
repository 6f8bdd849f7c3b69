from __future__ import annotations

import textwrap

from detente.articles.wrapped import raw_lines

PARAGRAPHS = [
    "Bộ trưởng Ngoại giao hai nước đã hội đàm vào sáng nay, nhất trí nối lại đối thoại cấp cao sau hai năm gián đoạn.",
    "Phát biểu sau cuộc họp, ông Lê Văn An cho biết hai bên sẽ thành lập một nhóm công tác chung về vấn đề biên giới.",
    "Phía đối tác khẳng định sẵn sàng ký kết thỏa thuận ngừng bắn nếu các điều kiện về an ninh được bảo đảm đầy đủ.",
]


def rows(text: str) -> list[str]:
    return [text[start:end] for _, start, end in raw_lines(text) if text[start:end].strip()]


def test_wrapped_paragraphs_are_joined_whether_blank_lines_or_indents_part_them() -> None:
    for width in (50, 72, 100):
        blank = "\n\n".join(textwrap.fill(text, width) for text in PARAGRAPHS)
        assert [" ".join(row.split()) for row in rows(blank)] == PARAGRAPHS
        indented = "\n".join(textwrap.fill(text, width, initial_indent="   ") for text in PARAGRAPHS)
        assert [" ".join(row.split()) for row in rows(indented)] == PARAGRAPHS


def test_lines_that_are_paragraphs_or_headlines_stay_apart() -> None:
    assert rows("\n".join(PARAGRAPHS)) == PARAGRAPHS
    headlines = [
        "Nga điều quân tới biên giới",
        "Mỹ cảnh báo hậu quả",
        "Đức kêu gọi các bên kiềm chế tối đa",
        "Pháp im lặng",
    ] * 3
    assert rows("\n".join(headlines)) == headlines


def test_every_character_is_in_one_line() -> None:
    text = textwrap.fill(" ".join(PARAGRAPHS), 60) + "\r\n"
    assert [(text[a:b]) for _, a, b in raw_lines(text)] == [text[: len(text) - 2], ""]
