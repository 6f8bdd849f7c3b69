from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.articles import Page, extract_articles, split_article
from detente.articles.decoding import decode_html
from detente.articles.html import MAX_ELEMENTS, read_html
from detente.articles.readers import BadPage
from detente.articles.sources import iterate_pages, source_files
from detente.errors import ArticleError
from saved_pages import BODY, CAPTION, COMMENT, LEAD, OTHERS, TITLE, list_page, saved_page, windows_1258


def save(html: str | bytes, folder: Path = Path(), name: str = "p.html") -> Path:
    path = folder / name
    path.write_bytes(html.encode() if isinstance(html, str) else html)
    return path


def sentences(page: Page) -> list[str]:
    return [sentence.text for article in extract_articles(page)[0] for sentence in split_article(article)]


def test_lead_and_body_are_kept_and_nothing_else() -> None:
    page = read_html(save(saved_page()))
    assert sentences(page) == [LEAD, *BODY]
    assert page.is_extracted
    for other in (CAPTION, COMMENT, *OTHERS, "không phải là một câu"):
        assert other not in page.text


def test_what_the_page_says_of_its_article() -> None:
    (article,), _ = extract_articles(read_html(save(saved_page())))
    assert (article.title, article.date, article.outlet) == (TITLE, date(2025, 3, 12), "Báo Sông")
    assert article.url == "https://baosong.example/noi-lai-dam-phan-123.html"
    assert article.text[slice(*article.paragraphs[0])] == LEAD


def test_a_lead_that_is_missing_from_the_body_comes_from_the_description() -> None:
    # As a block of its own far from the body, which extraction leaves out.
    html = saved_page().replace(f'<h2 class="sapo">{LEAD}</h2>', "").replace("<header>", f"<header><div>{LEAD}</div>")
    assert sentences(read_html(save(html)))[0] == LEAD


@pytest.mark.parametrize("description", ["Không ai thấy câu này trên trang cả, chỉ máy tìm kiếm đọc.", f"{LEAD[:40]}..."])
def test_a_description_that_readers_do_not_see_is_no_lead(description: str) -> None:
    html = saved_page().replace(f'content="{LEAD}"', f'content="{description}"').replace(f'<h2 class="sapo">{LEAD}</h2>', "")
    assert sentences(read_html(save(html))) == list(BODY)


@pytest.mark.parametrize("nested", [True, False])
def test_a_list_of_articles_is_none(nested: bool) -> None:
    with pytest.raises(ArticleError, match=r"p\.html: a list of articles: 5 headlines that are links, and no article") as error:
        read_html(save(list_page(nested=nested)))
    assert error.value.reason == "list page"


def test_a_short_article_beside_a_long_box_is_no_list() -> None:
    item = (
        f"<div class='item'><a href='/x'>{OTHERS[0]}</a><p>{OTHERS[0]} và những diễn biến mới nhất trong ngày {{}}.</p></div>"
    )
    box = "".join(item.format(at) for at in range(30))
    html = saved_page(BODY[:3]).replace("<h3>Đọc nhiều</h3>", box)
    assert sentences(read_html(save(html))) == [LEAD, *BODY[:3]]


def test_one_linked_line_between_paragraphs_makes_no_teaser_of_the_next() -> None:
    html = saved_page().replace(
        f"<p class='Normal'>{BODY[1]}</p>", f"<p><a href='/x'>Xem thêm: {OTHERS[0]}</a></p><p>{BODY[1]}</p>"
    )
    assert BODY[1] in sentences(read_html(save(html)))


@pytest.mark.parametrize(
    "charset",
    ["windows-1258", "utf-8", "windows-1252", "iso-8859-1", "no-such-charset", "x\0y", "undefined", "idna", "utf-16", "rot13"],
)
def test_the_declared_encoding_may_be_wrong(charset: str) -> None:
    assert sentences(read_html(save(saved_page(charset=charset)))) == [LEAD, *BODY]
    assert sentences(read_html(save(windows_1258(saved_page(charset=charset))))) == [LEAD, *BODY]


