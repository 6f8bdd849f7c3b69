"""Page → articles, by the shapes of its lines, their repetition and their position; the rules name no site.

Every character of the page ends up in a paragraph, in a title or in a DroppedLine.
"""

from __future__ import annotations

import re
from dataclasses import replace

from detente.articles.judging import judge
from detente.articles.lines import Line, Shape, line_date, page_lines
from detente.articles.readers import Page
from detente.articles.runs import MIN_ARTICLE_PARAGRAPHS, Run, assemble, find_runs, is_name
from detente.errors import ArticleError
from detente.records import Article, DroppedLine, Span

# "(Dân trí) - ", "Hà Nội (TTXVN) – "; a place stands only before an agency's capitals.
_DATELINE = re.compile(
    r"^(?:\((?P<outlet>[^()]{2,40})\)|"
    r"(?P<where>(?:[^\W\d_][\w.\u0300-\u036f]*[ ,]+){1,4})\((?P<agency>[^\W\d_][\w./+]{2,12})\))\s*[-–—:]\s*"
)
# "TTO - ", "VOV.VN - "; cut only where the rest of the article does not speak of it, as it does of "NATO - Nga".
_BARE_DATELINE = re.compile(
    r"^(?:(?P<outlet>[A-ZĐ][A-ZĐ0-9&]{1,9}(?: Online)?)\s+[-–—]\s+|(?P<site>[A-ZĐ][A-ZĐ0-9]{1,9}\.(?:VN|vn|com))\s*[-–—]\s*|"
    r"\[(?P<tag>[^\[\]]{2,20})\]\s*[-–—]\s*)"
)
_END_MARK = re.compile(r"(?<=[.!?…])\s*/\.\s*$|(?<=[.!?…])\s*[■□●◆♦]\s*$")
_SOURCE = re.compile(r"\((?i:(?:theo|nguồn)[\s:]+)?(?P<outlet>[^()]{2,40})\)\s*$")

_Fragment = tuple[int, Span, str]


def extract_articles(page: Page) -> tuple[tuple[Article, ...], tuple[DroppedLine, ...]]:
    """The whole articles of a page, and every line that is in none of them with the reason.

    Raises ArticleError if the page holds no article.
    """
    lines = page_lines(page.text)
    kept, reasons = judge(lines)
    bodies = assemble(find_runs(kept, reasons), reasons)
    if not bodies:
        raise ArticleError(
            f"{page.place}: no article on this page; expected at least {MIN_ARTICLE_PARAGRAPHS} paragraphs of prose, found "
            f"{len(lines)} lines of lists, headlines or captions. Remove the page, or scrape the article itself.",
            reason="no article on this page",
        )
    articles: list[Article] = []
    dropped: list[_Fragment] = []
    used: set[int] = set()
    for runs in bodies:
        article, fragments = _article(page, runs, kept, number=len(articles) + 1)
        articles.append(article)
        dropped.extend(fragments)
        used |= {line.start for run in runs for line in run.body}
        used |= {runs[0].head.start} if runs[0].head else set()
    shapes = {line.start: line.shape for line in kept}
    for line in lines:
        if line.start not in used:
            reason = reasons.get(line.start) or (Shape.BYLINE if is_name(line) else shapes.get(line.start, line.shape)).value
            dropped.append((line.number, (line.start, line.end), reason))
    return tuple(articles), tuple(
        DroppedLine(page.page_id, number, start, end, page.text[start:end], reason)
        for number, (start, end), reason in sorted(dropped, key=lambda row: row[1])
    )


def _article(page: Page, runs: list[Run], lines: list[Line], *, number: int) -> tuple[Article, list[_Fragment]]:
    body = [line for run in runs for line in run.body]
    paragraphs, outlet, fragments = _trim(page.text, body)
    title = runs[0].head
    article = Article(
        article_id=page.page_id if number == 1 else f"{page.page_id}.{number}",
        page_id=page.page_id,
        text=page.text,
        paragraphs=tuple(paragraphs),
        title=page.text[title.start : title.end] if title else None,
        outlet=outlet or _source_below(lines, body[-1]),
        url=page.url,
    )
    if number == 1:
        # What the source itself says of its article weighs more than what the lines look like.
        shown = next((found for line in _timestamps(lines, body) if (found := line_date(line.text))), None)
        article = replace(
            article,
            title=page.title or article.title,
            date=page.date or shown,
            outlet=page.outlet or article.outlet,
        )
    return article, fragments


def _trim(text: str, body: list[Line]) -> tuple[list[Span], str | None, list[_Fragment]]:
    """Take the agency's dateline off the first paragraph and the agency's end mark off every one."""
    paragraphs: list[Span] = []
    cut: list[_Fragment] = []
    outlet = None
    for line in body:
        start, end = line.start, line.end
        if line is body[0] and (dateline := _dateline(text, body)):
            outlet = _source_in(dateline)
            cut.append((line.number, (start, start + len(dateline.group().rstrip())), "dateline"))
            start += dateline.end()
        if mark := _END_MARK.search(text[start:end]):
            cut.append((line.number, (start + mark.start(), end), "end mark"))
            end = start + mark.start()
        paragraphs.append((start, end))
    return paragraphs, outlet, cut


def _dateline(text: str, body: list[Line]) -> re.Match[str] | None:
    first = text[body[0].start : body[0].end]
    if (match := _DATELINE.match(first)) and _is_place_and_agency(match):
        return match
    bare = _BARE_DATELINE.match(first)
    if bare is None:
        return None
    name = _source_in(bare)
    rest = [first[bare.end() :], *(line.text for line in body[1:])]
    return None if any(name in part for part in rest) else bare


def _is_place_and_agency(dateline: re.Match[str]) -> bool:
    """Whether the words before an agency in capitals are a place's, all with a capital; an outlet's name stands alone."""
    if dateline["outlet"]:
        return True
    return dateline["agency"].isupper() and all(word[0].isupper() for word in re.split("[ ,]+", dateline["where"].strip(" ,")))


def _source_in(dateline: re.Match[str]) -> str:
    """The outlet or agency that a dateline names."""
    names = dateline.groupdict()
    return next(names[key] for key in ("outlet", "agency", "site", "tag") if names.get(key)).strip()


def _timestamps(lines: list[Line], body: list[Line]) -> list[Line]:
    """Timestamp lines above the second paragraph, the nearest to the first one first; dates in captions are the picture's."""
    limit = body[1].start if len(body) > 1 else body[0].start
    return [line for line in reversed(lines) if line.shape is Shape.TIMESTAMP and line.start < limit]


def _source_below(lines: list[Line], last: Line) -> str | None:
    """The agency that the source line below an article names in brackets."""
    for line in lines:
        if line.start > last.start:
            if line.shape is Shape.BYLINE:
                source = _SOURCE.search(line.text)
                return source["outlet"].strip() if source else None
            if line.shape in {Shape.HEADLINE, Shape.SECTION}:
                return None
    return None
