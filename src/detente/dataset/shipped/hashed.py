"""Rows that hold the hash of their text in its place → rows with the text, found in its article and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from detente.dataset.corpus import text_hash
from detente.dataset.parquet import HASH, TEXT
from detente.rows import Entry, Row

NO_ARTICLE = "its article is not there"
OTHER_TEXT = "its text is another now"
Lines = Mapping[str, Sequence[str]]
"""Article → its lines, the title first."""


def article_of(sentence_id: str) -> str:
    """The id of the article in that of a sentence, ``vietnews/train/000001#210``: what stands before the offset."""
    return sentence_id.partition("#")[0]


def within(article_id: str) -> str:
    """An article's name in its corpus: ``train/000001`` of ``vietnews/train/000001``."""
    return article_id.partition("/")[2]


def text_with(digest: str, lines: Sequence[str], start: int | None, end: int | None) -> str | None:
    """The text of that hash: at its offsets in the lines joined by newlines, or, where none are known, a whole line."""
    candidates: Iterable[str] = lines if start is None or end is None else ("\n".join(lines)[start:end],)
    return next((text for text in candidates if text_hash(text) == digest), None)


def with_texts(entries: Iterable[Entry], articles: Lines) -> Iterator[Entry]:
    """Every row with its text and the title of its article; one whose text is not there, or is another, is a bad row."""
    for entry in entries:
        if entry.row is None or TEXT in entry.row:
            yield entry
        else:
            yield _filled(entry, entry.row, articles)


def _filled(entry: Entry, row: Row, articles: Lines) -> Entry:
    sentence_id = str(row.get("sentence_id", ""))
    lines = articles.get(within(article_of(sentence_id)))
    if lines is None:
        return _bad(entry, f"{sentence_id}: {NO_ARTICLE}.", NO_ARTICLE)
    text = text_with(str(row.get(HASH, "")), lines, _offset(row, "start"), _offset(row, "end"))
    if text is None:
        return _bad(entry, f"{sentence_id}: no text with its sha256 stands where it stood.", OTHER_TEXT)
    return Entry(entry.number, entry.place, {**row, TEXT: text, "title": lines[0]})


def _bad(entry: Entry, reason: str, kind: str) -> Entry:
    return Entry(entry.number, entry.place, None, reason, kind)


def _offset(row: Row, name: str) -> int | None:
    value = row.get(name)
    return value if type(value) is int and value >= 0 else None
