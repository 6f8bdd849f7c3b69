"""Invented pages and rows in ``faults/`` that were once read wrongly, each with its right value."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from detente.articles import Page, extract_articles, split_article
from detente.articles.sources import iterate_pages
from detente.errors import ArticleError
from detente.records import Article

FAULTS = Path(__file__).parent / "faults"
TITLE = "Hai ngoại trưởng gặp nhau tại Hà Nội"
LEAD = "Hai ngoại trưởng gặp nhau lần đầu sau hai năm, đồng ý nối lại đường bay và lập nhóm công tác chung."
DAYS = "Cuộc gặp diễn ra trong hai ngày ở Hà Nội, với sự tham dự của đại diện hơn mười bộ và cơ quan của hai nước."
TALKS = "Ngày 5/12, Bộ trưởng Ngoại giao hai nước hội đàm tại Hà Nội về việc nối lại các chuyến bay thẳng trong quý tới."
GROUP = "Hai bên nhất trí lập một nhóm công tác chung để theo dõi việc thực hiện các thỏa thuận đã ký từ năm ngoái."
RETURN = "Theo thông cáo, phái đoàn sẽ trở lại vào tháng sau để bàn tiếp về thương mại, du lịch và trao đổi sinh viên."
HOUSE = "Trước đó, quốc hội nước này đã thông qua nghị quyết kêu gọi chính phủ giảm căng thẳng ở khu vực biên giới."
CHANCE = "Giới quan sát cho rằng cuộc gặp mở ra cơ hội cho các vòng đàm phán tiếp theo trong năm tới."
SPOKEN = "Người phát ngôn nói hai nước sẽ công bố lịch làm việc cụ thể sau khi hoàn tất thủ tục nội bộ."
TITLE_2 = "Hai nước nối lại đối thoại cấp cao sau hai năm"
ROW = (
    "Bộ trưởng Ngoại giao hai nước đã hội đàm tại Hà Nội vào sáng nay, "
    "nhất trí nối lại đối thoại cấp cao sau hai năm gián đoạn.",
    "Phát biểu sau cuộc họp, ông Lê Văn An cho biết hai bên sẽ thành lập một nhóm công tác chung để thảo luận về vấn đề biên "
    "giới.",
    "Phía đối tác khẳng định sẵn sàng ký kết thỏa thuận ngừng bắn "
    "nếu các điều kiện về an ninh được bảo đảm trong thời gian tới.",
    "Giới quan sát nhận định kết quả này có thể làm giảm căng thẳng trong khu vực, "
    "song nhiều bất đồng vẫn chưa được giải quyết.",
    "Cuộc gặp tiếp theo dự kiến diễn ra vào tháng tới tại thủ đô của nước láng giềng, với sự tham gia của các tổ chức quốc tế.",
)
SECTIONS = (ROW[0], ROW[3], ROW[1], "Nhóm này gồm mười thành viên của mỗi bên và sẽ họp ba tháng một lần, luân phiên tại thủ "
            "đô của hai nước.", ROW[2], ROW[4])  # fmt: skip


def read(name: str) -> list[tuple[Article, ...] | str]:
    """The articles of each page of a file, or the reason why there are none."""
    found: list[tuple[Article, ...] | str] = []
    for page in iterate_pages([FAULTS / name]):
        try:
            found.append(extract_articles(page)[0] if isinstance(page, Page) else page.error.reason)
        except ArticleError as error:
            found.append(error.reason)
    return found


def texts(article: Article) -> tuple[str, ...]:
    return tuple(sentence.text for sentence in split_article(article))


@pytest.mark.parametrize(
    ("name", "sentences", "title", "day", "outlet"),
    [
        ("01_lead_lost_description_suffix.html", (LEAD, TALKS, GROUP, RETURN, HOUSE, CHANCE), TITLE, None, "VnExpress"),
        ("02_related_link_glued_to_lead.html", (LEAD, DAYS, TALKS, GROUP, RETURN, HOUSE), TITLE, None, None),
        ("03_title_from_sidebar_h1.html", (LEAD, TALKS, GROUP, RETURN, HOUSE), TITLE, None, "Znews"),
        (
            "04_article_split_at_subhead.html",
            (TALKS, GROUP, RETURN, HOUSE, CHANCE, SPOKEN),
            TITLE,
            date(2024, 12, 5),
            "Báo Thử",
        ),
        ("04b_article_split_at_subhead.txt", (TALKS, RETURN, HOUSE, CHANCE, SPOKEN), TITLE, None, None),
        ("05_bare_div_paragraphs_lost.html", (TALKS, GROUP, RETURN, HOUSE, CHANCE, SPOKEN), TITLE, None, None),
        ("06_body_paragraph_in_table_lost.html", (TALKS, GROUP, RETURN, HOUSE, CHANCE), TITLE, None, None),
        ("07_captions_in_p_kept.html", (TALKS, GROUP, RETURN, HOUSE), TITLE, None, None),
        ("08_date_from_picture_address.html", (TALKS, GROUP, RETURN, HOUSE), TITLE, date(2017, 8, 31), None),
        ("08b_date_from_dc_created.html", (TALKS, GROUP, RETURN, HOUSE), TITLE, date(2014, 5, 2), None),
        ("10_lead_and_first_section_dropped.html", (LEAD, TALKS, HOUSE, CHANCE, SPOKEN), TITLE, date(2024, 12, 5), "Báo Thử"),
        ("11_date_outlet_below_two_digit_year.txt", (TALKS, GROUP, RETURN, HOUSE), TITLE, date(2013, 5, 28), "TTXVN"),
        ("13_alt_text_anh_1.txt", (TALKS, GROUP, RETURN), TITLE, None, None),
        ("16_dateline_Da_Nang.txt", (TALKS, GROUP, RETURN), "Hai ngoại trưởng gặp nhau tại Đà Nẵng", None, "TTXVN"),
        ("17_related_blockquote_kept.html", (TALKS, GROUP, RETURN, HOUSE), TITLE, None, None),
        ("19_publisher_company_as_outlet.html", (TALKS, GROUP, RETURN), "Hai ngoại trưởng gặp nhau", None, "Soha.vn"),
        ("01-crossheads-page.html", SECTIONS, TITLE_2, date(2025, 3, 12), "Báo Mẫu"),
        ("01-crossheads-row.jsonl", SECTIONS, TITLE_2, date(2025, 3, 12), "Báo Mẫu"),
        ("05-outlet-page.html", ROW, TITLE_2, None, "BÁO MẪU ONLINE"),
        ("06-photo-story-page.html", ROW[:1], TITLE_2, None, None),
        ("08-wrapped-page.txt", ROW, TITLE_2, None, None),
    ],
)
def test_one_article_with_its_sentences(
    name: str, sentences: tuple[str, ...], title: str, day: date | None, outlet: str | None
) -> None:
    (found,) = read(name)
    assert not isinstance(found, str), found
    assert [texts(article) for article in found] == [sentences]
    assert (found[0].title, found[0].date, found[0].outlet) == (title, day, outlet)


@pytest.mark.parametrize(
    "name",
    [
        "09a_home_page_picture_between_headline_and_teaser.html",
        "09b_home_page_teasers_in_li.html",
        "02-list-page-category.html",
    ],
)
def test_list_pages_are_refused(name: str) -> None:
    assert read(name) == ["list page"]


def test_sentences_that_end_in_a_capital_letter() -> None:
    (found,) = read("14_sentence_ends_in_A_or_Y.txt")
    assert not isinstance(found, str)
    assert texts(found[0]) == (
        "Hai bên muốn giữ hòa bình ở Đông Nam Á.",
        "Ông Lavrov nói cuộc gặp rất tốt đẹp và sẽ được tiếp tục vào tháng sau.",
        "Thủ tướng đã thăm Đức và Ý.",
        "Hai nước ký nhiều thỏa thuận về thương mại, du lịch và trao đổi sinh viên.",
        GROUP,
        RETURN,
    )


def test_articles_on_one_line() -> None:
    found = [texts(articles[0]) for articles in read("03-one-line-articles-rows.jsonl") if not isinstance(articles, str)]
    dots = (*ROW[:4], ROW[4].removesuffix(".") + "…")
    assert found == [ROW, ROW, dots, ROW, ROW, (*ROW, "Giấy phép số 12 do Bộ cấp cho đoàn quan sát viên.")]


def test_html_in_a_column_of_text() -> None:
    assert [[texts(article) for article in articles] for articles in read("04-html-in-rows-rows.jsonl")] == [[ROW]] * 4


def test_every_fault_is_looked_at() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert not [path.name for path in FAULTS.iterdir() if f'"{path.name}"' not in source]


def test_a_wrapped_sentence_has_a_space_where_its_span_has_a_newline() -> None:
    (found,) = read("08-wrapped-page.txt")
    (article,) = found
    assert isinstance(article, Article)
    first = split_article(article)[0]
    span = article.text[first.start : first.end]
    assert "\n" in span
    assert first.text == span.replace("\n", " ")
