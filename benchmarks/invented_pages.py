"""Invented news pages in the markup of many kinds of sites and years, each with the right value of what is read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from invented_text import CAPTIONS, CROSSHEADS, HEADLINES, LEADS, TEASERS, TITLES, paragraphs


@dataclass(frozen=True)
class Case:
    """One page. ``gold`` are the paragraphs of its article, or None if the page is a list; None elsewhere: not looked at."""

    name: str
    kind: str
    source: str
    gold: tuple[str, ...] | None
    title: str | None = None
    date: date | None = None
    outlet: str | None = None
    suffix: str = ".html"


def html(head: str, body: str) -> str:
    return f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def p(texts: Iterable[str], tag: str = "p", attributes: str = "") -> str:
    return "\n".join(f"<{tag}{attributes and ' ' + attributes}>{text}</{tag}>" for text in texts)


NAV = (
    '<header class="top"><a class="logo" href="/" title="Trang chủ"><img src="l.png"></a><nav class="menu"><ul>'
    + "".join(f'<li><a href="/{s}">{s}</a></li>' for s in ("Thời sự", "Thế giới", "Kinh doanh", "Giải trí", "Thể thao"))
    + "</ul></nav></header>"
)
FOOT = (
    '<div class="footer"><p>Cơ quan chủ quản: Hội Nhà báo Bắc Hà. Giấy phép số 12/GP-BTTTT cấp ngày 3/3/2016.</p>'
    "<p>Tổng biên tập: Vũ Đông. Tòa soạn: 12 phố Hồ, điện thoại 024 000 000. Ghi rõ nguồn khi phát hành lại thông tin.</p></div>"
)


def side(n: int = 6) -> str:
    """A column of teasers beside an article: picture, linked headline, a sentence."""
    items = (
        f'<div class="item"><a href="/{at}.html"><img src="{at}.jpg"></a><h3><a href="/{at}.html">{HEADLINES[at]}</a></h3>'
        f'<span class="time">{at + 1} giờ trước</span><p class="sapo">{TEASERS[at]}</p></div>'
        for at in range(n)
    )
    return f'<div class="col-right"><div class="box-title">Đọc nhiều</div>{"".join(items)}</div>'


def links(first: int = 0, n: int = 3) -> str:
    return "".join(f'<li><a href="/{at}.html">{HEADLINES[at]}</a></li>' for at in range(first, first + n))


def ld(**values: str) -> str:
    pairs = ", ".join(f'"{key}": {value}' for key, value in values.items())
    return f'<script type="application/ld+json">{{"@context": "https://schema.org", {pairs}}}</script>'


def og(title: str, description: str = "", site: str = "", url: str = "") -> str:
    tags = f'<meta property="og:title" content="{title}">'
    tags += f'<meta property="og:description" content="{description}"><meta name="description" content="{description}">'
    tags += f'<meta property="og:site_name" content="{site}">' if site else ""
    return tags + (f'<meta property="og:url" content="{url}"><link rel="canonical" href="{url}">' if url else "")


def modern_stamp() -> Case:
    """A lead with a place glued before it, figures, author at the right, a JSON-LD of the article."""
    body = paragraphs(0, 6)
    head = f"<title>{TITLES[0]} - Báo VnExpress</title>" + og(
        TITLES[0], LEADS[0], "vnexpress.net", "https://vnexpress.net/hai-nuoc-lang-gieng-4861234.html"
    )
    head += ld(**{"@type": '"NewsArticle"', "headline": f'"{TITLES[0]}"', "datePublished": '"2025-03-12T08:15:00+07:00"'})
    figure = f'<figure class="tplCaption"><img src="a.jpg"><figcaption><p class="Image">{CAPTIONS[0]}</p></figcaption></figure>'
    box = f'<div class="box-tinlienquan"><p>Xem thêm</p><ul>{links()}</ul></div>'
    return Case(
        "modern-stamp", "lead",
        html(head, f'{NAV}<section class="page-detail"><div class="sidebar-1"><div class="header-content">'
             '<ul class="breadcrumb"><li><a href="/the-gioi">Thế giới</a></li></ul>'
             f'<span class="date">Thứ tư, 12/3/2025, 08:15 (GMT+7)</span></div><h1 class="title-detail">{TITLES[0]}</h1>'
             f'<p class="description"><span class="location-stamp">Bắc Hà</span>{LEADS[0]}</p>'
             f'<article class="fck_detail">{p(body[:2], attributes="class=Normal")}{figure}{p(body[2:], attributes="class=Normal")}'
             '<p class="Normal" style="text-align:right;"><strong>Vũ Hoàng</strong> (Theo <em>AFP, Reuters</em>)</p></article>'
             f'{box}</div><div class="sidebar-2">{side()}</div></section>{FOOT}'),
        (LEADS[0], *body), TITLES[0], date(2025, 3, 12), "VnExpress",
    )  # fmt: skip


def related_box_in_body() -> Case:
    """A related article with its own picture and teaser, and pictures with captions, set between the paragraphs."""
    body = paragraphs(5, 7)
    related = (
        f'<div class="VCSortableInPreviewMode" type="RelatedOneNews"><div><a href="/r.htm"><img src="r.jpg"></a></div><div>'
        f'<a href="/r.htm" class="title">{HEADLINES[1]}</a><span class="VCObjectBoxRelatedNewsItemSapo">{TEASERS[1]}</span>'
        "</div></div>"
    )
    photo = (
        '<div class="VCSortableInPreviewMode" type="Photo"><div><img src="a.jpg"></div>'
        f'<div class="PhotoCMS_Caption"><p>{CAPTIONS[1]}</p></div></div>'
    )
    head = f"<title>{TITLES[1]} - Tuổi Trẻ Online</title>" + og(
        TITLES[1], f"TTO - {LEADS[1]}", "TUOI TRE ONLINE", "https://tuoitre.vn/dam-phan-ben-ho-20220116091530.htm"
    )
    head += '<meta property="article:published_time" content="2022-01-16T09:15:00">'
    return Case(
        "related-box-in-body", "related",
        html(head, f'{NAV}<div class="detail__cmain"><div class="detail-top"><a href="/the-gioi.htm">Thế giới</a>'
             '<div data-role="publishdate">16/01/2022 09:15 GMT+7</div></div>'
             f'<h1 class="detail-title">{TITLES[1]}</h1><h2 class="detail-sapo">TTO - {LEADS[1]}</h2>'
             f'<div class="detail-content afcbc-body">{photo}{p(body[:3])}{related}{p(body[3:])}</div>'
             '<div class="author">BẢO ANH</div><div class="detail-tab"><a href="/tag/1">đàm phán</a><a href="/tag/2">biên giới</a>'
             f'</div><div class="box-comment"><p>Mong hòa bình sớm về với bà con hai bên bờ sông, khổ quá rồi.</p></div></div>'
             f"{side()}{FOOT}"),
        (LEADS[1], *body), TITLES[1], date(2022, 1, 16), "Tuổi Trẻ",
    )  # fmt: skip


def old_tables() -> Case:
    """2011: a page laid out in tables, its picture and caption in one more, paragraphs ended by line breaks."""
    body = paragraphs(9, 5)
    picture = (
        '<table border="0" width="1" align="center" class="tplCaption"><tr><td><img src="a.jpg"></td></tr>'
        f'<tr><td class="Image">{CAPTIONS[0]}</td></tr></table>'
    )
    head = f"<title>{TITLES[2]} - VnExpress Thế giới</title>"
    head += f'<meta name="description" content="{LEADS[2]} - VnExpress Thế giới">'
    return Case(
        "old-tables", "layout",
        html(head, '<table width="990"><tr><td width="160"><a href="/">Trang nhất</a><br><a href="/the-gioi">Thế giới</a></td><td>'
             f'<div class="date">Thứ sáu, 18/11/2011, 07:40 GMT+7</div><h1 class="Title">{TITLES[2]}</h1>'
             f'<h2 class="Lead">{LEADS[2]}<br><a href="/x">&gt; {HEADLINES[0]}</a></h2>'
             f'<div class="content">{p(body[:2], attributes="class=Normal")}{picture}'
             f'<p class="Normal">{body[2]}<br><br>{body[3]}</p><p class="Normal">{body[4]}</p>'
             '<p class="Normal" align="right"><b>Thanh Mai</b></p></div></td><td width="200">'
             f"<ul>{links(0, 4)}</ul></td></tr></table>{FOOT}"),
        (LEADS[2], *body), TITLES[2], date(2011, 11, 18), "VnExpress",
    )  # fmt: skip


def bare_divs() -> Case:
    """Paragraphs in bare divs, among divs with pictures and captions in tables; no p anywhere."""
    body = paragraphs(12, 6)
    table = f'<table class="imagefull"><tr><td><img src="a.jpg"></td></tr><tr><td><div>{CAPTIONS[3]}</div></td></tr></table>'
    head = f"<title>{TITLES[3]} | Thế giới | Thanh Niên</title>" + og(
        TITLES[3], LEADS[3], "Báo Thanh Niên", "https://thanhnien.vn/the-gioi/tau-hai-canh-1066667.html"
    )
    head += '<meta property="article:published_time" content="2019-03-30T23:30:00Z">'
    return Case(
        "bare-divs", "layout",
        html(head, f'{NAV}<div class="details"><h1 class="details__headline">{TITLES[3]}</h1><div class="details__meta">'
             '<div class="meta"><time>06:30 - 31/03/2019</time><span>0 Thanh Niên Online</span></div></div>'
             f'<div class="sapo"><div>{LEADS[3]}</div></div><div id="abody" class="cms-body"><div>{body[0]}</div>{table}'
             f'{p(body[1:4], "div")}<div><br></div>{p(body[4:], "div")}</div>'
             f'<div class="details__author"><h4><a href="/author/1">Huỳnh Thiềm</a></h4></div></div>{side()}{FOOT}'),
        (LEADS[3], *body), TITLES[3], date(2019, 3, 31), "Thanh Niên",
    )  # fmt: skip


def layout_table_body() -> Case:
    """The whole body in a layout table, and a data table that is none of it."""
    body = paragraphs(3, 6)
    numbers = "".join(f"<tr><td>Cửa khẩu {at}</td><td>{at * 31}</td><td>{at * 17}</td></tr>" for at in range(1, 6))
    head = f"<title>{TITLES[0]} - Báo Bắc Hà</title><meta property='og:site_name' content='Báo Bắc Hà'>"
    return Case(
        "layout-table-body", "layout",
        html(head, f'{NAV}<div class="news"><h1>{TITLES[0]}</h1><p class="date">Cập nhật lúc 08:54, Thứ Năm, 28/05/2015</p>'
             f"<table><tbody><tr><td>{p(body[:3])}</td></tr><tr><td><table border='1'><tr><th>Nơi</th><th>Xe</th><th>Người</th>"
             f"</tr>{numbers}</table></td></tr><tr><td>{p(body[3:])}</td></tr></tbody></table></div>{FOOT}"),
        tuple(body), TITLES[0], date(2015, 5, 28), "Báo Bắc Hà",
    )  # fmt: skip


def last_paragraph_breaks_off() -> Case:
    """The last paragraph trails off in dots; hidden text and a template stand in the body."""
    body = [
        *paragraphs(16, 4),
        "Người dân hai bờ sông lại nhóm bếp, mở cửa hàng, đưa con tới trường như những ngày chưa có bom…",
    ]
    head = f"<title>{TITLES[1]} - VTV.VN</title>" + og(
        TITLES[1], LEADS[1], "BAO DIEN TU VTV", "https://vtv.vn/the-gioi/x-2015.htm"
    )
    hidden = f"<div hidden><p>{TEASERS[2]}</p></div><template><p>{TEASERS[3]}</p></template>"
    hidden += f'<div style="display: none"><p>{TEASERS[4]}</p></div><noscript><p>{TEASERS[5]}</p></noscript>'
    return Case(
        "last-paragraph-breaks-off", "layout",
        html(head, f'{NAV}<div class="noidung"><h1 class="title_detail">{TITLES[1]}</h1><p class="news-info">'
             'Thứ hai, ngày 05/10/2015 06:01 GMT+7</p>'
             f'<h2 class="sapo">VTV.vn - {LEADS[1]}</h2><div class="ta-justify">{p(body[:2])}{hidden}{p(body[2:])}'
             "<p>* Mời quý độc giả theo dõi các chương trình đã phát sóng trên TV Online!</p></div></div>" + FOOT),
        (LEADS[1], *body), TITLES[1], date(2015, 10, 5), "VTV",
    )  # fmt: skip


def crossheads_html(name: str, mark: str, first: int) -> Case:
    """Subheads whose words recur below them, as headings or as bold paragraphs."""
    intro = paragraphs(first, 2)
    marked, gold = "", [LEADS[0], *intro]
    for head, number in CROSSHEADS:
        part = paragraphs(number, 2) if number != 6 else paragraphs(number, 1)
        marked += mark.format(head) + p(part)
        gold += part
    title = f"<title>{TITLES[0]}</title>"
    head = title + og(TITLES[0], LEADS[0], "Báo Sông Ngân", "https://songngan.example/the-gioi/hai-nuoc-20240605101112.html")
    head += '<meta name="pubdate" content="2024-06-05T10:11:12+07:00">'
    body = f'<div class="article"><h1>{TITLES[0]}</h1><div class="summary"><strong>{LEADS[0]}</strong></div><div class="text">'
    return Case(name, "crosshead", html(head, f"{NAV}{body}{p(intro)}{marked}</div></div>{side()}{FOOT}"),
                tuple(gold), TITLES[0], date(2024, 6, 5), "Báo Sông Ngân")  # fmt: skip


def crossheads_row() -> Case:
    """A row with its own title, date and outlet is one article, whatever its subheads say."""
    body = paragraphs(20, 2)
    lines = [*body]
    gold = [*body]
    for head, number in CROSSHEADS:
        lines += [head, *paragraphs(number, 2)]
        gold += paragraphs(number, 2)
    text = "\\n".join(lines)
    row = f'{{"id": "r1", "title": "{TITLES[2]}", "date": "12/03/2025", "outlet": "Báo Mẫu", "text": "{text}"}}\n'
    return Case("crossheads-row", "crosshead", row, tuple(gold), TITLES[2], date(2025, 3, 12), "Báo Mẫu", ".jsonl")


def crossheads_text() -> Case:
    """A scraped text with short subheads whose words recur below them."""
    body = paragraphs(20, 3)
    head, number = CROSSHEADS[2]
    lines = [TITLES[3], "05/11/2019 07:15 GMT+7", *body, head, *paragraphs(number, 3)]
    return Case("crossheads-text", "crosshead", "\n".join(lines), (*body, *paragraphs(number, 3)), TITLES[3],
                date(2019, 11, 5), None, ".txt")  # fmt: skip


def bbc_like() -> Case:
    """Every paragraph in a div of its own, script-made class names, list of links between, byline list above."""
    body = paragraphs(2, 8)
    wrapped = [f'<div dir="ltr" class="bbc-19j92fr"><p class="bbc-1y32vyc" dir="ltr">{text}</p></div>' for text in body]
    figure = (
        '<div class="bbc-1ka88fa"><figure class="bbc-1qn0xuy"><div><div><img src="a.jpg"></div>'
        '<p class="bbc-rdi32a"><span class="vh">Nguồn hình ảnh, </span>Getty Images</p></div><figcaption class="bbc-1ygnxcx">'
        f'<span class="vh">Chụp lại hình ảnh, </span><p>{CAPTIONS[0]}</p></figcaption></figure></div>'
    )
    byline = '<section aria-labelledby="article-byline"><ul role="list"><li><span>Tác giả, </span><span>Lê Hà</span></li>'
    byline += "<li><span>Vai trò, </span><span>BBC News Tiếng Việt, từ Bangkok</span></li></ul></section>"
    cross = '<div class="bbc-19j92fr"><h2 class="bbc-1aaitma">Phe đối lập: thỏa thuận thiếu cơ chế giám sát</h2></div>'
    related = (
        f'<section class="bbc-18n6me2" aria-label="Tin liên quan"><p>Bỏ qua Đọc nhiều và tiếp tục đọc</p><ul>{links(2)}</ul>'
    )
    related += "<p>End of Đọc nhiều</p></section>"
    head = f"<title>{TITLES[2]} - BBC News Tiếng Việt</title>" + og(
        TITLES[2], LEADS[2], "BBC News Tiếng Việt", "https://www.bbc.com/vietnamese/articles/c0mzp1gv1d7o"
    )
    head += ld(
        **{"@graph": '[{"@type": "Article", "datePublished": "2024-12-05T01:20:04.000Z", "publisher": {"name": "BBC"}}]'}
    )
    time = '<div><time class="bbc-1dafq0j" datetime="2024-12-05">5 tháng 12 2024</time><p>Cập nhật 6 tháng 12 2024</p></div>'
    return Case(
        "bbc-like", "layout",
        html(head, f'{NAV}<main role="main"><div class="bbc-fa0wmp"><h1 id="content" tabindex="-1">{TITLES[2]}</h1></div>{figure}'
             f'{byline}{time}{"".join(wrapped[:3])}{cross}{"".join(wrapped[3:5])}{related}{"".join(wrapped[5:])}</main>'
             f'<section><h2>Tin chính</h2><ul>{links(3, 4)}</ul></section>{FOOT}'),
        tuple(body), TITLES[2], date(2024, 12, 5), "BBC News Tiếng Việt",
    )  # fmt: skip


def voa_like() -> Case:
    body = paragraphs(14, 5)
    also = (
        f'<div class="wsw__embed"><div class="media-block also-read"><a href="/a/1.html"><div class="content">'
        f'<span class="also-read__text--label">Đọc thêm</span><h4 class="media-block__title">{HEADLINES[6]}</h4></div></a></div></div>'
    )
    head = f"<title>{TITLES[0]}</title>" + og(
        TITLES[0], LEADS[0], "VOA", "https://www.voatiengviet.com/a/hai-nuoc/7345678.html"
    )
    return Case(
        "voa-like", "lead",
        html(head, f'{NAV}<div class="hdr-container"><h1 class="title pg-title">{TITLES[0]}</h1><div class="publishing-details">'
             '<span class="date"><time pubdate="pubdate" datetime="2013-05-28T21:00:00+07:00">28/05/2013</time></span></div></div>'
             '<div class="cover-media"><figure class="media-image"><img src="a.jpg"><figcaption><span class="caption">'
             f'{CAPTIONS[0]}</span></figcaption></figure></div><div class="intro"><p>{LEADS[0]}</p></div>'
             f'<div id="article-content"><div class="wsw">{p(body[:2])}{also}{p(body[2:])}</div></div>{side()}{FOOT}'),
        (LEADS[0], *body), TITLES[0], date(2013, 5, 28), "VOA Tiếng Việt",
    )  # fmt: skip


def rfi_like() -> Case:
    """The lead is a div's own text; the description is cut; the site's name is long; a quotation links to another article."""
    body = paragraphs(6, 6)
    quote = f'<div class="o-embed"><blockquote><a href="/vi/x">{HEADLINES[2]}...</a></blockquote></div>'
    head = f"<title>{TITLES[1]} - RFI</title>" + og(
        TITLES[1], f"{LEADS[1][:60]}…", "RFI", "https://www.rfi.fr/vi/20170831-dam-phan"
    )
    return Case(
        "rfi-like", "lead",
        html(head, f'{NAV}<article><h1>{TITLES[1]}</h1><div class="t-content__chapo">{LEADS[1]}</div>'
             '<p class="m-pub-dates"><span class="m-pub-dates__date">Đăng ngày: <time pubdate="pubdate" '
             'datetime="2017-08-31T14:50:03+00:00">31/08/2017 - 14:50</time></span></p>'
             f'<div class="t-content__body">{p(body[:3])}{quote}{p(body[3:])}</div></article>{FOOT}'),
        (LEADS[1], *body), TITLES[1], date(2017, 8, 31), "RFI",
    )  # fmt: skip


def centred_captions() -> Case:
    """Captions in paragraphs like the body's: centred, in italics, ending in a full stop."""
    body = paragraphs(18, 6)
    shot = '<p style="text-align: center;"><img src="{}.jpg" alt=""></p><p style="text-align: center;"><em>{}</em></p>'
    head = f"<title>{TITLES[3]} | Báo Người Lao Động</title>" + og(
        TITLES[3], f"(NLĐO) - {LEADS[3]}", "", "https://nld.com.vn/thoi-su/tau-hai-canh-20140611100530446.htm"
    )
    return Case(
        "centred-captions", "caption",
        html(head, f'{NAV}<div class="column"><h1 class="titledetail">{TITLES[3]}</h1><div class="datetime">11/06/2014 10:05</div>'
             f'<h2 class="sapo">(NLĐO) - {LEADS[3]}</h2><div class="contentdetail">{p(body[:2])}{shot.format(1, CAPTIONS[0])}'
             f'{p(body[2:4])}{shot.format(2, CAPTIONS[3])}{p(body[4:])}<p style="text-align: right;"><strong>T.Hằng</strong></p>'
             f"</div></div>{side()}{FOOT}"),
        (LEADS[3], *body), TITLES[3], date(2014, 6, 11), "Người Lao Động",
    )  # fmt: skip


