"""Invented pages with all the furniture of real sites, 2011 to 2025: what `invented_pages.py` has one at a time, at once."""

from __future__ import annotations

from datetime import date

from invented_pages import FOOT, NAV, Case, html, ld, links, og, p, side
from invented_text import CAPTIONS, CROSSHEADS, HEADLINES, LEADS, TEASERS, TITLES, paragraphs

FIGURE = (
    '<figure data-size="true" class="tplCaption action_thumb_added"><meta itemprop="width" content="680"><div class="fig-picture">'
    '<picture data-inimage="done"><source srcset="a.jpg 1x"><img src="a.jpg" alt="{0}"></picture></div><figcaption '
    'itemprop="description"><p class="Image">{0}</p></figcaption></figure>'
)
CARDS = "".join(
    f'<article class="item-news"><div class="thumb-art"><a href="/{at}.html"><img src="{at}.jpg"></a></div><h4 class="title-news">'
    f'<a href="/{at}.html" title="{HEADLINES[at]}">{HEADLINES[at]}</a></h4><p class="description"><a href="/{at}.html">{TEASERS[at]}'
    f"</a></p></article>"
    for at in range(5)
)
POPUPS = (
    '<div class="popup" id="popup-comment"><p>Thông tin bạn đọc sẽ được bảo mật và chỉ dùng trong trường hợp tòa soạn cần liên lạc.</p>'
    "<p>Tối đa 1500 ký tự. Hiện chưa có bình luận nào, hãy là người đầu tiên bình luận.</p></div>"
)


def vne() -> Case:
    body = paragraphs(7, 9)
    video = (
        '<div class="box_embed_video_parent embed_video_new"><div class="box_img_video embed-container"><img src="v.jpg"></div>'
        "<div><p>Cảnh trao trả tù binh ở cầu Vĩnh An. Video: <em>AFP</em></p></div></div>"
    )
    head = f"<title>{TITLES[0]} - Báo VnExpress</title>" + og(
        TITLES[0], LEADS[0], "vnexpress.net", "https://vnexpress.net/hai-nuoc-4712345.html"
    )
    head += '<meta name="pubdate" content="2024-02-14T23:30:00+07:00"><meta property="article:modified_time" content="2024-02-15T09:00:00+07:00">'
    inline = body[3].replace("Bộ Quốc phòng", '<a href="/bqp" rel="dofollow">Bộ Quốc phòng</a>')
    related = f'<p class="Normal"><strong>&gt;&gt; <a href="/r">{HEADLINES[3]}</a></strong></p>'
    return Case(
        "site-1", "site",
        html(head, f'<section class="top-header"><div class="container"><a class="logo" href="/"><img alt="VnExpress"></a><span class="time-now">'
             f'Thứ năm, 20/11/2025</span></div></section>{NAV}<section class="section page-detail top-detail"><div class="container"><div class="sidebar-1">'
             '<div class="header-content width_common"><ul class="breadcrumb" data-campaign="Header"><li><a href="/the-gioi">Thế giới</a></li><li><a href="/tu-lieu">Tư liệu</a></li></ul>'
             f'<span class="date">Thứ tư, 14/2/2024, 23:30 (GMT+7)</span></div><h1 class="title-detail">{TITLES[0]}</h1><p class="description">{LEADS[0]}</p>'
             f'<article class="fck_detail ">{FIGURE.format(CAPTIONS[0])}{p(body[:2], attributes="class=Normal")}{related}{p(body[2:3], attributes="class=Normal")}'
             f'<p class="Normal">{inline}</p>{video}<p class="Normal"><strong>Thỏa thuận thiếu cơ chế giám sát</strong></p>{p(body[4:], attributes="class=Normal")}'
             '<p class="author_mail" style="text-align:right;"><strong>Huyền Lê</strong> (Theo <em>AFP, Reuters</em>)</p></article>'
             f'<div class="footer-content width_common"><a class="back-folder" href="/the-gioi">Trở lại Thế giới</a><div class="social_pin">Chia sẻ</div></div>'
             f'<div class="box-tinlienquanv2">{CARDS}</div><div id="box_comment_vne"><h3>Ý kiến (12)</h3><p>Mong hai bên giữ lời hứa lần này, dân khổ lắm rồi.</p></div>'
             f'</div><div class="sidebar-2"><div class="title-box">Xem nhiều</div>{CARDS}</div></div></section>{POPUPS}{FOOT}'),
        (LEADS[0], *body), TITLES[0], date(2024, 2, 14), "VnExpress",
    )  # fmt: skip


