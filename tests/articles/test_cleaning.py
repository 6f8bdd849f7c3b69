from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import saved_pages
from detente import places
from detente.articles import Page, extract_articles, read_pages, split_article
from detente.articles.readers import read_page
from detente.errors import ArticleError

BODY = "Ngoại trưởng hai nước đã gặp nhau tại thủ đô hôm thứ Hai để bàn về việc nối lại đàm phán sau nhiều tháng căng thẳng."
MORE = "Theo tuyên bố chung, hai bên nhất trí duy trì các kênh liên lạc và sẽ gặp lại vào tháng tới tại một nước thứ ba."
LAST = "Giới quan sát cho rằng kết quả này là một bước tiến nhỏ nhưng cần thiết, sau khi vòng trước không đạt đột phá."


def page(*lines: str) -> Page:
    return Page("p", "\n".join(lines), Path("p.txt"))


def body(source: Page) -> list[list[str]]:
    return [[a.text[s:e] for s, e in a.paragraphs] for a in extract_articles(source)[0]]


def dropped(source: Page) -> dict[str, str]:
    return {line.text: line.reason for line in extract_articles(source)[1]}


@pytest.fixture(scope="module")
def seeds() -> list[Page]:
    return read_pages(places.SEEDS / "articles")


def test_seeds_hold_seven_whole_articles(seeds: list[Page]) -> None:
    articles = [article for source in seeds for article in extract_articles(source)[0]]
    assert [(a.article_id.split("_")[0] + a.article_id[20:], a.title, len(a.paragraphs)) for a in articles] == [
        ("000", "Pháp hoan nghênh nỗ lực đối thoại giữa Mỹ và Nga", 4),
        ("000.2", "Mỹ ủng hộ Pháp thúc đẩy an ninh châu Âu", 7),
        ("001", "Lãnh đạo Nga, Pháp nhất trí duy trì tiếp xúc sau đối thoại về Ukraine", 9),
        ("002", "Mỹ, Đức khẳng định thiện chí tiếp tục đàm phán an ninh với Nga", 10),
        ("002.2", "Mỹ và Đức nhấn mạnh mối quan hệ đồng minh", 6),
        ("003", "Nga nhất trí hội đàm với NATO sau hội nghị thượng đỉnh tại Ba Lan", 7),
        ("004", "Giới chức phương Tây tìm cách tháo gỡ căng thẳng về vấn đề Ukraine", 9),
    ]
    assert {a.page_id[:3]: (a.date, a.outlet) for a in articles if a.date or a.outlet} == {
        "003": (None, "Dân trí"),
        "004": (date(2022, 1, 21), "TTXVN/Vietnam+"),
    }


@pytest.mark.parametrize(
    "gone",
    ["Ảnh:", "image/s3", "Video đang HOT", "Tin liên quan", "Hamas", "Trump", "icon", "Thành Đạt", "Theo Lê Đạt", "Tổng hợp",
     "(Dân trí)", "|", "WHO", "Sao việt", "Chiến tranh Lạnh", "lên kế hoạch công du", "/."],
)  # fmt: skip
def test_what_must_not_survive(seeds: list[Page], gone: str) -> None:
    sentences = [s.text for source in seeds for a in extract_articles(source)[0] for s in split_article(a)]
    assert not [text for text in sentences if gone in text]


def test_reasons_on_the_seeds(seeds: list[Page]) -> None:
    reasons = Counter(line.reason for source in seeds for line in extract_articles(source)[1])
    assert reasons == {
        "headline": 26,
        "headline of a picture link": 22,
        "image data": 34,
        "timestamp": 32,
        "short label": 13,
        "section heading": 9,
        "picture caption": 11,
        "list item": 6,
        "teaser": 6,
        "repeated line": 3,
        "share icons": 2,
        "teaser, cut off": 3,
        "byline": 3,
        "dateline": 1,
        "end mark": 1,
    }


def test_every_character_is_accounted_for(seeds: list[Page]) -> None:
    for source in seeds:
        articles, lines = extract_articles(source)
        spans = [span for a in articles for span in a.paragraphs] + [(line.start, line.end) for line in lines]
        left = source.text
        for start, end in spans:
            assert source.text[start:end].strip()
            left = left[:start] + " " * (end - start) + left[end:]
        for article in articles:
            left = left.replace(article.title or "", "", 1)
        assert not left.strip()