def captions_by_class() -> Case:
    body = paragraphs(24, 6)
    table = '<table class="picture"><tbody><tr><td class="pic"><img src="a.jpg"></td></tr><tr><td class="caption pCaption"><p>{}</p></td></tr></tbody></table>'
    inner = f'<div class="inner-article"><a href="/r.html"><div class="cover"><img src="r.jpg"></div><h2 class="title">{HEADLINES[4]}</h2></a><p class="summary">{TEASERS[4]}</p></div>'
    head = f"<title>{TITLES[0]} - Thế giới - ZNEWS</title>" + og(
        TITLES[0], LEADS[0], "ZNEWS.VN", "https://znews.vn/hai-nuoc-post1400123.html"
    )
    head += '<meta property="article:published_time" content="2023-02-24T07:00+0700">'
    return Case(
        "captions-by-class", "caption",
        html(head, f'{NAV}<article id="page-article"><header class="the-article-header"><p class="the-article-category"><a href="/tg">Thế giới</a></p>'
             f'<h1 class="the-article-title">{TITLES[0]}</h1><ul class="the-article-meta"><li class="the-article-author"><a>Hồng Ngọc</a></li>'
             '<li class="the-article-publish">Thứ sáu, 24/2/2023 07:00 (GMT+7)</li></ul></header>'
             f'<section class="main"><p class="the-article-summary">{LEADS[0]}</p><div class="the-article-body">{table.format(CAPTIONS[0])}'
             f'{p(body[:3])}{inner}{p(body[3:5])}{table.format(CAPTIONS[3])}{p(body[5:])}</div></section></article>{side()}{FOOT}'),
        (LEADS[0], *body), TITLES[0], date(2023, 2, 24), "Znews",
    )  # fmt: skip