def tto() -> Case:
    body = paragraphs(1, 5)
    related = (
        '<div class="VCSortableInPreviewMode link-content-footer IMSCurrentEditorEditObject" type="RelatedOneNews"><div class="kbwscwl-relatedbox">'
        f'<a class="kbwscwlr-thumb" href="/r.htm"><img src="r.jpg"></a><div class="kbwscwlr-content"><a href="/r.htm" class="kbwscwlr-title">{HEADLINES[2]}</a>'
        f'<p class="VCObjectBoxRelatedNewsItemSapo">TTO - {TEASERS[2]}</p></div></div></div>'
    )
    photo = (
        '<figure class="VCSortableInPreviewMode" type="Photo"><div><a class="detail-img-lightbox" href="a.jpg"><img src="a.jpg" alt="{0} - Ảnh 1."></a></div>'
        '<figcaption class="PhotoCMS_Caption"><p data-placeholder="Nhập chú thích">{0} - Ảnh: REUTERS</p></figcaption></figure>'
    ).format(CAPTIONS[3].rstrip("."))
    note = f'<div class="VCSortableInPreviewMode alignRight" type="wrapnote"><p>{body[2]}</p></div>'
    star = '<div class="modal fade" id="gift"><p>Bạn có 0 sao. Hãy nạp thêm sao để tặng cho tác giả bài viết này nhé.</p><p>Chuyển sao thành công. Cảm ơn bạn đã ủng hộ tòa soạn.</p></div>'
    head = f"<title>{TITLES[1]} - Tuổi Trẻ Online</title>" + og(
        TITLES[1], f"{LEADS[1]}", "tuoitre.vn", "https://tuoitre.vn/dam-phan-20240312081512345.htm"
    )
    head += '<meta name="author" content="TUOI TRE ONLINE"><meta property="article:published_time" content="2024-03-12T08:15:00+07:00">'
    return Case(
        "site-2", "site",
        html(head, f'{NAV}<div class="detail__page"><div class="detail-top"><div class="detail-cate"><a href="/the-gioi.htm">Thế giới</a></div>'
             '<div class="detail-time"><div data-role="publishdate">12/03/2024 08:15 GMT+7</div></div></div><div class="detail__cmain">'
             f'<h1 class="detail-title article-title" data-role="title">{TITLES[1]}</h1><div class="detail-audio"><span>Nghe đọc bài</span><span>5:20</span></div>'
             f'<h2 class="detail-sapo" data-role="sapo">{LEADS[1]}</h2><div class="detail-cmain"><div class="detail-content afcbc-body" data-role="content" itemprop="articleBody">'
             f'{photo}{p(body[:2])}{related}{note}{p(body[3:])}<div class="VCSortableInPreviewMode" type="RelatedNewsBox">{related}</div></div>'
             '<div class="box-author-detail"><div class="detail-author-bot"><a class="name" title="THANH BÌNH">THANH BÌNH</a></div></div>'
             f'<div class="detail-tab"><ul><li><a href="/t1">biên giới</a></li><li><a href="/t2">đàm phán hòa bình</a></li></ul></div></div>{star}'
             f'<section class="comment-wrapper"><p>Bình luận hay nhất sẽ được chọn đăng trên báo giấy số cuối tuần.</p></section></div></div>{side(8)}{POPUPS}{FOOT}'),
        (LEADS[1], *body), TITLES[1], date(2024, 3, 12), "Tuổi Trẻ",
    )  # fmt: skip


