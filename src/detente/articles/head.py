"""The head of a page: its entries, and the objects of its JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from detente.articles.markup import squeezed
from detente.articles.outlets import host_of

_ARTICLE = re.compile(r"article|posting|report", re.IGNORECASE)
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
