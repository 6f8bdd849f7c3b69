from __future__ import annotations

from pathlib import Path

import pytest

from detente.articles import Page, extract_articles
from detente.errors import ArticleError

TEASERS = {
    "Nga tập kích Kyiv đêm thứ ba liên tiếp": "Giới chức cho biết ít nhất 6 người thiệt mạng vì tên lửa và máy bay.",
    "Hàn Quốc tắt loa tuyên truyền ở biên giới": "Quân đội ngừng phát thanh nhằm khôi phục lòng tin giữa hai miền.",
    "Ấn Độ mời Pakistan dự hội nghị cấp cao": "Lời mời là thông lệ và không có nghĩa hai bên nối lại đối thoại.",
    "Israel mở rộng chiến dịch ở dải Gaza": "Quân đội điều thêm ba sư đoàn, ra lệnh cho dân thường rời khỏi phía nam.",
    "EU thông qua gói trừng phạt thứ 18": "Các biện pháp nhắm vào ngành năng lượng và đội tàu bóng tối.",
    "Nhật Bản lập Bộ chỉ huy liên quân": "Cơ quan này sẽ điều phối ba lực lượng trong tình huống khẩn cấp.",
    "Iran dọa rời Hiệp ước không phổ biến hạt nhân": "Quốc hội đang soạn dự luật, nhưng Tổng thống nói sẽ không chế tạo.",
}


def page(text: str) -> Page:
    return Page(page_id="p", text=text, path=Path("p.txt"))


@pytest.mark.parametrize("between", ["", "1/6/2025\n", "3 giờ trước\n", "Chi tiết\n"])
def test_headlines_and_teasers_in_turn_are_a_list_page(between: str) -> None:
    text = "Thế giới\n" + "".join(f"{head}\n{between}{teaser}\n" for head, teaser in TEASERS.items())
    with pytest.raises(ArticleError) as error:
        extract_articles(page(text))
    assert error.value.reason == "list page"


def test_single_paragraphs_below_crossheads_are_an_article() -> None:
    crossheads = [
        "Lịch sử quan hệ",
        "Bước ngoặt ngoại giao",
        "Hợp tác quốc phòng",
        "Trở ngại còn lại",
        "Phản ứng khu vực",
        "Triển vọng",
    ]
    paragraph = " ".join(TEASERS.values())
    parts = [f"{head}\nPhần {n}. {paragraph}" for n, head in enumerate(crossheads)]
    text = "\n".join(["Hai nước nối lại đối thoại sau nhiều năm gián đoạn", f"Lãnh đạo gặp nhau. {paragraph}", *parts])
    (article,), _ = extract_articles(page(text))
    assert len(article.paragraphs) == 7