def old_dantri() -> Case:
    body = paragraphs(17, 7)
    head = f"<title>{TITLES[2]} | Báo Dân trí</title>" + og(
        TITLES[2], f"(Dân trí) - {LEADS[2]}", "Báo điện tử Dân Trí", "http://dantri.com.vn/the-gioi/phep-thu-706543.htm"
    )
    image = f'<div style="text-align: center;"><img src="a.jpg" alt=""></div><div style="text-align: center;"><span style="font-family: Tahoma; font-size: 10pt;">{CAPTIONS[0]}</span></div>'
    return Case(
        "site-3", "site",
        html(head, f'<form method="post" action="x" id="form1"><div id="wrapper">{NAV}<div class="wid1004"><div class="fl wid470"><div class="box26"><a href="/the-gioi.htm">Thế giới</a>'
             f'<span class="fr fon7 mr2 tt-capitalize">Thứ Ba, 12/03/2013 - 08:15</span></div><h1 class="fon31 mt1">{TITLES[2]}</h1>'
             f'<h2 class="fon33 mt1">(<span>Dân trí</span>) - {LEADS[2]}</h2><div class="fon34 mt3 mr2 fon43"><div>{body[0]}<br/></div>{image}{p(body[1:3])}'
             f'<div>{body[3]}</div><blockquote><div>{body[4]}</div></blockquote><div><div>{body[5]}</div></div><p>{body[6]}</p>'
             '<div style="text-align: right;"><strong>Phan Anh</strong><br/><i>Theo AFP</i></div></div><div class="news-tag"><a href="/tag">hòa đàm</a></div></div>'
             f'<div class="fr wid310">{side(5)}</div></div></div></form>{FOOT}'),
        (LEADS[2], *body), TITLES[2], date(2013, 3, 12), "Dân trí",
    )  # fmt: skip


def breaks_only() -> Case:
    """2011: a body of text and line breaks in one cell, its lead in bold, no paragraph element anywhere."""
    body = paragraphs(3, 6)
    text = "<br><br>".join(body)
    head = f"<title>{TITLES[3]} - Công an nhân dân Online</title>"
    return Case(
        "site-4", "site",
        html(head, f'<table width="100%"><tr><td>{NAV}</td></tr><tr><td width="180" valign="top"><ul>{links(0, 6)}</ul></td><td valign="top">'
             f'<table width="100%"><tr><td class="title">{TITLES[3]}</td></tr><tr><td class="date">8:54, 28/05/2011</td></tr><tr><td><b>{LEADS[3]}</b></td></tr>'
             f'<tr><td><table align="left" width="200"><tr><td><img src="a.jpg"></td></tr><tr><td><i>{CAPTIONS[0]}</i></td></tr></table>{text}<br><br></td></tr>'
             f'<tr><td align="right"><b>Trần Hải</b> (tổng hợp)</td></tr></table><b>Các tin khác</b><ul>{links(2, 5)}</ul></td></tr></table>{FOOT}'),
        (LEADS[3], *body), TITLES[3], date(2011, 5, 28), "Công an nhân dân",
    )  # fmt: skip


def cms_2021() -> Case:
    body = paragraphs(11, 8)
    pic = f'<table class="picture" align="center"><tbody><tr><td class="pic"><img src="a.jpg"></td></tr><tr><td class="caption"><p>{CAPTIONS[0]} (Ảnh: Kyodo/TTXVN)</p></td></tr></tbody></table>'
    rel = f'<div class="article-relate"><figure><a href="/r.vnp"><img src="r.jpg"></a></figure><h2><a href="/r.vnp">{HEADLINES[5]}</a></h2></div>'
    rel2 = f'<ul class="article-relate-list"><li><a href="/r2.vnp">[{HEADLINES[6]}]</a></li></ul>'
    head = f"<title>{TITLES[0]} | Vietnam+ (VietnamPlus)</title>" + og(
        TITLES[0], LEADS[0], "Vietnam+ (VietnamPlus)", "https://www.vietnamplus.vn/hai-nuoc-post701234.vnp"
    )
    head += ld(
        **{
            "@type": '"NewsArticle"',
            "datePublished": '"2021-04-05T06:40:00+0700"',
            "publisher": '{"@type": "Organization", "name": "Vietnam+ (VietnamPlus)"}',
        }
    )
    return Case(
        "site-5", "site",
        html(head, f'{NAV}<div class="l-content"><div class="details"><div class="breadcrumb"><a href="/tg">Thế giới</a></div><h1 class="details__headline">{TITLES[0]}</h1>'
             f'<div class="details__summary cms-desc">{LEADS[0]}</div><div class="details__meta"><div class="source"><time>05/04/2021 06:40 GMT+7</time></div></div>'
             f'<div class="content article-body cms-body" itemprop="articleBody">{pic}{p(body[:3])}{rel}{p(body[3:5])}<p>{rel2}</p>'
             f'<p><b>Phe đối lập: thỏa thuận thiếu cơ chế giám sát</b></p>{p(body[5:])}</div><div class="details__author"><span>(TTXVN/Vietnam+)</span></div>'
             f'<div class="tag"><ul><li><a href="/tag">#Đàm phán</a></li></ul></div></div></div>{side(6)}{FOOT}'),
        (LEADS[0], *body), TITLES[0], date(2021, 4, 5), "VietnamPlus",
    )  # fmt: skip


