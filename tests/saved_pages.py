"""Invented news pages as a browser saves them: menu, lead outside the body, pictures, related links, side boxes, comments."""

from __future__ import annotations

import unicodedata

TITLE = "Hai nước nhất trí nối lại đàm phán sau hai tháng gián đoạn"
LEAD = "Sau hai tháng gián đoạn, hai nước láng giềng đồng ý trở lại bàn đàm phán và mở lại đường dây nóng."
BODY = (
    "Ngoại trưởng hai nước ngày 12/3 nhất trí nối lại đàm phán sau hai tháng gián đoạn vì tranh chấp trên vùng biển chung.",
    "Phát biểu tại cuộc họp báo ở thủ đô, ông Minh Khang nói rằng hai bên đã đi đến một lộ trình gồm ba bước.",
    "Theo tuyên bố chung, đường dây nóng giữa hai bộ quốc phòng sẽ hoạt động trở lại từ đầu tuần sau.",
    "Giới quan sát cho rằng kết quả này là một bước tiến nhỏ nhưng cần thiết cho cả khu vực.",
    "Trước đó, một tàu tuần tra đã bắn cảnh cáo khi tàu cá của nước láng giềng tiến vào vùng nước tranh chấp.",
)
CAPTION = "Ngoại trưởng hai nước bắt tay trước cuộc gặp hôm 12/3. Ảnh: Reuters."
OTHERS = (
    "Động đất mạnh làm rung chuyển miền nam đảo quốc",
    "Giá dầu tăng vọt sau tin về kho dự trữ",
    "Bầu cử sớm: cử tri xếp hàng từ rạng sáng",
)
COMMENT = "Độc giả Nguyễn A: Mong hòa bình sớm trở lại với bà con ngư dân."

_PICTURE = (
    f"<table class='picture'><tr><td><img src='a.jpg'></td></tr><tr><td><p>{CAPTION}</p></td></tr></table>"
    f"<figure><img src='b.jpg'><figcaption><p>{CAPTION}</p></figcaption></figure>"
)
_LINKS = "".join(f"<li><a href='/{at}.html'>{other}</a></li>" for at, other in enumerate(OTHERS))
_BOX = "".join(
    f"<div class='item'><a href='/{at}.html'>{other}</a><p>{other} và những diễn biến mới nhất trong ngày.</p></div>"
    for at, other in enumerate(OTHERS)
)


def saved_page(body: tuple[str, ...] = BODY, *, title: str = TITLE, charset: str = "utf-8", date: str = "2025-03-12") -> str:
    """The HTML of a news page."""
    paragraphs = [f"<p class='Normal'>{text}</p>" for text in body]
    paragraphs.insert(2, _PICTURE)
    paragraphs.insert(4, f"<div class='box-tinlienquan'><h3>Tin liên quan</h3><ul>{_LINKS}</ul></div>")
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="{charset}"><title>{title} - Báo Sông</title>
<meta property="og:title" content="{title}"><meta name="description" content="{LEAD}">
<meta property="og:site_name" content="Báo Sông"><meta property="article:published_time" content="{date}T08:15:00+07:00">
<link rel="canonical" href="https://baosong.example/noi-lai-dam-phan-123.html">
<script>var trap = "<p>Đây không phải là một câu của bài báo này đâu.</p>";</script><style>p {{ color: red }}</style></head>
<body><header><nav><ul><li><a href="/">Trang chủ</a></li><li><a href="/the-gioi">Thế giới</a></li></ul></nav></header>
<div class="main"><div class="detail-top"><h1>{title}</h1><h2 class="sapo">{LEAD}</h2></div>
<div class="detail-content">{"".join(paragraphs)}<p style="text-align:right"><strong>Lan Anh</strong> (Theo Reuters)</p></div>
<aside class="sidebar"><h3>Đọc nhiều</h3>{_BOX}</aside></div>
<div class="comment"><p>{COMMENT}</p></div>
<footer><p>© 2025 Báo Sông. Giấy phép số 1/GP. Tổng biên tập: Trần B.</p></footer></body></html>"""


def list_page(*, nested: bool = True) -> str:
    """A page of a section: headlines that are links, each with a paragraph."""
    items = [f"<h3><a href='/{at}.html'>{TITLE} lần {at}</a></h3><p>{text}</p>" for at, text in enumerate(BODY)]
    wrapped = "".join(f"<div class='item'>{item}</div>" if nested else item for item in items)
    menu = "<nav><a href='/'>Trang chủ</a></nav>"
    return f"<html><head><title>Thế giới</title></head><body>{menu}<div>{wrapped}</div></body></html>"


def windows_1258(text: str) -> bytes:
    """Text as old Vietnamese pages have it: letters composed, tone marks apart."""
    encoded = b""
    for char in text:
        tones = "".join(mark for mark in unicodedata.normalize("NFD", char) if mark in "\u0300\u0301\u0303\u0309\u0323")
        letter = "".join(mark for mark in unicodedata.normalize("NFD", char) if mark not in tones)
        encoded += (unicodedata.normalize("NFC", letter) + tones).encode("cp1258")
    return encoded
