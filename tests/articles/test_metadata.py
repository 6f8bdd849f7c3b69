from __future__ import annotations

from datetime import date

import pytest

from detente.articles.html import Markup, read_markup
from saved_pages import BODY, LEAD, TITLE

ARTICLE = "".join(f"<p>{each}</p>" for each in BODY)


def read(head: str, above: str = "", below: str = "", title: str = f"<h1>{TITLE}</h1>") -> Markup:
    html = f"<html><head><meta charset='utf-8'>{head}</head><body>{title}{above}<div>{ARTICLE}</div>{below}</body></html>"
    return read_markup(html, "p.html")


def published(value: str) -> str:
    return f"<meta property='article:published_time' content='{value}'>"


@pytest.mark.parametrize(
    ("head", "line", "right"),
    [
        (published("2025-03-12T08:15:00+07:00"), "", date(2025, 3, 12)),
        (published("2025-03-11T23:30:00Z"), "", date(2025, 3, 12)),
        (published("2025-03-11T23:30:00Z"), "11/03/2025 23:30", date(2025, 3, 11)),
        (published("2025-03-11T23:30:00+01:00"), "", date(2025, 3, 11)),
        (published("T4, 03/12/2025 - 08:15"), "Thứ Tư, 12/03/2025", date(2025, 3, 12)),
        (published("3/12/2025 8:15:00 AM"), "", date(2025, 3, 12)),
        (published("0001-01-01T00:00:00Z"), "", date(1, 1, 1)),
        (published("heute"), "Thứ Tư, 12/03/2025", date(2025, 3, 12)),
        ("<meta name='dc.created' content='2001-03-03'>", "Thứ Tư, 12/03/2025", date(2025, 3, 12)),
        ("<meta name='dc.created' content='2001-03-03'>", "", date(2001, 3, 3)),
        ("<meta property='og:image' content='/2017/03/21/a.jpg'>", "", None),
        ("<link rel='canonical' href='https://a.example/hai-nuoc-20250312081512345.htm'>", "", date(2025, 3, 12)),
        ("<script type='application/ld+json'>[{'@type'</script>", "12/03/2025", date(2025, 3, 12)),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": ["Article"], "datePublished": "2025-03-12"}]}</script>',
            "",
            date(2025, 3, 12),
        ),
    ],
)
def test_when_it_was_published(head: str, line: str, right: date | None) -> None:
    assert read(head, above=f"<div>{line}</div>").date == right


def test_lines_below_the_body_and_updates_come_last() -> None:
    assert read("", below="<p>12/03/2025 08:15</p>").date == date(2025, 3, 12)
    lines = "<div>Cập nhật 13/03/2025 09:00</div><div>Đăng 12/03/2025 08:15</div>"
    assert read("", above=lines).date == date(2025, 3, 12)


@pytest.mark.parametrize(
    ("head", "heading", "right"),
    [
        (f"<title>{TITLE} - Báo Sông Cả | Thế giới</title>", f"<h1>{TITLE}</h1>", TITLE),
        (f"<title>{TITLE} - Báo Sông Cả</title>", "<h1>Báo Sông Cả</h1>", TITLE),
        (f"<meta property='og:title' content='{TITLE}'>", "<h1><a href='/'>Chuyên đề trong tuần này</a></h1>", TITLE),
        ("<title>Vì sao hai nước nối lại đàm phán lúc này?</title>", f"<h1>{TITLE}</h1>", TITLE),
        (
            "<title>Thế giới 24h: Hai nước nối lại đàm phán</title>",
            "<h2>Thế giới 24h</h2>",
            "Thế giới 24h: Hai nước nối lại đàm phán",
        ),
        ("", "<div>Không có tiêu đề</div>", None),
    ],
)
def test_the_headline(head: str, heading: str, right: str | None) -> None:
    assert read(head, title=heading).title == right


def test_a_lead_whose_description_goes_on_is_kept_once() -> None:
    head = f"<meta name='description' content='{LEAD} - Báo Sông Thế giới'>"
    found = read(head, above=f"<h2>{LEAD}</h2>")
    assert found.text.count(LEAD) == 1
    assert found.text.startswith(f"{TITLE}\n{LEAD}\n{BODY[0]}")