def photo_story() -> Case:
    """One sentence, then pictures with captions."""
    figures = "".join(
        f'<figure><img src="{at}.jpg"><figcaption><p>{text} Ảnh: Bắc Hà</p></figcaption></figure>'
        for at, text in enumerate(CAPTIONS * 2)
    )
    head = f"<title>{TITLES[1]} | baotintuc.vn</title>" + og(
        TITLES[1], LEADS[1], "baotintuc.vn", "https://baotintuc.vn/anh/dam-phan-20210203.htm"
    )
    return Case(
        "photo-story", "caption",
        html(head, f'{NAV}<div class="detail"><span class="date">Thứ Tư, 03/02/2021 20:55</span><h1 class="detail-title">{TITLES[1]}</h1>'
             f'<h2 class="sapo">{LEADS[1]}</h2><div class="contents">{figures}</div></div>{FOOT}'),
        (LEADS[1],), TITLES[1], date(2021, 2, 3), "Báo Tin tức",
    )  # fmt: skip


def glued_related() -> Case:
    """Related links inside the lead, inside a paragraph and as a paragraph of their own."""
    body = paragraphs(10, 5)
    head = f"<title>{TITLES[2]} - VietNamNet</title>" + og(
        TITLES[2], f"{LEADS[2]} &gt;&gt; {HEADLINES[3]}", "VietNamNet", "https://vietnamnet.vn/vn/the-gioi/phep-thu-401234.html"
    )
    head += '<meta property="og:image" content="http://imgs.vietnamnet.vn/Images/2017/10/28/09/20171028090909-a.jpg">'
    return Case(
        "glued-related", "lead",
        html(head, f'{NAV}<div class="ArticleDetail"><h1 class="title">{TITLES[2]}</h1><div class="ArticleDateTime">30/10/2017 18:04 GMT+7</div>'
             f'<div id="ArticleContent"><p class="bold ArticleLead">{LEADS[2]} <a href="/x">&gt;&gt; {HEADLINES[3]}</a></p>{p(body[:2])}'
             f'<p><strong><a href="/y">&gt;&gt;&gt; {HEADLINES[5]}</a></strong></p>{p(body[2:])}<p><strong>Sầm Hoa</strong></p></div>'
             f'<ul class="related">{links(4)}</ul></div>{FOOT}'),
        (LEADS[2], *body), TITLES[2], date(2017, 10, 30), "VietNamNet",
    )  # fmt: skip