@pytest.mark.parametrize("charset", ["undefined", "punycode", "zlib", "utf-32"])
def test_a_charset_that_is_none_costs_its_page_at_most(charset: str) -> None:
    junk = b"<meta charset=" + charset.encode() + b">" + bytes(range(128, 256)) * 20
    folder = Path("pages")
    folder.mkdir()
    save(junk, folder, "a.html")
    save(saved_page(), folder, "b.html")
    bad, page = iterate_pages(source_files(folder))
    assert isinstance(bad, BadPage)
    assert bad.error.reason == "unknown encoding"
    assert isinstance(page, Page)


def test_other_encodings_and_marks() -> None:
    html = saved_page(charset="utf-16")
    assert sentences(read_html(save(html.encode("utf-16")))) == [LEAD, *BODY]
    assert sentences(read_html(save(html.encode("utf-8-sig")))) == [LEAD, *BODY]
    assert sentences(read_html(save("<?xml version='1.0' encoding='windows-1258'?>" + html))) == [LEAD, *BODY]


def test_broken_bytes_cost_a_character_and_not_the_page() -> None:
    damaged = saved_page().encode().replace("vùng biển chung".encode(), b"v\xc3ng bi\xe1\xbbn chung")
    assert "v\ufffdng bi\ufffdn chung." in sentences(read_html(save(damaged)))[1]
    with pytest.raises(ArticleError, match="neither UTF-8 nor what it declares") as error:
        decode_html(bytes(range(128, 256)) * 20, Path("x.html"))
    assert error.value.reason == "unknown encoding"


def test_broken_markup_and_scripts() -> None:
    torn = saved_page().replace("</p>", "").replace("</div>", "").replace("</li>", "")
    assert set(BODY) <= set(sentences(read_html(save(torn[: torn.index("<footer>")]))))
    nul = saved_page().replace("Theo tuyên bố", "Theo\0 tuyên bố").replace("Giới quan", "&#xD800;Giới &#0;quan")
    assert len(sentences(read_html(save(nul)))) == 6
    assert sentences(read_html(save(saved_page().replace("\n", "\r")))) == [LEAD, *BODY]


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("", "empty"),
        ("\ufeff \n", "empty"),
        ("<html><body><script>app.start()</script></body></html>", "no text in the HTML"),
        ("<html>" + "<div>" * 5000, "no text in the HTML"),
        ("<p>" + "<b>x</b>" * MAX_ELEMENTS, "too many elements"),
        ("<p>Tin.</p>" * 10_001, "too many elements"),
        ("x" * 10_000_001, "too large"),
        (saved_page().replace("<h1>", "<h1 " + " ".join(f"a{n}" for n in range(200_000)) + ">"), "too many attributes"),
        (saved_page().replace("<h1>", "<h1/" + "/".join(f"a{n}='<'" for n in range(200_000)) + ">"), "too many attributes"),
        (saved_page().replace("<h1>", "<h1 x='>' " + " ".join(f"a{n}" for n in range(200_000)) + ">"), "too many attributes"),
        ("<p>Tin.</p>" + "<div title='" + "a " * 200_000, "not HTML"),
    ],
    ids=["empty", "blank", "script", "deep", "elements", "lines", "large", "attributes", "slashes", "bracket", "unclosed"],
)
def test_what_is_no_page_has_a_reason_soon(html: str, reason: str) -> None:
    started = time.process_time()  # of this process alone: the machine may be busy
    with pytest.raises(ArticleError, match=r"p\.html") as error:
        read_html(save(html))
    assert error.value.reason == reason
    assert time.process_time() - started < 5


TORN = [
    b"<div>", b"</div>", b"<table>", b"<!--", b"-->", b"<![CDATA[", b"&#0;", b"&#x110000;", b"\0", b"\xff", b"<svg>",
    b"<script>", b"<a href='/x'>", b"<h3>", b"<meta charset='utf-7'>", b"<link rel=canonical href='http://[::'>",
    b"<meta property='article:published_time' content='99999-01-01'>",
    b"<script type='application/ld+json'>{'@type':'NewsArticle','datePublished':1e400}</script>",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(TORN), st.integers(0, 60)), min_size=1, max_size=8))