def drupal() -> Case:
    body = paragraphs(22, 6)
    head = f"<title>{TITLES[1]} | VOV.VN</title>" + og(
        f"{TITLES[1]}", f"VOV.VN - {LEADS[1]}", "BÁO ĐIỆN TỬ VOV", "https://vov.vn/the-gioi/dam-phan-post912345.vov"
    )
    head += '<meta property="article:published_time" content="T4, 12/03/2025 - 08:15">'
    return Case(
        "site-6", "site",
        html(head, f'{NAV}<div class="region region-content"><div class="row article-title"><h1>{TITLES[1]}</h1></div><div class="row article-meta"><div class="col-md-4 mb-2">'
             f'Thứ Tư, 08:15, 12/03/2025</div></div><div class="row article-summary"><div class="col">VOV.VN - {LEADS[1]}</div></div>'
             f'<div class="row article-content"><div class="col"><div class="text-long">{p(body[:2])}<figure class="caption caption-img align-center"><img src="a.jpg"><figcaption>{CAPTIONS[0]}</figcaption></figure>{p(body[2:4])}'
             f'<article class="related-inline"><a href="/r"><img src="r.jpg"></a><a href="/r" class="vovvn-title"><h3>{HEADLINES[0]}</h3></a><p>VOV.VN - {TEASERS[0]}</p></article>{p(body[4:])}</div></div></div>'
             f'<div class="row article-author"><b>Hoài Thanh</b>/VOV.VN <em>(theo Sputnik)</em></div><div class="row"><h3>Tin liên quan</h3>'
             + "".join(f'<div class="card"><a href="/{at}"><h5>{HEADLINES[at]}</h5></a><p>VOV.VN - {TEASERS[at]}</p></div>' for at in range(3)) + f"</div></div>{FOOT}"),
        (LEADS[1], *body), TITLES[1], date(2025, 3, 12), "VOV",
    )  # fmt: skip


def lead_is_marked_off() -> Case:
    """The first paragraph is the lead, with a dash before it; writer at the top; a source with a colon below."""
    body = paragraphs(5, 6)
    head = f"<title>{TITLES[2]} - Tin tức mới nhất 24h</title>" + og(
        TITLES[2], LEADS[2], "VietNamNet", "https://vietnamnet.vn/phep-thu-2123456.html"
    )
    return Case(
        "site-7", "site",
        html(head, f'{NAV}<div class="content-detail"><h1 class="content-detail-title">{TITLES[2]}</h1><div class="article-detail-author-wrapper"><div class="article-detail-author__info">'
             f'<p class="name"><a href="/tac-gia">Song Hy</a></p></div><div class="publish-date">12/05/2012 06:00 (GMT+07:00)</div></div><div class="maincontent main-content">'
             f'<p><strong>- {LEADS[2]}</strong></p>{p(body[:3])}<figure class="image vnn-content-image"><picture><img src="a.jpg"></picture><figcaption>Quang cảnh phiên họp. Ảnh: THX</figcaption></figure>'
             f'<div class="insert-wiki-content" data-type="content"><div class="wiki-content"><h3><a href="/r">{HEADLINES[7]}</a></h3><div class="sapo">{TEASERS[7]}</div></div></div>'
             f'{p(body[3:])}<p><strong>Song Hy</strong> (Theo CNN)</p></div></div>{side(7)}{FOOT}'),
        (LEADS[2], *body), TITLES[2], date(2012, 5, 12), "VietNamNet",
    )  # fmt: skip