def sidebar_h1(name: str, where: str) -> Case:
    body = paragraphs(1, 5)
    box = (
        f'<div class="{where}"><h1 class="block-title"><a href="/chuyen-de">Chuyên đề tuần này</a></h1><ul>{links()}</ul></div>'
    )
    main = f'<div class="main"><div class="article__header"><h1 class="article__title cms-title">{TITLES[3]}</h1>'
    main += f'<div class="article__meta"><time class="time">14/07/2016 | 15:09</time></div></div><div class="article__sapo cms-desc">TPO - {LEADS[3]}</div>'
    main += (
        f'<div class="article__body cms-body">{p(body)}</div><div class="article__author"><a href="/t">Thái An</a></div></div>'
    )
    head = f"<title>{TITLES[3]} - Báo điện tử Tiền Phong</title><meta property='og:site_name' content='Báo điện tử Tiền Phong'>"
    head += '<link rel="canonical" href="https://tienphong.vn/tau-hai-canh-post1027654.tpo">'
    parts = (box, main) if where == "left" else (main, box)
    return Case(
        name, "title", html(head, NAV + "".join(parts) + FOOT), (LEADS[3], *body), TITLES[3], date(2016, 7, 14), "Tiền Phong"
    )


def logo_h1() -> Case:
    """The only h1 is the logo; the headline is an h2, and the title names section and site."""
    body = paragraphs(21, 5)
    head = f"<title>{TITLES[0]} | Thế giới | Báo Sài Gòn Giải Phóng Online</title>"
    return Case(
        "logo-h1", "title",
        html(head, f'<h1 class="logo"><a href="/">SGGP Online</a></h1>{NAV}<div class="content"><h2 class="title">{TITLES[0]}</h2>'
             f'<div class="date">Thứ ba, 07/08/2012, 09:21 (GMT+7)</div>{p(body)}<p class="author">Đỗ Cao</p></div>{FOOT}'),
        tuple(body), TITLES[0], date(2012, 8, 7), "Sài Gòn Giải Phóng",
    )  # fmt: skip


