"""What a page calls its article and its outlet: from its head, its JSON-LD and what readers see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from detente.articles.head import Head
from detente.articles.markup import Block, squeezed
from detente.articles.outlets import host_of, is_section, known_name, outlet_name, title_parts
from detente.articles.roles import LINKED
from detente.articles.shapes import folded

_SITE = re.compile(r"^(?:báo|tạp chí|đài|trang tin)\b|\.(?:vn|net|com|org)\b|\bonline$", re.IGNORECASE)
_TITLE_WORDS = 3
_LOGO_WORDS = 4
_SITE_WORDS = 8
_CERTAIN_WORDS = 6
_ALIKE = 0.6


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