def old_bbc() -> Case:
    body = paragraphs(8, 9)
    head = f"<title>BBC Vietnamese - Thế giới - {TITLES[3]}</title><link rel='canonical' href='http://www.bbc.co.uk/vietnamese/world/2012/12/121221_hai_canh.shtml'>"
    head += f'<meta property="og:title" content="{TITLES[3]}"><meta property="og:site_name" content="BBC Tiếng Việt">'
    image = f'<div class="module"><div class="image img-w304"><img src="a.jpg" alt="Tàu"><p class="caption">{CAPTIONS[3]}</p></div></div>'
    rel = f'<div class="module"><div class="related-links"><h2>Các bài liên quan</h2><ul>{links(1, 4)}</ul></div></div>'
    return Case(
        "site-8", "site",
        html(head, f'{NAV}<div class="g-container story"><h1>{TITLES[3]}</h1><div class="datestamp"><span class="label">Cập nhật:</span> <span class="time-text">10:41 GMT - </span>'
             f'<span class="date-text">thứ sáu, 21 tháng 12, 2012</span></div><ul class="share-tools"><li>Facebook</li><li>Twitter</li></ul><div class="bodytext">{image}'
             f'<p class="ingress">{body[0]}</p>{p(body[1:4])}<h2>Phe đối lập: thỏa thuận thiếu cơ chế giám sát</h2>{p(body[4:6])}{rel}{p(body[6:])}</div></div>{FOOT}'),
        tuple(body), TITLES[3], date(2012, 12, 21), "BBC News Tiếng Việt",
    )  # fmt: skip


def rfa() -> Case:
    body = paragraphs(19, 7)
    head = f"<title>{TITLES[0]} — Tiếng Việt</title>" + og(
        TITLES[0], LEADS[0], "Radio Free Asia", "https://www.rfa.org/vietnamese/news/hai-nuoc-05022014084500.html"
    )
    return Case(
        "site-9", "site",
        html(head, f'{NAV}<div id="storycontent"><h1>{TITLES[0]}</h1><div id="dateline"><span id="story_byline">Việt Hà, phóng viên RFA</span><br><span id="story_date">2014-05-02</span></div>'
             f'<div id="headerimg"><img src="a.jpg"><div class="caption"><p>{CAPTIONS[0]}</p><span class="copyright">AFP photo</span></div></div><div id="storytext">{p(body[:3])}'
             f'<p><strong>Đoàn xe cứu trợ đầu tiên</strong></p><p><i>{body[3]}</i></p>{p(body[4:])}</div><div id="discussion"><h4>Nhận xét</h4><p>Cảm ơn quý đài đã đưa tin khách quan về vụ việc này.</p></div></div>{FOOT}'),
        tuple(body), TITLES[0], date(2014, 5, 2), "RFA",
    )  # fmt: skip