def dated(name: str, line: str, right: date, *, below: bool = False, head: str = "", site: str = "Báo Bắc Hà") -> Case:
    """A page whose only honest date is a line that readers see."""
    body = paragraphs(4, 5)
    shown = f'<div class="info">{line}</div>'
    title = f"<title>{TITLES[1]}</title><meta property='og:site_name' content='{site}'>{head}"
    content = f"<h1>{TITLES[1]}</h1>{'' if below else shown}<div class='txt'>{p(body)}</div>{shown if below else ''}"
    return Case(name, "date", html(title, f"{NAV}<div class='main'>{content}</div>{FOOT}"), tuple(body), TITLES[1], right, site)


def dates() -> list[Case]:
    picture = '<meta property="og:image" content="https://cdn.example/2018/01/09/20180109101010-a.jpg">'
    template = '<meta name="dc.created" content="2002-02-02"><meta name="DC.date.issued" content="2002-02-02">'
    today = '<script>var now = "2025-11-20T10:10:10";</script><meta name="revisit" content="2025-11-20">'
    return [
        dated("date-words", "Thứ Tư, ngày 12 tháng 3 năm 2014, 08:15", date(2014, 3, 12), head=picture),
        dated("date-month-name", "12 Tháng Ba 2025", date(2025, 3, 12), head=template),
        dated("date-two-digits", "28/05/13 08:59 GMT+7", date(2013, 5, 28), below=True),
        dated("date-dashes", "30-10-2017_18-04-00", date(2017, 10, 30), head=today),
        dated("date-updated", "Cập nhật lúc 14h05 - 02/09/2014", date(2014, 9, 2), head=picture + template),
        dated("date-dotted", "Thứ Hai, 08.06.2020 | 06:40 GMT+7", date(2020, 6, 8)),
        dated("date-day-bar", "Thứ Tư, 12/03/2025 - 08:15", date(2025, 3, 12), head=template),
        dated("date-time-first", "08:15 12/03/2025", date(2025, 3, 12)),
    ]


