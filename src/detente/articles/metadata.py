"""What a page says of its article: title, date, outlet, address; from its head, its JSON-LD and what readers see."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from detente.articles.dates import WEEKDAY, line_date
from detente.articles.lines import folded
from detente.articles.markup import Block, squeezed
from detente.articles.outlets import host_of, is_section, known_name, outlet_name, title_parts
from detente.articles.roles import LINKED, same_text

_VIETNAM = timezone(timedelta(hours=7))
_ARTICLE = re.compile(r"article|posting|report", re.IGNORECASE)
# Names of the head's entries that say when an article was published; those of the second kind are often a template's.
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "pubdate", "publishdate", "publish-date",
    "publish_date", "published_time", "publisheddate", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_DOUBTFUL = ("dc.date.issued", "dc.date", "dc.created", "dcterms.created", "date", "article:modified_time", "last-modified")
_SITE = re.compile(r"^(?:báo|tạp chí|đài|trang tin)\b|\.(?:vn|net|com|org)\b|\bonline$", re.IGNORECASE)
_UPDATED = re.compile(r"cập nhật|chỉnh sửa|updated|modified", re.IGNORECASE)
_US_DATE = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}) \d{1,2}:\d{2}(?::\d{2})? [AP]M", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?<!\d)(20\d{2})/?(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01])(?=\d{4,}|/|\.|$)")
_MAX_DATE_WORDS = 25
_ABOVE, _BELOW = 12, 8
"""How many lines above the title and below the body a date may stand."""
_TITLE_WORDS = 3
_LOGO_WORDS = 4
_SITE_WORDS = 8
_CERTAIN_WORDS = 6
_ALIKE = 0.6
_MAX_JSON_OBJECTS = 2_000


@dataclass(frozen=True, slots=True)
class Head:
    """The entries of a page's head and the objects of its JSON-LD. ``meta``: name in lower case → the values in order."""

    title: str
    meta: Mapping[str, Sequence[str]]
    canonical: str
    linked_data: Sequence[Mapping[str, Any]]

    def first(self, *names: str) -> str:
        """The first value that is not blank."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")

    @property
    def url(self) -> str:
        """The address that the page calls its own."""
        return next((url for url in (self.canonical, self.first("og:url")) if host_of(url)), "")

    @property
    def description(self) -> str:
        """What the page says of its article to search engines."""
        return self.first("description", "og:description", "twitter:description")

    @property
    def articles(self) -> list[Mapping[str, Any]]:
        """The objects that are articles."""
        return [each for each in self.linked_data if _ARTICLE.search(str(each.get("@type", "")))]


def read_head(tree: Any) -> Head:
    """The head of a parsed page; entries that stand in its body count, too."""
    meta: dict[str, list[str]] = {}
    for entry in tree.iter("meta"):
        for name in {(entry.get(key) or "").strip().casefold() for key in ("property", "name", "itemprop")} - {""}:
            meta.setdefault(name, []).append(squeezed(entry.get("content") or ""))
    canonical = next(
        (link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").casefold() == "canonical"), ""
    )
    title = next((squeezed(each.text_content()) for each in tree.iter("title") if squeezed(each.text_content())), "")
    return Head(title, meta, canonical.strip(), list(_linked_data(tree)))


def _linked_data(tree: Any) -> Iterator[Mapping[str, Any]]:
    n = 0
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            left = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        while left and n < _MAX_JSON_OBJECTS:
            value = left.pop(0)
            n += 1
            if isinstance(value, dict):
                yield value
                left.extend(each for key in ("@graph", "mainEntity") if isinstance(each := value.get(key), dict | list))
            elif isinstance(value, list):
                left.extend(value)


def find_title(head: Head, blocks: Sequence[Block]) -> tuple[str, Block | None]:
    """The headline, and the block that shows it: the heading, else the line, that the page's head repeats."""
    said = [text for text in (head.first("og:title", "twitter:title"), head.title) if text]
    shown = [block for block in blocks if not block.is_picture and block.linked < LINKED and block.n_words >= _TITLE_WORDS]
    order = sorted((block for block in shown if block.is_heading), key=lambda block: block.level)
    for block in [*order, *(block for block in shown if not block.is_heading)]:
        if any(_is_headline(block.text, text) for text in said):
            return block.text, block
    bare = [_words(rest) for text in said for rest in _behind_site(text, head)]
    for block in [*order, *shown]:
        if _words(block.text) in bare:
            return block.text, block
    tops = [block for block in order if block.level == 1]
    like = [block for block in order if any(_overlap(block.text, text) >= _ALIKE for text in said)]
    if not like and len(tops) == 1 and (not said or tops[0].n_words > _LOGO_WORDS):
        like = tops
    if like:
        return like[0].text, like[0]
    return (_without_site(said, head) if said else ""), None


def _is_headline(shown: str, said: str) -> bool:
    """Whether the head says what is shown, with nothing behind it but a site and a section."""
    words, wanted = _words(shown), _words(said)
    if wanted[: len(words)] != words or len(wanted) - len(words) > max(len(words), _SITE_WORDS):
        return False
    # Of a few words, what follows must be set off: "Thế giới 24h: ..." is no "Thế giới 24h".
    rest = folded(said).removeprefix(folded(shown)).lstrip()
    return len(words) >= _CERTAIN_WORDS or not rest or rest[0] in "-–—|·»"


def _behind_site(title: str, head: Head) -> Iterator[str]:
    """What a title says behind the name of a site at its front."""
    *others, first = title_parts(title) or [""]
    if others and len(first.split()) <= _SITE_WORDS and _is_site(first, head):
        yield title[title.index(first) + len(first) :]


def _is_site(part: str, head: Head) -> bool:
    names = {folded(name) for name in (head.first("og:site_name"),) if name}
    return folded(part) in names or is_section(part) or known_name(part) is not None or bool(_SITE.search(part))


def _overlap(shown: str, said: str) -> float:
    words, wanted = _words(shown), set(_words(said))
    return sum(word in wanted for word in words) / len(words) if len(words) > _LOGO_WORDS else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))


def _without_site(said: Sequence[str], head: Head) -> str:
    """The title without the names of site and sections at its end."""
    title = said[0]
    for part in title_parts(title)[:-1]:
        if not _is_site(part, head):
            break
        title = title[: title.rindex(part)].rstrip(" -–—|»·:")
    return title


def find_outlet(head: Head, title: str) -> str | None:
    """The outlet's one name, by the host where the page tells it, else by what it calls itself."""
    hosts = [host_of(url) for url in (head.canonical, *head.meta.get("og:url", ()), *_addresses(head.articles))]
    publishers = [_name(each.get("publisher")) for each in head.articles]
    is_tail = folded(head.title).startswith(folded(title))
    parts = title_parts(head.title[len(title) :] if is_tail else head.title)
    sites = [_name(each) for each in head.linked_data if str(each.get("@type", "")) in ("WebSite", "NewsMediaOrganization")]
    names = [
        *head.meta.get("og:site_name", ()),
        *publishers,
        *(part for part in parts if (not is_section(part) if is_tail else known_name(part))),
        head.first("application-name", "apple-mobile-web-app-title"),
        *sites,
    ]
    return outlet_name(hosts, filter(None, names), title)


def _addresses(objects: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in objects:
        for value in (each.get("mainEntityOfPage"), each.get("url")):
            address = value.get("@id") if isinstance(value, dict) else value
            if isinstance(address, str):
                yield address


def _name(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("name")
    return squeezed(value) if isinstance(value, str) else ""


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
