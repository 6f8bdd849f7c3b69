from __future__ import annotations

import pytest

from detente.articles.lines import page_lines
from detente.articles.shapes import Shape

PROSE = "Ngày 5/12, Bộ trưởng Ngoại giao hai nước hội đàm tại Hà Nội về việc nối lại các chuyến bay thẳng trong quý tới."


def pieces(text: str) -> list[tuple[Shape, str]]:
    return [(line.shape, line.text) for line in page_lines(text)]


@pytest.mark.parametrize(
    ("line", "glued", "shape"),
    [
        (f"Hai bên bắt tay. Ảnh: AFP. {PROSE}", "Hai bên bắt tay. Ảnh: AFP.", Shape.CAPTION),
        (f"Hai bên bắt tay (Ảnh: TTXVN/AFP). {PROSE}", "Hai bên bắt tay (Ảnh: TTXVN/AFP).", Shape.CAPTION),
        (f"Hai bên bắt tay. Ảnh: Reuters {PROSE}", "Hai bên bắt tay. Ảnh: Reuters", Shape.CAPTION),
        (f"Thứ sáu, 2/5/2014 | 08:54 GMT+7 {PROSE}", "Thứ sáu, 2/5/2014 | 08:54 GMT+7", Shape.TIMESTAMP),
        (f"Trang chủ Thời sự Thế giới Kinh doanh {PROSE}", "Trang chủ Thời sự Thế giới Kinh doanh", Shape.MENU),
        (f"Trang chủ > Thời sự > Thế giới {PROSE}", "Trang chủ > Thời sự > Thế giới", Shape.MENU),
    ],
)
def test_what_is_glued_before_a_paragraph(line: str, glued: str, shape: Shape) -> None:
    assert pieces(line) == [(shape, glued), (Shape.BODY, PROSE)]


@pytest.mark.parametrize(
    ("tail", "shape"),
    [
        ("Trần Mẫu", Shape.BYLINE),
        ("TTXVN", Shape.BYLINE),
        ("Vũ Đông (Theo Reuters)", Shape.BYLINE),
        ("Theo Báo Mẫu", Shape.BYLINE),
        ("Điện thoại: 0900000000", Shape.IMPRINT),
        ("Mời quý vị xem video", Shape.PROMOTION),
    ],
)
def test_what_is_glued_behind_a_paragraph(tail: str, shape: Shape) -> None:
    assert pieces(f"{PROSE} {tail}") == [(Shape.BODY, PROSE), (shape, tail)]


@pytest.mark.parametrize(
    "line",
    [
        f"{PROSE} Nga rút quân",
        f"{PROSE} Ông nói: “Chúng tôi chưa quyết định”",
        "Bức ảnh: một bằng chứng mới về vụ việc hôm 5/12 mà hai bên đã tranh cãi suốt nhiều tuần qua ở thủ đô.",
        "12/3/2025 là ngày hai bên gặp nhau lần đầu sau mười tháng im lặng kéo dài ở vùng biên giới phía bắc.",
    ],
)
def test_prose_that_looks_glued_is_one_line(line: str) -> None:
    assert [text for _, text in pieces(line)] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Ảnh minh họa.",
        "Binh sĩ tuần tra dọc sông. Ảnh AFP.",
        "Hai trưởng đoàn bắt tay (Ảnh Reuters)",
        "Trại tị nạn. (Ảnh tư liệu)",
    ],
)
def test_credits_without_a_colon(line: str) -> None:
    assert pieces(line) == [(Shape.CAPTION, line)]


def test_a_line_of_sections_is_a_menu_however_long() -> None:
    menu = "Trang chủ Thời sự Thế giới Kinh doanh Bất động sản Khoa học Giải trí Thể thao Pháp luật Giáo dục Sức khỏe Đời sống"
    assert pieces(menu) == [(Shape.MENU, menu)]
    prose = "Chính phủ chi thêm cho giáo dục, du lịch và thể thao trong năm nay"
    assert pieces(prose)[0][0] is not Shape.MENU


@pytest.mark.parametrize(
    "line",
    [
        "Bạn đang đọc bài viết Hai nước nối lại đàm phán tại chuyên mục Thế giới.",
        "Mọi thông tin chia sẻ, phản hồi xin gửi về hotline 0912 345 678.",
        "* Bài viết thể hiện quan điểm riêng của tác giả.",
        "* Mời quý độc giả theo dõi các chương trình đã phát sóng!",
        "Theo dõi Báo Sông Cả trên Google News.",
    ],
)
def test_what_a_site_says_to_its_readers_is_no_prose(line: str) -> None:
    assert pieces(line) == [(Shape.PROMOTION, line)]


def test_pictures_that_are_numbered_are_captions() -> None:
    assert pieces("Hai ngoại trưởng gặp nhau tại Hà Nội - Ảnh 1.")[0][0] is Shape.CAPTION
    assert pieces("Toàn cảnh phòng họp (Hình 12)")[0][0] is Shape.CAPTION


def test_the_shape_that_markup_gives_holds_unless_the_words_are_furniture() -> None:
    text = "Một câu hỏi ngắn?\nẢnh: AFP"
    shapes = {0: Shape.BODY, text.index("Ảnh"): Shape.BODY}
    assert [line.shape for line in page_lines(text, shapes)] == [Shape.BODY, Shape.CAPTION]


@pytest.mark.parametrize("end", [". »", ".\u00a0»", "… ”", ".»"])
def test_a_quotation_is_prose_though_a_space_stands_before_its_closing_mark(end: str) -> None:
    quoted = "« Cuộc thảo luận kéo dài đến ba giờ sáng. Cuối cùng, phương án vay chung đã thắng thế" + end
    assert pieces(quoted) == [(Shape.BODY, quoted)]