def outlets() -> list[Case]:
    """The outlet's name where several things claim to be it."""
    body = paragraphs(8, 4)
    main = f"{NAV}<div class='d'><h1>{TITLES[0]}</h1><div class='c'>{p(body)}</div></div>{FOOT}"

    def case(name: str, head: str, outlet: str) -> Case:
        return Case(name, "outlet", html(head, main), tuple(body), TITLES[0], None, outlet)

    website = ld(**{"@type": '"WebSite"', "name": f'"{TITLES[0]}"', "url": '"https://songca.example/a.htm"'})
    company = ld(
        **{"@type": '"NewsArticle"', "publisher": '{"@type": "Organization", "name": "Công ty cổ phần Mặt Trời Media"}'}
    )
    return [
        case("outlet-website-headline", website + og(TITLES[0], "", "BÁO SÔNG CẢ ONLINE"), "BÁO SÔNG CẢ ONLINE"),
        case("outlet-company", f"<title>{TITLES[0]} | Đời sống | Mặt Trời.vn</title>{company}", "Mặt Trời.vn"),
        case("outlet-subdomain", f"<title>{TITLES[0]} - VnExpress Giải Trí</title>"
             + og(TITLES[0], "", "VnExpress Giải Trí", "http://giaitri.vnexpress.net/tin-tuc/gioi-sao/x-3012345.html"), "VnExpress"),
        case("outlet-slogan", f"<title>{TITLES[0]} - VnExpress</title>"
             + og(TITLES[0], "", "Tin nhanh VnExpress", "http://vnexpress.net/tin-tuc/the-gioi/x-3012345.html"), "VnExpress"),
        case("outlet-section-no-host", f"<title>{TITLES[0]} - VnExpress Kinh doanh</title>", "VnExpress"),
        case("outlet-host-only", f"<title>{TITLES[0]}</title><link rel='canonical' href='https://laodong.vn/the-gioi/x-1234567.ldo'>",
             "Lao Động"),
        case("outlet-publisher", f"<title>{TITLES[0]}</title>" + ld(
            **{"@type": '["NewsArticle"]', "publisher": '{"@type": "Organization", "name": "Báo Hồ Núi"}'}), "Báo Hồ Núi"),
    ]  # fmt: skip


