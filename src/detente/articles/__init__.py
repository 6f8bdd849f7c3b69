"""Files → Article: reading pages, and taking the articles out of what a scraper saved.

Each name is imported when it is asked for: rows of sentences are predicted without any of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.articles.cleaning import extract_articles
    from detente.articles.readers import Page, read_page
    from detente.articles.sources import read_pages
    from detente.articles.splitting import split_article

_HOMES = {
    "Page": "readers",
    "extract_articles": "cleaning",
    "read_page": "readers",
    "read_pages": "sources",
    "split_article": "splitting",
}

__all__ = ["Page", "extract_articles", "read_page", "read_pages", "split_article"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'detente.articles' has no attribute '{name}'")
    return getattr(import_module(f"detente.articles.{_HOMES[name]}"), name)
