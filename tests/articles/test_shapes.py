from __future__ import annotations

import pytest

from detente.articles.shapes import Shape, line_shape


@pytest.mark.parametrize(
    ("line", "shape"),
    [
        ("Bình luận (12)", Shape.COMMENTS),
        ("Ý kiến của bạn đọc", Shape.COMMENTS),
        ("2 giờ trước", Shape.REPLY),
        ("Thích  Trả lời  3 ngày trước", Shape.REPLY),
        ("Cùng chủ đề", Shape.SECTION),
        ("Theo dõi trên Google News", Shape.PROMOTION),
        ("Đăng ký nhận tin để không bỏ lỡ các bài mới.", Shape.PROMOTION),
        ("Bạn đã đọc hết số bài miễn phí. Vui lòng đăng ký gói VIP.", Shape.PROMOTION),
        ("Số giấy phép: 77/GP-BTTTT do Bộ Thông tin và Truyền thông cấp ngày 11/9/2018.", Shape.IMPRINT),
        ("Báo Bắc Hà © 2025. Cấm sao chép dưới mọi hình thức.", Shape.IMPRINT),
        ("Tổng thống và Tổng Bí thư tại lễ đón ở Hà Nội, 10/9/2023.", Shape.CAPTION),
        # Prose of the same words.
        ("Nhận tin báo, lực lượng cứu hộ đã đến hiện trường trong đêm.", Shape.BODY),
        ("Ông trả lời phóng viên 2 giờ trước khi lên máy bay về nước.", Shape.BODY),
        ("Hiệp định có hiệu lực với cả hai bên từ ngày 10/9/2023.", Shape.BODY),
        ("Họ theo dõi sát diễn biến trên Biển Đông trong nhiều tuần.", Shape.BODY),
        ("Công ty bị thu hồi giấy phép vì vi phạm bản quyền.", Shape.BODY),
    ],
)
def test_what_a_line_says_of_itself(line: str, shape: Shape) -> None:
    assert line_shape(line) is shape