def list_page(name: str, item: str, head: str = "", top: str = "") -> Case:
    items = "".join(item.format(at=at, headline=HEADLINES[at], teaser=TEASERS[at]) for at in range(8))
    return Case(
        name,
        "list",
        html(head or "<title>Thế giới - tin mới nhất</title>", f"{NAV}{top}<div class='list'>{items}</div>{FOOT}"),
        None,
    )


def list_pages() -> list[Case]:
    pic = '<a href="/{at}.htm" class="avatar" title="{headline}"><img src="{at}.jpg"></a>'
    url = '<title>Báo Bắc Hà</title><meta property="og:url" content="https://bacha.example/">'
    hero = f"<div class='focus'><h2><a href='/h.htm'>{TITLES[0]}</a></h2><img src='h.jpg'><p class='lead'>{LEADS[0]}</p></div>"
    return [
        list_page("list-picture-between", f'<article><h3><a href="/{{at}}.htm">{{headline}}</a></h3><div>{pic}</div><p>{{teaser}}</p></article>', url),
        list_page("list-time-between", '<div class="box"><h3><a href="/{at}.htm">{headline}</a></h3><span class="time">12/03/2025 08:1{at}</span><p class="sapo">{teaser}</p></div>', url, hero),
        list_page("list-span-teaser", f'<li>{pic}<h3><a href="/{{at}}.htm">{{headline}}</a></h3><span class="sapo">{{teaser}}</span></li>'),
        list_page("list-div-teaser", f'<div class="story">{pic}<h2 class="story__heading"><a href="/{{at}}.htm">{{headline}}</a></h2><div class="story__meta"><a href="/tg">Thế giới</a><time>2 giờ</time></div><div class="story__summary">{{teaser}}</div></div>', url),
        list_page("list-linked-teaser", '<article><h3><a href="/{at}.htm">{headline}</a></h3><p><a href="/{at}.htm">{teaser}</a></p></article>'),
        list_page("list-headlines-only", '<li><a href="/{at}.htm">{headline}</a></li>'),
        list_page("list-one-link", '<a href="/{at}.htm"><div><img src="{at}.jpg"></div><div><h3>{headline}</h3><p>{teaser}</p></div></a>'),
        list_page("list-teaser-first", '<div class="c"><p class="sapo">{teaser}</p><h3><a href="/{at}.htm">{headline}</a></h3></div>'),
        list_page("list-table", '<table><tr><td><a href="/{at}.htm"><img src="{at}.jpg"></a></td><td><a class="t" href="/{at}.htm">{headline}</a><br><span>(12/3/2013)</span><br>{teaser}</td></tr></table>'),
        list_page("list-flat", '<h4><a href="/{at}.htm">{headline}</a></h4><img src="{at}.jpg"><p>{teaser}</p><hr>'),
    ]  # fmt: skip


