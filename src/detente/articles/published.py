"""When an article was published: what the head of its page says, and the dates that readers see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from detente.articles.dates import WEEKDAY, line_date
from detente.articles.head import Head
from detente.articles.markup import Block
from detente.articles.roles import LINKED, same_text

_VIETNAM = timezone(timedelta(hours=7))
# Names of the head's entries that say when an article was published; those of the second kind are often a template's.
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "publish_date", "published_time", "publisheddate", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_DOUBTFUL = ("dc.date.issued", "dc.date", "dc.created", "dcterms.created", "date", "article:modified_time", "last-modified")
_UPDATED = re.compile(r"cập nhật|chỉnh sửa|updated|modified", re.IGNORECASE)
_US_DATE = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}) \d{1,2}:\d{2}(?::\d{2})? [AP]M", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<!\d)(20\d{2})/?(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01])(?=\d{4,}|/|\.|$)")
_MAX_DATE_WORDS = 25
_ABOVE, _BELOW = 12, 8
"""How many lines above the title and below the body a date may stand."""


def find_date(head: Head, tree: Any, shown: Sequence[date]) -> date | None:
    """When the article was published: what the head says, else what readers see, else what may be a template's.

    ``shown``: the dates of the lines around title and body, the likeliest first.
    """
    stated = [_name_of_date(each.get("datePublished")) for each in head.articles]
    stated += [value for name in _PUBLISHED for value in head.meta.get(name, ())]
    stated += [value for value in map(_time, tree.iter("time", "span", "div", "abbr")) if value]
    found = [each for value in stated if (each := _stated_date(value, shown))]
    agreed = next((each for each in found if each in shown), None)
    if agreed or found:
        return agreed or _unswapped(found[0], shown)
    if shown:
        return shown[0]
    doubtful = [_name_of_date(each.get("datePublished")) for each in head.linked_data]
    doubtful += [value for name in _DOUBTFUL for value in head.meta.get(name, ())]
    address = _IN_ADDRESS.search(urlsplit(head.url).path) if head.url else None
    doubtful.insert(0, "-".join(address.groups()) if address else "")
    return next((each for value in doubtful if (each := _stated_date(value, shown))), None)


def _time(element: Any) -> str:
    """When an element says that the page was published."""
    is_published = element.get("pubdate") is not None or (element.get("itemprop") or "").casefold() == "datepublished"
    return (element.get("datetime") or element.get("content") or "") if is_published else ""


def _name_of_date(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _unswapped(stated: date, shown: Sequence[date]) -> date:
    """The date that is shown, where the head has its day and month in each other's place."""
    swapped = (each for each in shown if (each.year, each.month, each.day) == (stated.year, stated.day, stated.month))
    return next(swapped, stated)


def _stated_date(value: str, shown: Sequence[date]) -> date | None:
    """The day of a time, as clocks in Vietnam had it unless the page shows the day of the time's own zone."""
    value = value.strip()
    if match := _US_DATE.fullmatch(value):
        value = f"{match['year']}-{match['month']}-{match['day']}"
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return line_date(value) or line_date(value.partition("T")[0])
    if moment.tzinfo is None or moment.utcoffset() != UTC.utcoffset(None) or moment.date() in shown:
        return moment.date()
    try:
        return moment.astimezone(_VIETNAM).date()
    except OverflowError:
        return moment.date()


def shown_dates(blocks: Sequence[Block], title: Block | None, body: Sequence[Block]) -> list[date]:
    """The dates of lines between title and body, then of those right above the title, then of those below the body."""
    at = {block: number for number, block in enumerate(blocks)}
    first = at[body[0]] if body else len(blocks)
    last = at[body[-1]] if body else len(blocks)
    top = at[title] if title is not None and at[title] < first else first
    between = list(blocks[top:first])
    above = list(reversed(blocks[max(0, top - _ABOVE) : top]))
    below = list(blocks[last + 1 : last + 1 + _BELOW])
    near = [block for part in (between, above, below) for block in part if _may_be_date(block)]
    return [
        day
        for wanted in (False, True)
        for block in near
        if bool(_UPDATED.search(block.text)) is wanted and (day := line_date(block.text))
    ]


def _may_be_date(block: Block) -> bool:
    if block.is_picture or block.linked >= LINKED or block.n_words > _MAX_DATE_WORDS:
        return False
    return block.n_words <= _MAX_DATE_WORDS // 2 or bool(WEEKDAY.search(block.text)) or same_text(block.text, "")
