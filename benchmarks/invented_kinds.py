"""Invented pages, three of a kind: what outlets' markup and scrapers' dumps were seen to get wrong after the pages beside this file."""

from __future__ import annotations

import textwrap
from datetime import date

from invented_pages import FOOT, NAV, Case, html, og, p, side
from invented_text import CAPTIONS, HEADLINES, LEADS, TEASERS, TITLES, paragraphs

HEAD = f"<title>{TITLES[0]} - Báo Bắc Hà</title>" + og(TITLES[0], LEADS[0], "Báo Bắc Hà", "https://bacha.example/a-1.html")
TOP = f"{NAV}<div class='wrap'><h1>{TITLES[0]}</h1><div class='time'>12/03/2025 08:15</div>"
SECTIONS = ["Thời sự", "Thế giới", "Kinh tế", "Đời sống", "Thể thao", "Văn hóa"]


def page(name: str, kind: str, body: str, gold: list[str], *, below: str = "") -> Case:
    source = html(HEAD, f"{TOP}{body}{below}</div>{side(6)}{FOOT}")
    return Case(name, kind, source, (LEADS[0], *gold), TITLES[0], date(2025, 3, 12), "Báo Bắc Hà")


def text(name: str, kind: str, lines: list[str], gold: list[str]) -> Case:
    return Case(name, kind, "\n".join(lines), tuple(gold), TITLES[0], date(2025, 3, 12), suffix=".txt")


def lists_without_links() -> list[Case]:
    """Headlines that a script makes links of, or that the saved page has lost the links of."""
    dated = "".join(
        f"<div class=tin><b onclick='go({at})'>{HEADLINES[at]}</b><br><i>1{at}/06/2025</i><p>{TEASERS[at]}</p><a href='/{at}'>Chi tiết</a></div>"
        for at in range(8)
    )
    cards = "".join(
        f"<div class='card'><img src='{at}.jpg'><h3>{HEADLINES[at]}</h3><p class='sapo'>{TEASERS[at]}</p></div>"
        for at in range(8)
    )
    plain = "".join(f"<p class='t'>{HEADLINES[at]}</p><p class='s'>{TEASERS[at]}</p>" for at in range(8))
    head = "<title>Thế giới - Báo Bắc Hà</title>"
    return [
        Case(name, "list", html(head, f"{NAV}<div id='main'>{top}{body}</div>{FOOT}"), None)
        for name, top, body in [
            ("nolink-dated", "<h2>TIN MỚI</h2>", dated),
            ("nolink-cards", "<h1>Thế giới</h1>", cards),
            ("nolink-plain", "", plain),
        ]
    ]


def containers() -> list[Case]:
    """A body in sibling elements of differing class."""
    body = paragraphs(2, 9)
    lead = f"<h2 class='sapo'>{LEADS[0]}</h2>"
    parts = f"<div class='text-first'>{p(body[:2])}</div><div class='text-second wide'>{p(body[2:6])}</div><div class='text-end'>{p(body[6:])}</div>"
    single = "".join(f"<div class='b{at}'><div>{each}</div></div>" for at, each in enumerate(body))
    mixed = f"<div class='intro'>{p(body[:1])}</div><article class='x1'>{p(body[1:5], 'div')}</article><section class='x2'>{p(body[5:])}</section>"
    nested = f"<section class='c1'><div class='r1'><div class='t1'>{p(body[:6])}</div></div><article class='b3'>{p(body[6:])}</article></section>"
    straight = f"<div class='g1'>{'<br><br>'.join(body[:5])}</div><div class='g2'>{'<br><br>'.join(body[5:])}</div>"
    linked = f"<div class='c'>{p(body[:7])}</div><p><a href='/y'>&gt;&gt; {HEADLINES[2]}</a></p>{p(body[7:])}"
    return [
        page("siblings-nested", "container", lead + nested, body),
        page("siblings-straight", "container", lead + straight, body),
        page("siblings-behind-link", "container", lead + linked, body),
        page("siblings-divs", "container", lead + parts, body),
        page("siblings-one-each", "container", f"<div class='c'>{lead}{single}</div>", body),
        page("siblings-mixed", "container", lead + mixed, body),
    ]