def rows_of_one_line() -> list[Case]:
    body = paragraphs(11, 5)
    one = " ".join(body).replace('"', '\\"')

    def case(name: str, text: str, gold: list[str] | None = None, kind: str = "one-line") -> Case:
        return Case(name, kind, f'{{"id": "x", "text": "{text}"}}\n', tuple(gold or body), suffix=".jsonl")

    tagged = "".join(f"<p>{text}</p>" for text in body)
    boxed = f"<div><h2>{TITLES[0]}</h2><p>{body[0]}</p><figure><img src='a.jpg'><figcaption>{CAPTIONS[0]}</figcaption></figure>"
    boxed += p(body[1:]).replace("\n", "") + f"<ul>{links()}</ul></div>"
    return [
        case("row-dash", f"- {one} Vũ Đông"),
        case("row-dots", one.removesuffix(".") + "…", [*body[:-1], body[-1].removesuffix(".") + "…"]),
        case("row-numbered", f"1. {one} (Theo Báo Bắc Hà)"),
        case("row-telephone", f"{one} Điện thoại: 024 000 111"),
        case("row-tags", tagged, kind="html-row"),
        case("row-breaks", "<br>".join(body), kind="html-row"),
        case("row-fragment", boxed.replace('"', '\\"'), kind="html-row"),
        case("row-literal-newlines", "\\\\n".join(body), kind="html-row"),
        case(
            "row-entities", "\\n".join(text.replace("à", "&agrave;").replace("ộ", "&#7897;") for text in body), kind="html-row"
        ),
    ]


def texts() -> list[Case]:
    """Pages of plain text, as scrapers and old tools left them."""
    body = paragraphs(13, 6)

    def case(
        name: str, lines: list[str], gold: list[str] | None = None, *, right: date | None = None, outlet: str | None = None
    ) -> Case:
        return Case(name, "text", "\n".join(lines), tuple(gold or body), TITLES[1], right, outlet, ".txt")

    wrapped = [TITLES[1], ""]
    for text in body:
        wrapped += [*_wrap(text, 72), ""]
    narrow = [TITLES[1], ""]
    for text in body:
        narrow += [*_wrap(f"    {text}", 64)]
    return [
        case("text-wrapped", wrapped),
        case("text-wrapped-indented", narrow),
        case("text-alt", [TITLES[1], *body[:2], f"{TITLES[1]} - Ảnh 1.", *body[2:4], f"{TITLES[1]} - Ảnh 2.", *body[4:]]),
        case("text-dateline-da-nang", [TITLES[1], f"Đà Nẵng (TTXVN) - {body[0]}", *body[1:]], outlet="TTXVN"),
        case("text-dateline-city", [TITLES[1], f"TP. Hồ Chí Minh (TTXVN) – {body[0]}", *body[1:]], outlet="TTXVN"),
        case("text-caption-glued", [TITLES[1], body[0], f"{CAPTIONS[0]} Ảnh: AFP. {body[1]}", *body[2:]]),
        case("text-byline-glued", [TITLES[1], *body[:-1], f"{body[-1]} Vũ Đông (Theo Reuters)"]),
        case("text-menu-glued", [f"Trang chủ | Thời sự | Thế giới | Quân sự | {TITLES[1]}", TITLES[1], *body]),
        case("text-date-below", [TITLES[1], *body, "28/05/13 08:59 GMT+7", "Thế giới", "Hòa đàm,Biên giới", "TTXVN"],
             right=date(2013, 5, 28), outlet="TTXVN"),
        case("text-last-dots", [TITLES[1], *body[:-1], body[-1].removesuffix(".") + "…"], [*body[:-1], body[-1].removesuffix(".") + "…"]),
        case("text-blank-lines", "\n\n".join([TITLES[1], "Thứ tư, 12/3/2025, 08:15 (GMT+7)", *body]).split("\n"), right=date(2025, 3, 12)),
    ]  # fmt: skip


def _wrap(text: str, width: int) -> list[str]:
    lines, line = [], ""
    indent = " " * (len(text) - len(text.lstrip()))
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else indent + word
    return [*lines, line]


def cases() -> list[Case]:
    """All pages."""
    return [
        modern_stamp(), related_box_in_body(), old_tables(), bare_divs(), layout_table_body(), last_paragraph_breaks_off(),
        crossheads_html("crossheads-h2", "<h2>{}</h2>", 17), crossheads_html("crossheads-bold", "<p><strong>{}</strong></p>", 18),
        crossheads_html("crossheads-b-br", "<div><b>{}</b><br></div>", 19), crossheads_row(), crossheads_text(),
        bbc_like(), voa_like(), rfi_like(), centred_captions(), captions_by_class(), photo_story(), glued_related(),
        sidebar_h1("sidebar-h1-left", "left"), sidebar_h1("sidebar-h1-right", "right"), logo_h1(),
        *dates(), *outlets(), *list_pages(), *rows_of_one_line(), *texts(),
    ]  # fmt: skip
