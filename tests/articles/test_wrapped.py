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


def test_menu_lines_around_a_wrapped_article_do_not_keep_it_from_being_joined() -> None:
    menu = ["Thời sự", "Thế giới", "Kinh doanh", "Giáo dục", "Pháp luật", "Du lịch", "Đời sống", "Thể thao", "Xe"] * 2
    footer = ["Giấy phép số 12/GP, cấp ngày 3/4/2022.", "Liên hệ tòa soạn", "Về đầu trang"]
    for between in ("\n\n", "\n"):
        text = between.join(menu) + "\n\n" + "\n\n".join(textwrap.fill(text, 72) for text in PARAGRAPHS)
        text += "\n\n" + between.join(footer)
        assert [" ".join(row.split()) for row in rows(text)] == [*menu, *PARAGRAPHS, *footer]


def test_a_date_is_joined_to_nothing() -> None:
    for width in (60, 72, 80):
        title = "Hai nước nối lại đàm phán về biên giới sau nhiều năm gián đoạn vì tranh chấp"[:width].rstrip()
        text = "\n".join([title, "12/03/2025", *(textwrap.fill(text, width) for text in PARAGRAPHS)])
        assert rows(text)[:2] == [title, "12/03/2025"]
        assert sum(" " in row for row in rows(text)[2:]) <= len(PARAGRAPHS)