def after_boxes() -> list[Case]:
    """Paragraphs that follow a box inside the article."""
    body = paragraphs(12, 7)
    cards = "".join(f"<div><a href='/{at}'>{HEADLINES[at]}</a><p>{TEASERS[at]}</p></div>" for at in range(3))
    box = f"<div class='box-lq'><h4>Tin liên quan</h4>{cards}</div>"
    linked = f"<div class='inner'><a href='/x'><div class='title'>{HEADLINES[5]}</div><p>{TEASERS[5]}</p></a></div>"
    lead = f"<p class='lead'>{LEADS[0]}</p>"
    return [
        page("after-box-cards", "after box", f"<div class='c'>{lead}{p(body[:3])}{box}{p(body[3:])}</div>", body),
        page(
            "after-box-outside",
            "after box",
            f"<div class='c'>{lead}{p(body[:4])}</div>{box}<div class='c2'>{p(body[4:])}</div>",
            body,
        ),
        page("after-box-last", "after box", f"<div class='c'>{lead}{p(body[:6])}{linked}{p(body[6:])}</div>", body),
    ]


def breaks() -> list[Case]:
    """Text straight in a container, parted by line breaks."""
    body = paragraphs(5, 7)
    linked = body[2].replace(body[2].split()[0], f"<a href='/x'>{body[2].split()[0]}</a>", 1)
    texts = "<br><br>\n".join([body[0], body[1], linked, *body[3:]])
    picture = f"<img src='a.jpg'><br><i>{CAPTIONS[0]}</i><br><br>"
    adverts = "<br/><br/>".join([*body[:4], "<ins class='ad'></ins>" + body[4], *body[5:]])
    return [
        page("breaks-plain", "breaks", f"<div class='c'><b>{LEADS[0]}</b><br><br>{texts}</div>", body),
        page(
            "breaks-picture",
            "breaks",
            f"<div class='c'><strong>{LEADS[0]}</strong><br/><br/>{picture}{texts}<br><br><b>Minh Khang</b></div>",
            body,
        ),
        page("breaks-in-cell", "breaks", f"<table><tr><td><p><b>{LEADS[0]}</b></p>{adverts}</td></tr></table>", body),
    ]


def nestings() -> list[Case]:
    """Sections and spans around every paragraph."""
    body = paragraphs(15, 7)
    spans = "".join(f"<p><span><span style='font-size:14px'>{each}</span></span></p>" for each in body)
    sections = "".join(f"<section class='block'><div class='inner'><p><span>{each}</span></p></div></section>" for each in body)
    joined = "".join(f"<div><span>{each[:20]}</span><span>{each[20:]}</span><br></div>" for each in body)
    return [
        page("nested-spans", "nesting", f"<div class='c'><p><span><b>{LEADS[0]}</b></span></p>{spans}</div>", body),
        page("nested-sections", "nesting", f"<section class='block'><p><span>{LEADS[0]}</span></p></section>{sections}", body),
        page("nested-split-spans", "nesting", f"<div class='c'><div><span>{LEADS[0]}</span></div>{joined}</div>", body),
    ]


def notices() -> list[Case]:
    """What a site asks of its readers, below or inside the article."""
    body = paragraphs(9, 6)
    lead = f"<p class='lead'>{LEADS[0]}</p>"
    form = "<div class='x1'><p>Mỗi sáng một bức thư về những gì đã xảy ra trong đêm.</p><input type='email'><p>Địa chỉ của bạn không được trao cho ai khác.</p></div>"
    wall = "<div><p>Bạn đã đọc hết số bài miễn phí trong tháng này. Vui lòng đăng ký gói thành viên để đọc tiếp.</p></div>"
    news = "<p>Đăng ký nhận tin của chúng tôi để không bỏ lỡ những diễn biến mới nhất.</p><p>Theo dõi Báo Bắc Hà trên Google News để đọc tin nhanh hơn.</p>"
    rights = "<p>© 2025 Báo Bắc Hà. Cấm sao chép dưới mọi hình thức nếu không có sự chấp thuận bằng văn bản.</p>"
    said = "<p>Mong hai bên giữ lời hứa lần này, dân khổ lắm rồi.</p><span>2 giờ trước</span> <a>Trả lời</a><p>Tôi thấy bài viết rất khách quan và kịp thời.</p><span>5 giờ trước</span> <a>Trả lời</a>"
    return [
        page("notice-form", "notice", f"<div class='c'>{lead}{p(body)}{form}</div>", body),
        page("notice-wall", "notice", f"<div class='c'>{lead}{p(body)}{wall}{news}{rights}</div>", body),
        page("notice-comments", "notice", f"<div class='c'>{lead}{p(body)}<div>{said}</div></div>", body),
    ]


