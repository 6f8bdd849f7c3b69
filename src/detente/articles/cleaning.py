"""Page → articles, by the shapes of its lines, their repetition and their position; the rules name no site.

Every character of the page ends up in a paragraph, in a title or in a DroppedLine.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile

from detente.articles.assembling import LIST_PAGE, assemble, is_list
from detente.articles.dates import line_date
from detente.articles.judging import judge
from detente.articles.lines import Line, page_lines
from detente.articles.outlets import known_name
from detente.articles.readers import Page
from detente.articles.runs import MIN_ARTICLE_PARAGRAPHS, Run, find_runs, is_signature
from detente.articles.shapes import MARKER, Shape
from detente.errors import ArticleError
from detente.records import Article, DroppedLine, Span

# "(Dân trí) - ", "Hà Nội (TTXVN) – ", "Hà Nội, 12/3 (TTXVN) -"; a place stands only before an agency's capitals.
_DATELINE = re.compile(
    r"^(?:(?P<place>(?:[^\W\d_][\w.\u0300-\u036f]*[ ,]+){0,5}(?:(?:ngày )?\d{1,2}/\d{1,2}[ ,]+)?))?"
    r"\((?P<outlet>[^()]{2,40})\)\s*[-–—:]+\s*"
)
# "TTO - ", "VOV.VN - "; cut only where the rest of the article does not speak of it, as it does of "NATO - Nga".
_BARE_DATELINE = re.compile(
    r"^(?:(?P<outlet>[A-ZĐ][A-ZĐ0-9&]{1,9}(?: Online)?)\s*[-–—|]+\s+|(?P<site>[A-ZĐ][A-ZĐ0-9]{1,9}\.(?:VN|vn|com))\s*[-–—|]\s*|"
    r"\[(?P<tag>[^\[\]]{2,20})\]\s*[-–—]\s*|(?P<known>[^\W\d_][\w.+ ]{2,24}?)\s*[-–—|]\s+)"
)
_HEADING = re.compile(r"^#{1,6} ")  # Markdown's
_AGENCY = re.compile(r"[A-ZĐ][A-ZĐ0-9./+-]{1,12}(?:[/+-]\w+\+?)?")
_END_MARK = re.compile(r"(?<=[.!?…])\s*/\.\s*$|(?<=[.!?…])\s*[■□●◆♦]\s*$")
_SOURCE = re.compile(r"\((?:(?P<retold>(?i:theo))[\s:]+|(?i:nguồn)[\s:]+)?(?P<outlet>[^()]{2,40})\)\s*$")

_BELOW = {Shape.TIMESTAMP, Shape.LABEL, Shape.BYLINE, Shape.SYMBOLS, Shape.SHARE, Shape.CAPTION}
_DATELINES = 2
"""Paragraphs that may open with a dateline: the lead, or the first one below it."""

_Fragment = tuple[int, Span, str]


def extract_articles(page: Page) -> tuple[tuple[Article, ...], tuple[DroppedLine, ...]]:
    """The whole articles of a page, and every line that is in none of them with the reason.

    Raises ArticleError if the page holds no article.
    """
    lines = page_lines(page.text, page.shapes)
    if page.shapes is None:
        kept, reasons = judge(lines)
        runs = find_runs(kept, reasons)
        bodies = assemble(runs, reasons, is_one=page.is_one)
    else:
        kept, reasons, runs = lines, {}, []
        bodies = _chosen(lines, reasons)
    if not bodies:
        raise ArticleError(
            f"{page.place}: no article on this page; expected at least {MIN_ARTICLE_PARAGRAPHS} paragraphs of prose, found "
            f"{len(lines)} lines of lists, headlines or captions. Remove the page, or scrape the article itself.",
            reason=LIST_PAGE if is_list(runs) else "no article on this page",
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
            reason = (
                reasons.get(line.start) or (Shape.BYLINE if is_signature(line) else shapes.get(line.start, line.shape)).value
            )
            dropped.append((line.number, (line.start, line.end), reason))
    return tuple(articles), tuple(
        DroppedLine(page.page_id, number, start, end, page.text[start:end], reason)
        for number, (start, end), reason in sorted(dropped, key=lambda row: row[1])
    )


def _chosen(lines: list[Line], reasons: dict[int, str]) -> list[list[Run]]:
    """The one article of a page whose reader has chosen its lines."""
    body = [line for line in lines if line.shape is Shape.BODY]
    heads = [line for line in lines if line.shape is Shape.HEADLINE]
    title = [line for line in heads[:1] if line is lines[0]]
    reasons |= {line.start: "crosshead" for line in heads[len(title) :]}
    return [[Run(heads=title, body=body)]] if body else []


def _article(page: Page, runs: list[Run], lines: list[Line], *, number: int) -> tuple[Article, list[_Fragment]]:
    body = [line for run in runs for line in run.body]
    paragraphs, outlet, fragments = _trim(page.text, body)
    title = runs[0].head
    article = Article(
        article_id=page.page_id if number == 1 else f"{page.page_id}.{number}",
        page_id=page.page_id,
        text=page.text,
        paragraphs=tuple(paragraphs),
        title=_HEADING.sub("", " ".join(page.text[title.start : title.end].split())) if title else None,
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
    """Take the dateline and a marker off the first paragraph and the agency's end mark off every one."""
    paragraphs: list[Span] = []
    cut: list[_Fragment] = []
    outlet = None
    is_list = sum(line.is_marked for line in body) > 1
    for number, line in enumerate(body):
        start, end = line.start, line.end
        if number == 0 and not is_list and (marker := MARKER.match(text[start:end])):
            cut.append((line.number, (start, start + len(marker.group().rstrip())), "list marker"))
            start += marker.end()
        if number < _DATELINES and outlet is None and (dateline := _dateline(text[start:end], body, strict=number > 0)):
            outlet = dateline[0]
            cut.append((line.number, (start, start + len(dateline[1].rstrip())), "dateline"))
            start += len(dateline[1])
        if mark := _END_MARK.search(text[start:end]):
            cut.append((line.number, (start + mark.start(), end), "end mark"))
            end = start + mark.start()
        paragraphs.append((start, end))
    return paragraphs, outlet, cut