def interview() -> Case:
    """Questions in bold, answers plain; a headline in the head that is not the one shown."""
    body = paragraphs(13, 4)
    asked = ["Theo ông, vì sao hai bên chọn thời điểm này để nối lại liên lạc?", "Vậy vùng đệm sẽ do ai giám sát, thưa ông?"]
    head = "<title>Chuyên gia nói gì về cuộc gặp bên hồ? | Báo Lao Động</title>" + og(
        "Chuyên gia nói gì về cuộc gặp bên hồ?", LEADS[2], "laodong.vn", "https://laodong.vn/the-gioi/chuyen-gia-1312345.ldo"
    )
    head += '<meta property="article:published_time" content="2024-03-10T17:20:00Z">'
    return Case(
        "site-10", "site",
        html(head, f'{NAV}<main><div class="main-top"><h1 class="title">Chuyên gia nói về cuộc gặp bên hồ</h1><div class="m-bottom"><span class="time">Thứ hai, 11/03/2024 00:20 (GMT+7)</span></div></div>'
             f'<div class="chappeau">{LEADS[2]}</div><div class="art-body" id="gallery-ctt"><p><strong>{asked[0]}</strong></p>{p(body[:2])}<figure class="insert-center-image"><img src="a.jpg"><figcaption>Ông Trịnh Bách. Ảnh: NVCC</figcaption></figure>'
             f'<p><strong>{asked[1]}</strong></p>{p(body[2:])}<p><em>Xin cảm ơn ông!</em></p><article class="ck-cms-insert-news"><a href="/r"><img src="r.jpg"></a><div><h2><a href="/r">{HEADLINES[1]}</a></h2><p>LĐO | {TEASERS[1]}</p></div></article>'
             f'</div><div class="art-author"><span>Song Minh</span></div></main>{side(6)}{FOOT}'),
        (LEADS[2], asked[0], *body[:2], asked[1], *body[2:], "Xin cảm ơn ông!"), "Chuyên gia nói về cuộc gặp bên hồ", date(2024, 3, 11), "Lao Động",
    )  # fmt: skip


def split_body() -> Case:
    """Advertisements part the body; a list of demands stands in it; the author's page is summed up below."""
    body = paragraphs(0, 9)
    demands = [
        "Rút toàn bộ pháo binh khỏi sườn đồi phía đông trong mười ngày",
        "Mở cửa khẩu số 3 cho xe cứu trợ;",
        "Công bố danh sách tù binh.",
    ]
    head = f"<title>{TITLES[1]} - Báo Nhân Dân điện tử</title>" + og(
        TITLES[1], LEADS[1], "Báo Nhân Dân điện tử", "https://nhandan.vn/dam-phan-post765432.html"
    )
    return Case(
        "site-11", "site",
        html(head, f'{NAV}<div class="main-col"><h1 class="article__title">{TITLES[1]}</h1><div class="article__meta"><time class="time" datetime="2022-10-09T18:00:00+0700">Chủ Nhật, ngày 09/10/2022 - 18:00</time></div>'
             f'<div class="article__sapo">NDO - {LEADS[1]}</div><div class="article__body"><div class="part">{p(body[:4])}</div><div class="ads"><ins></ins></div><div class="part">{p(body[4:6])}'
             f'<p>Tuyên bố nêu ba yêu cầu:</p><ul><li>{demands[0]}</li><li>{demands[1]}</li><li>{demands[2]}</li></ul>{p(body[6:])}</div></div>'
             '<div class="article__author"><h3><a href="/a">Lê Minh</a></h3><p>Lê Minh là phóng viên thường trú tại nước láng giềng từ năm 2015 đến nay.</p></div></div>' + side(5) + FOOT),
        (LEADS[1], *body[:6], "Tuyên bố nêu ba yêu cầu:", *demands, *body[6:]), TITLES[1], date(2022, 10, 9), "Nhân Dân",
    )  # fmt: skip


def short_news() -> Case:
    """Two paragraphs beside a long column of other articles, and what the site says to those who comment."""
    body = paragraphs(24, 2)
    head = f"<title>{TITLES[3]} | Tin nóng</title>" + og(TITLES[3], body[0], "Báo Hải Quan Bắc Hà", "")
    return Case(
        "site-12", "site",
        html(head, f'{NAV}<div class="wrap"><div class="left"><h1>{TITLES[3]}</h1><span class="dt">07:15 | 05/11/2019</span><div class="txt">{p(body)}</div><p class="author">P.V</p></div><div class="right">{side(8)}</div></div>{POPUPS}{FOOT}'),
        tuple(body), TITLES[3], date(2019, 11, 5), "Báo Hải Quan Bắc Hà",
    )  # fmt: skip