def dumps() -> list[Case]:
    """Whole pages as plain text, line by line: what stands above and below the article goes along."""
    body = paragraphs(16, 6)
    top = [*SECTIONS, TITLES[0], "12/03/2025 08:15 GMT+7"]
    same = ["Tin cùng chuyên mục"]
    for at in range(2):
        same += [HEADLINES[at], TEASERS[at]]
    foot = [
        "Tổng biên tập: Trịnh Bách",
        "Số giấy phép: 77/GP-BTTTT do Bộ Thông tin và Truyền thông cấp ngày 11/9/2018.",
        "Báo Bắc Hà © 2025. Cấm sao chép dưới mọi hình thức nếu không có sự chấp thuận bằng văn bản.",
    ]
    said = [
        "Bình luận (2)",
        "Hòa An",
        "Mong hai bên giữ lời hứa lần này, dân khổ lắm rồi.",
        "Minh",
        "Bài viết rất khách quan, cảm ơn tòa soạn.",
    ]
    bare = [
        "An",
        "Mong hai bên giữ lời hứa lần này, dân khổ lắm rồi.",
        "2 giờ trước",
        "Bình",
        "Bài viết rất khách quan, cảm ơn tòa soạn.",
        "Thích Trả lời 3 giờ trước",
    ]
    asks = [
        "Theo dõi trên Google News",
        "Đăng ký nhận tin để không bỏ lỡ các bài mới.",
        "Tải ứng dụng Bắc Hà để đọc tin nhanh hơn.",
    ]
    return [
        text("dump-same-section", "dump", [*top, *body, "Minh Khang", "Tin liên quan", HEADLINES[4], *same, *foot], body),
        text("dump-comments", "dump", [*top, *body, "Minh Khang", "Chia sẻ", *said, "Xem nhiều", *HEADLINES[:3], *foot], body),
        text("dump-bare-comments", "dump", [*top, *body, *bare, *foot], body),
        text("dump-notices", "dump", [*top, *body, *asks, "Cùng chủ đề", HEADLINES[2], TEASERS[3], *foot], body),
    ]


def no_lists() -> list[Case]:
    """Articles that lists of headlines and teasers resemble."""
    body = paragraphs(3, 7)
    asked = [f"Thưa ông, vì sao điều thứ {n} lại quan trọng với hai bên?" for n in range(7)]
    turns = "".join(f"<p><strong>{question}</strong></p><p>{answer}</p>" for question, answer in zip(asked, body, strict=True))
    long = [f"{each} {other}" for each, other in zip(body, paragraphs(14, 7), strict=True)]
    parts = "".join(f"<h3>{head}</h3><p>{each}</p>" for head, each in zip(HEADLINES[:7], long, strict=True))
    lead = f"<p class='lead'>{LEADS[0]}</p>"
    field = "<form action='/tim'><input type='text' name='q'></form>"
    answers = [line for pair in zip(asked, body, strict=True) for line in pair]
    return [
        page("interview-short-answers", "no list", f"<div class='c'>{lead}{turns}</div>", answers),
        page("crossheads-long-parts", "no list", f"<div class='c'>{lead}{parts}</div>", long),
        page("field-beside", "no list", f"<div class='c'>{field}{lead}{p(body[:3])}</div>", body[:3]),
    ]


def wide_wraps() -> list[Case]:
    """Paragraphs wrapped at wide columns."""
    body = [" ".join(pair) for pair in zip(paragraphs(0, 6), paragraphs(10, 6), strict=True)]
    cases = []
    for width, between in ((120, [""]), (132, []), (200, [""])):
        lines = [TITLES[0], "12/03/2025", ""]
        for each in body:
            lines += [*textwrap.wrap(each, width), *between]
        cases.append(text(f"wrapped-{width}", "text", lines, body))
    return cases


def kind_cases() -> list[Case]:
    """All of them."""
    return [
        *lists_without_links(), *containers(), *after_boxes(), *breaks(), *nestings(), *notices(), *dumps(), *no_lists(),
        *wide_wraps(),
    ]  # fmt: skip