def test_captions_credits_and_promotions_inside_an_article() -> None:
    source = page(
        "Hai nước nối lại đàm phán sau nhiều tháng", BODY,
        "Hai ngoại trưởng bắt tay trước cuộc gặp. Ảnh: AFP", "Mời độc giả xem video", MORE, "(Ảnh minh họa: Reuters)", LAST,
    )  # fmt: skip
    assert body(source) == [[BODY, MORE, LAST]]
    assert dropped(source)["(Ảnh minh họa: Reuters)"] == "picture caption"


def test_a_box_of_related_headlines_does_not_cut_the_article() -> None:
    source = page("Hai nước nối lại đàm phán", BODY, MORE, "Tin liên quan", "Nga điều thêm quân tới biên giới", "Mỹ cảnh báo?",
                  LAST, BODY.replace("hai", "ba"))  # fmt: skip
    assert body(source) == [[BODY, MORE, LAST, BODY.replace("hai", "ba")]]


def test_a_crosshead_stays_in_its_article_and_a_headline_begins_another() -> None:
    crosshead = page("Hai nước nối lại đàm phán", BODY, MORE, "Phản ứng của thị trường", LAST, MORE + " Hết.")
    assert [len(paragraphs) for paragraphs in body(crosshead)] == [4]
    assert dropped(crosshead)["Phản ứng của thị trường"] == "crosshead"
    lead = "Đại sứ Anh hôm nay rời thủ đô sau khi bị chính phủ nước chủ nhà trục xuất vì cáo buộc can thiệp."
    second = page("Hai nước nối lại đàm phán", BODY, MORE, "Đại sứ Anh bị trục xuất rời thủ đô", lead, *[LAST, MORE] * 2)
    assert [len(paragraphs) for paragraphs in body(second)] == [2, 5]
    assert [a.title for a in extract_articles(second)[0]][1] == "Đại sứ Anh bị trục xuất rời thủ đô"


def test_teasers_below_an_article() -> None:
    teaser = "Nga điều thêm quân tới biên giới trong tuần này, theo ảnh vệ tinh mà một công ty tư nhân công bố."
    source = page("Hai nước nối lại đàm phán", BODY, MORE, "Nga điều thêm quân tới biên giới", teaser)
    assert body(source) == [[BODY, MORE]]
    assert dropped(source)[teaser] == "teaser"


def test_a_question_between_paragraphs_is_prose() -> None:
    source = page("Hai nước nối lại đàm phán", BODY, "Vậy liệu hai bên có giữ lời hứa lần này không?", MORE)
    assert body(source)[0][1] == "Vậy liệu hai bên có giữ lời hứa lần này không?"


def test_a_page_of_thousands_of_questions() -> None:
    questions = [f"Liệu hai bên có giữ lời hứa thứ {at} không?" for at in range(5000)]
    assert len(body(page("Hai nước nối lại đàm phán", BODY, MORE, *questions, LAST))[0]) == 5003


def test_dateline_and_end_mark_are_cut_off_and_kept_account_of() -> None:
    source = page("Hai nước nối lại đàm phán", "(Báo Mới) - " + BODY, MORE.removesuffix(".") + "./.")
    assert body(source) == [[BODY, MORE]]
    assert extract_articles(source)[0][0].outlet == "Báo Mới"
    assert dropped(source) == {"(Báo Mới) -": "dateline", "/.": "end mark"}


def test_windows_newlines_and_decomposed_text() -> None:
    import unicodedata

    text = unicodedata.normalize("NFD", "\r\n".join(["Hai nước nối lại đàm phán", BODY, "Ảnh: AFP", MORE]))
    article = extract_articles(Page("p", text, Path("p.txt")))[0][0]
    assert [text[s:e] for s, e in article.paragraphs] == [unicodedata.normalize("NFD", x) for x in (BODY, MORE)]


@pytest.mark.parametrize(
    "line",
    [
        "Ông nói trên truyền hình: “Chúng tôi muốn đối thoại với Nga”.",
        "Hai bên nói về tình hình: một bên muốn họp, bên kia thì không.",
        "Chính phủ thu hồi giấy phép hoạt động của đài phát thanh này.",
        "Ông trả lời qua điện thoại: “Chúng tôi chưa quyết định”.",
        "Không ai bình luận về việc này.",
        "Nga rút.",
        "Vậy liệu hai bên có giữ lời hứa lần này không?",
        "Hãy chờ xem!",
        "Theo ông, liệu Nga có rút quân?",
        "Các bên gồm nhiều nước, nhiều tổ chức, nhiều nhóm vũ trang và những người mà không ai biết họ đại diện cho ai…",
    ],
)
def test_prose_that_looks_like_furniture_survives(line: str) -> None:
    assert body(page("Hai nước nối lại đàm phán", BODY, line, MORE, LAST)) == [[BODY, line, MORE, LAST]]