def test_a_torn_page_is_a_page_or_has_a_reason(
    tmp_path_factory: pytest.TempPathFactory, tears: list[tuple[float, bytes, int]]
) -> None:
    data = saved_page().encode()
    for place, token, n_lost in tears:
        at = int(place * len(data))
        data = data[:at] + token + data[at + n_lost :]
    try:
        extract_articles(read_html(save(data, tmp_path_factory.getbasetemp(), "torn.html")))
    except ArticleError as error:
        reason = error.reason
    else:
        reason = "an article"
    assert reason


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(alphabet="<>/ap div='\"&;!-\0ế", max_size=200).map(str.encode)))
def test_any_bytes_are_a_page_or_have_a_reason(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = save(data, tmp_path_factory.getbasetemp(), "any.html")
    try:
        page = read_html(path)
    except ArticleError:
        return
    assert page.text.strip()


PARAGRAPHS = "".join(
    f"<p>Phần {n}: hai bên nhất trí nối lại đối thoại, lập nhóm công tác chung và kêu gọi kiềm chế ở biên giới.</p>"
    for n in range(4)
)


def test_a_site_in_front_of_the_title_is_left_off_where_the_page_shows_the_headline(tmp_path: Path) -> None:
    shown = "Hai nước nối lại đàm phán - bước đi đầu tiên"
    for site in ("Tuổi Trẻ Online", "Báo Sông Cả điện tử"):
        (tmp_path / "a.html").write_text(
            f"<title>{site} - {shown}</title><body><div class=t>{shown}</div><div>{PARAGRAPHS}</div>", encoding="utf-8"
        )
        (article,), _ = extract_articles(read_html(tmp_path / "a.html"))
        assert article.title == shown
        assert len(article.paragraphs) == 4


def test_comments_below_their_heading_are_not_the_article(tmp_path: Path) -> None:
    comments = "".join(
        f"<blockquote><p>Tôi thấy nước lớn mà cư xử như vậy thì ai còn tin tưởng nữa, lần thứ {n}.</p>"
        f"<cite>Người dùng {n}, 10:05 05/03/2024</cite></blockquote>"
        for n in range(6)
    )
    for heading in ("Ý kiến bạn đọc", "Bình luận (6)"):
        (tmp_path / "a.html").write_text(
            f"<title>Hai nước nối lại đàm phán</title><body><h1>Hai nước nối lại đàm phán</h1><div class=c>{PARAGRAPHS}</div>"
            f"<section>{heading}{comments}</section>",
            encoding="utf-8",
        )
        (article,), _ = extract_articles(read_html(tmp_path / "a.html"))
        assert len(article.paragraphs) == 4


_BOX = "".join(
    f"<p>Hồ sơ, mục {at}: hai nước từng ký một hiệp định tương tự cách đây chín năm nhưng không bên nào phê chuẩn nó cả.</p>"
    for at in ("một", "hai", "ba", "bốn", "năm")
)


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"<p><a name='p{at}'>{text}</a></p>" for at, text in enumerate(BODY)),
        "".join(f"<div><img src='{at}.jpg'><p>{text}</p></div>" for at, text in enumerate(BODY)),
        "".join(f"<x-paragraph>{text}</x-paragraph>" for text in BODY),
        "".join(f"<span style='display: block'>{text}</span>" for text in BODY),
        f"<p>{BODY[0]}</p><p>{BODY[1]}</p><div class='ho-so'><h4>Hồ sơ</h4>{_BOX}</div>"
        f"<p>{BODY[2]}</p><p>{BODY[3]}</p><p>{BODY[4]}</p>",
    ],
    ids=["anchors are no links", "a picture beside each", "invented elements", "spans as blocks", "after a box of prose"],
)
def test_no_paragraph_is_lost(body: str, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<html><body><h1>{TITLE}</h1><div class='c'>{body}</div></body></html>", encoding="utf-8")
    ((article,), _) = extract_articles(read_html(path))
    paragraphs = [article.text[start:end] for start, end in article.paragraphs]
    assert [text for text in paragraphs if text in BODY] == list(BODY)