def _dateline(first: str, body: list[Line], *, strict: bool) -> tuple[str, str] | None:
    """The outlet of a paragraph's dateline, and the dateline; ``strict``: only one in brackets."""
    if match := _DATELINE.match(first):
        words = re.findall(r"[^\W\d_][\w\u0300-\u036f]*", match["place"] or "")
        is_place = all(word[0].isupper() or word == "ngày" for word in words)
        if is_place and (not words or _AGENCY.fullmatch(match["outlet"])):
            return match["outlet"].strip(), match.group()
    bare = None if strict else _BARE_DATELINE.match(first)
    if bare is None:
        return None
    name = next(group for group in bare.groups() if group).strip()
    if bare["known"] and known_name(name) is None:
        return None
    rest = [first[bare.end() :], *(line.text for line in body[1:])]
    return None if not bare["known"] and any(name in part for part in rest) else (name, bare.group())


def _timestamps(lines: list[Line], body: list[Line]) -> list[Line]:
    """Timestamp lines above the second paragraph, the nearest to the first one first, then those right below the last one.

    Dates in captions are the picture's.
    """
    limit = body[1].start if len(body) > 1 else body[0].start
    above = [line for line in reversed(lines) if line.shape is Shape.TIMESTAMP and line.start < limit]
    below = list(takewhile(lambda line: line.shape in _BELOW, (line for line in lines if line.start > body[-1].start)))
    return [*above, *(line for line in below if line.shape is Shape.TIMESTAMP)]


def _source_below(lines: list[Line], last: Line) -> str | None:
    """The agency that the source line below an article names in brackets, or that ends the page by itself.

    After "theo" only a listed outlet counts.
    """
    below = [line for line in lines if line.start > last.start]
    for line in below:
        if line.shape is Shape.BYLINE:
            source = _SOURCE.search(line.text)
            if source is None:
                return None
            # What was written after the reports of others, "(theo BBC, AFP)", is not theirs.
            return known_name(source["outlet"]) if source["retold"] else source["outlet"].strip()
        if line.shape in {Shape.HEADLINE, Shape.SECTION} and not _is_tags(line.text):
            return None
    if below and below[-1].shape is Shape.LABEL and any(line.shape is Shape.TIMESTAMP for line in below):
        agency = _AGENCY.fullmatch(below[-1].text)
        return known_name(below[-1].text) or (agency.group() if agency else None)
    return None


def _is_tags(text: str) -> bool:
    """Whether a line is a list of keywords: "Syria,Lệnh cấm,Vũ khí,Nga"."""
    return bool(re.search(r"\w,\w", text))