def test_a_list_inside_the_body_survives() -> None:
    lines = ["Theo ông, có hai điều kiện để hai bên ngừng bắn:", "- Nga rút quân khỏi các vùng mới", "- Mỹ cam kết dài hạn"]
    assert body(page("Hai nước nối lại đàm phán", BODY, *lines, MORE)) == [[BODY, *lines, MORE]]


def test_single_paragraphs_under_crossheads_are_one_article() -> None:
    source = page("Hai nước nối lại đàm phán", BODY, "Bước tiến nhỏ nhưng quý", MORE, "Những gì còn lại phía trước", LAST)
    assert body(source) == [[BODY, MORE, LAST]]
    assert extract_articles(source)[0][0].title == "Hai nước nối lại đàm phán"


def test_a_list_page_is_no_article() -> None:
    teasers = [
        (
            "Nga điều thêm quân tới biên giới",
            "Nga điều thêm quân tới biên giới trong tuần này, theo ảnh vệ tinh mới công bố hôm qua.",
        ),
        (
            "Mỹ cảnh báo hậu quả nghiêm trọng",
            "Mỹ hôm qua cảnh báo hậu quả nghiêm trọng nếu các bên không ngừng bắn ngay trong tuần.",
        ),
        ("Đức kêu gọi các bên kiềm chế", "Thủ tướng Đức kêu gọi các bên kiềm chế và quay lại bàn đàm phán càng sớm càng tốt."),
    ]
    with pytest.raises(ArticleError, match="no article on this page"):
        extract_articles(page(*(line for teaser in teasers for line in teaser)))


def test_below_the_writers_name_only_whole_articles_count() -> None:
    comment = "Tôi nghĩ hòa bình là điều tốt nhất cho cả hai nước lúc này."
    source = page(
        "Hai nước nối lại đàm phán",
        BODY,
        MORE,
        "Huyền Lê (Theo AFP, Reuters)",
        "Ý kiến bạn đọc",
        comment,
        comment + " Rất mong.",
    )
    assert body(source) == [[BODY, MORE]]
    assert extract_articles(source)[0][0].outlet is None


@pytest.mark.parametrize(
    ("credit", "outlet"),
    [
        ("Huyền Lê (theo BBC, AFP)", None),
        ("Huyền Lê (Theo Reuters)", None),
        ("Huyền Lê (Theo TTXVN)", "TTXVN"),
        ("Huyền Lê (Nguồn Báo Sông Cả)", "Báo Sông Cả"),
        ("Theo Huyền Lê (TTXVN/Vietnam+)", "TTXVN/Vietnam+"),
    ],
)
def test_the_reports_that_an_article_retells_are_not_its_outlet(credit: str, outlet: str | None) -> None:
    assert extract_articles(page("Hai nước nối lại đàm phán", BODY, MORE, credit))[0][0].outlet == outlet


def test_a_box_before_the_end_does_not_swallow_what_follows() -> None:
    source = page("Hai nước nối lại đàm phán", BODY, MORE, "Tin liên quan", "Nga điều quân tới biên giới", LAST, "Theo Reuters")
    assert body(source) == [[BODY, MORE, LAST]]


def test_a_box_in_the_middle_of_an_article_that_nobody_signs() -> None:
    lines = [
        "Tin liên quan",
        "Nga tố Ukraine tấn công",
        "Mỹ cấp thêm vũ khí",
        LAST,
        "Nhiều bất đồng còn nguyên",
        BODY + " Hết.",
    ]
    source = page("Hai nước nối lại đàm phán", BODY, MORE, *lines)
    assert body(source) == [[BODY, MORE, LAST, BODY + " Hết."]]


def test_the_title_is_the_headline_that_says_what_the_body_says() -> None:
    source = page("Hai ngoại trưởng gặp nhau, bàn việc nối lại đàm phán", "Nghe đọc bài viết này trong năm phút", BODY, MORE)
    assert extract_articles(source)[0][0].title == "Hai ngoại trưởng gặp nhau, bàn việc nối lại đàm phán"
    asked = page("Vì sao hai nước nối lại đàm phán lúc này?", BODY, MORE)
    assert extract_articles(asked)[0][0].title == "Vì sao hai nước nối lại đàm phán lúc này?"
    effect = page("Ảnh hưởng của việc nối lại đàm phán", BODY, MORE)
    assert extract_articles(effect)[0][0].title == "Ảnh hưởng của việc nối lại đàm phán"