def crossheads_everywhere() -> Case:
    """One paragraph under every subhead."""
    gold, marked = [], ""
    for head, number in CROSSHEADS:
        gold += paragraphs(number, 1)
        marked += f"<h3>{head}</h3>{p(paragraphs(number, 1))}"
    head = f"<title>{TITLES[2]}</title>" + og(
        TITLES[2], LEADS[2], "Báo Công Thương", "https://congthuong.vn/phep-thu-301234.html"
    )
    head += '<meta property="article:published_time" content="2023-07-20T11:11:00+07:00">'
    return Case("site-13", "site", html(head, f"{NAV}<article><h1>{TITLES[2]}</h1><p><b>{LEADS[2]}</b></p>{marked}</article>{side(4)}{FOOT}"),
                (LEADS[2], *gold), TITLES[2], date(2023, 7, 20), "Công Thương")  # fmt: skip


def fronts() -> list[Case]:
    """Home and section pages with more than teasers on them."""
    about = "<div class='seo'><h2>Tin thế giới</h2><p>Cập nhật tin tức thế giới mới nhất trong ngày, tình hình chính trị, quân sự, ngoại giao các nước.</p><p>Đọc tin tức nóng hổi, phân tích chuyên sâu của các chuyên gia hàng đầu về quan hệ quốc tế tại chuyên mục này.</p></div>"
    quote = f"<div class='opinion'><blockquote>{paragraphs(3, 1)[0]}</blockquote><a href='/tg/ha-lan'>Hạ Lan</a></div>"
    focus = f"<section class='focus'><article><h2 class='t'><a href='/f.htm'>{TITLES[0]}</a></h2><p class='sapo'>{LEADS[0]}</p><ul>{links(4, 3)}</ul></article></section>"
    rows = "".join(
        f"<div class='item'><a href='/{at}.htm'><img src='{at}.jpg'></a><div class='info'><a class='cat' href='/c'>Thời sự</a><h3><a href='/{at}.htm'>{HEADLINES[at]}</a></h3><div class='desc'>{TEASERS[at]}</div><span>{at + 1} giờ trước</span></div></div>"
        for at in range(8)
    )
    plain = "".join(f"<li><h3><a href='/{at}.htm'>{HEADLINES[at]}</a></h3><time>5 giờ trước</time></li>" for at in range(8))
    stories = "".join(
        f"<div class='story'><h2><a href='/{at}.html'>{HEADLINES[at]}</a></h2><p>{TEASERS[at]}</p><p class='more'><a href='/{at}.html'>Xem tiếp</a></p></div>"
        for at in range(8)
    )
    unlinked = "".join(
        f"<div onclick='go({at})'><a href='/{at}.htm'><img alt='{HEADLINES[at]}'></a><a href='/{at}.htm'>{HEADLINES[at]}</a><div>{TEASERS[at]} {TEASERS[(at + 1) % 8]}</div></div>"
        for at in range(8)
    )

    def front(name: str, body: str, head: str = "<title>Thế giới</title>") -> Case:
        return Case(name, "list", html(head, f"{NAV}<main>{body}</main>{FOOT}"), None)

    return [
        front("front-about", f"<h1>Thế giới</h1>{rows}{about}"),
        front("front-quote", f"{focus}{quote}{rows}", '<title>Báo Bắc Hà - Tin nhanh</title><link rel="canonical" href="https://bacha.example/">'),
        front("front-plain", f"<h1>Tin mới nhất trong ngày hôm nay</h1><ul>{plain}</ul>{about}"),
        front("front-stories", stories),
        front("front-two-sentences", unlinked),
        front("front-everything", f"{focus}{rows}<ul>{plain}</ul>{quote}{stories}"),
        front("front-search", f"<h1>Kết quả tìm kiếm cho từ khóa đàm phán</h1><p>Có 128 kết quả được tìm thấy.</p>{stories}"),
    ]  # fmt: skip


def site_cases() -> list[Case]:
    """All of them."""
    return [
        vne(), tto(), old_dantri(), breaks_only(), cms_2021(), drupal(), lead_is_marked_off(), old_bbc(), rfa(), interview(),
        split_body(), short_news(), crossheads_everywhere(), *fronts(),
    ]  # fmt: skip
