from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from detente.articles import Page, extract_articles
from detente.articles.fragments import in_plain_text
from detente.errors import ArticleError
from saved_pages import BODY, LEAD, TITLE, list_page, saved_page


def page(text: str, title: str | None = None) -> Page:
    return Page("p", text, Path("rows.jsonl"), row=3, is_extracted=True, title=title)


def paragraphs(source: Page) -> list[str]:
    (article,) = extract_articles(source)[0]
    return [article.text[start:end] for start, end in article.paragraphs]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"<p>{each}</p>" for each in BODY),
        "<br>".join(BODY),
        "<BR/>\n<BR/>".join(BODY),
        "<b>" + "</b>\n".join(BODY),
        "\\n".join(BODY),
        "&lt;p&gt;" + "&lt;/p&gt;&lt;p&gt;".join(BODY),
        f"<div><script>x()</script><p>{'</p><figure><img><figcaption>Hai bên.</figcaption></figure><p>'.join(BODY)}</p></div>",
    ],
)
def test_markup_is_read(text: str) -> None:
    assert paragraphs(in_plain_text(page(text))) == list(BODY)


@pytest.mark.parametrize("text", ["\n".join(BODY), "Giá tăng < 5 % & giảm > 3 %. " * 12, "<image>data:image/s3</image>"])
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    assert in_plain_text(page(text)).text == text


def test_a_whole_page_in_a_row_says_what_the_row_does_not() -> None:
    found = in_plain_text(page(saved_page(), title="Tiêu đề của bảng"))
    assert (found.title, found.date, found.outlet) == ("Tiêu đề của bảng", date(2025, 3, 12), "Báo Sông")
    assert paragraphs(found) == [LEAD, *BODY]
    assert in_plain_text(page(saved_page())).title == TITLE


def test_what_is_no_article_is_refused_with_its_row() -> None:
    with pytest.raises(ArticleError, match=r"rows\.jsonl:3: a list of articles"):
        in_plain_text(page(list_page()))
    with pytest.raises(ArticleError, match=r"rows\.jsonl:3: HTML without a paragraph"):
        in_plain_text(page("<div><a href='/x'>Xem thêm</a></div>"))


def test_a_row_with_a_title_of_its_own_is_one_article() -> None:
    assert in_plain_text(page("Tin.", title=TITLE)).is_one
    assert not in_plain_text(page("Tin.")).is_one