@pytest.mark.parametrize(
    ("prefix", "outlet"),
    [
        ("(VTC News) -", "VTC News"),
        ("Hà Nội (TTXVN) – ", "TTXVN"),
        ("Đà Nẵng (TTXVN) - ", "TTXVN"),
        ("Ấp Bắc, Ủy Tân (NLĐO) - ", "NLĐO"),
        ("TP.HCM (TTXVN) - ", "TTXVN"),
        ("TTO - ", "TTO"),
        ("VOV.VN - ", "VOV.VN"),
        ("VTV.vn -", "VTV.vn"),
        ("QĐND Online – ", "QĐND Online"),
        ("[VOV2] - ", "VOV2"),
    ],
)
def test_datelines(prefix: str, outlet: str) -> None:
    source = page("Hai nước nối lại đàm phán", prefix + BODY, MORE)
    assert body(source) == [[BODY, MORE]]
    assert extract_articles(source)[0][0].outlet == outlet


def test_an_alliance_before_a_dash_is_no_dateline() -> None:
    lead = "NATO - Nga sẽ nối lại đối thoại vào tháng tới sau nhiều tháng căng thẳng, theo hai nguồn tin ngoại giao."
    source = page("NATO và Nga nối lại đối thoại", lead, "Người phát ngôn NATO xác nhận kế hoạch này vào sáng nay.")
    assert body(source)[0][0] == lead


@pytest.mark.parametrize(
    "line",
    ["Thứ hai, 24/2/2025, 10:15 (GMT+7)", "Thứ Hai, ngày 24 tháng 2 năm 2025", "2025-02-24 10:15", "Cập nhật: 24-02-2025"],
)
def test_dates(line: str) -> None:
    for source in (page("Hai nước nối lại đàm phán", line, BODY, MORE), page("Hai nước nối lại đàm phán", BODY, line, MORE)):
        assert extract_articles(source)[0][0].date == date(2025, 2, 24)


@pytest.mark.parametrize(
    "lines", [["Trang chủ", "Thế giới", "Nga điều quân tới biên giới", "Mỹ cảnh báo hậu quả"], ["Xin chào."]]
)
def test_a_page_without_an_article_is_refused(lines: list[str]) -> None:
    with pytest.raises(ArticleError, match=r"p\.txt: no article on this page"):
        extract_articles(page(*lines))


_LINES = st.lists(
    st.sampled_from([BODY, MORE, LAST, "Ảnh: AFP", "Tin liên quan", "Nga điều quân tới biên giới", "", "12:30 01/02/2024",
                     "• icon", "Thật vậy sao hỡi người?", "Video", "2. Một mục trong danh sách", "<img src='x' alt='Nga'>"]),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(deadline=None)
@given(_LINES)
def test_lines_in_any_order_lose_no_character(lines: list[str]) -> None:
    source = page(*lines)
    try:
        articles, gone = extract_articles(source)
    except ArticleError:
        return
    spans = sorted([span for a in articles for span in a.paragraphs] + [(line.start, line.end) for line in gone])
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    n_titles = sum(len("".join((a.title or "").split())) for a in articles)
    n_kept = sum(len("".join(source.text[s:e].split())) for s, e in spans)
    assert n_kept + n_titles == len("".join(source.text.split()))


def test_a_lead_above_a_crosshead_that_its_section_repeats_is_kept() -> None:
    crosshead = "Hai bên nhất trí duy trì các kênh liên lạc"
    source = page("Hai nước nối lại đàm phán", BODY, crosshead, MORE, LAST)
    assert body(source) == [[BODY, MORE, LAST]]
    assert dropped(source)[crosshead] == "crosshead"
    assert extract_articles(source)[0][0].title == "Hai nước nối lại đàm phán"


def test_a_page_of_markdown_keeps_its_lead_and_its_title(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    lead, body, title = saved_pages.LEAD, saved_pages.BODY, saved_pages.TITLE
    path.write_text(f"# {title}\n\n**{lead}**\n\n" + "\n\n".join(body), encoding="utf-8")
    ((article,), _) = extract_articles(read_page(path))
    assert article.title == title
    assert [article.text[start:end].strip("*") for start, end in article.paragraphs] == [lead, *body]
