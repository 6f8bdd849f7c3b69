"""The texts of a labelled corpus of the package that was published without them, found again where they lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from detente.dataset.corpus import StoredArticle, text_hash
from detente.dataset.parquet import TEXT
from detente.dataset.publishing.records import HashedReading
from detente.dataset.shipped.corpus import shipped_texts
from detente.dataset.shipped.hashed import article_of, text_with, within
from detente.dataset.shipped.vietnews import article_lines


def corpus_texts(
    source: Path, corpus: str, stored: Iterable[StoredArticle], kept: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], set[str]]:
    """Sentence → text, article → title, and the sentences whose text is another now.

    The texts are those that were ``kept`` when it was published, else those that come with the package, else those of vietnews
    in ``source``; every hash is checked. Raises InputError where ``source`` is no vietnews.
    """
    sentences = {each.page_id: each for each in stored}
    there = {**shipped_texts(corpus), **kept}
    missing = [each for sentence_id, each in sentences.items() if sentence_id not in there]
    lines = article_lines(source, {within(each.article_id) for each in missing})
    found, titles, changed = dict[str, str](), dict[str, str](), set[str]()
    for sentence_id, each in sentences.items():
        own = lines.get(within(each.article_id), ())
        text = there.get(sentence_id) or text_with(each.text_sha256, own, *_span(each))
        if text is not None and text_hash(text) == each.text_sha256:
            found[sentence_id] = text
        elif own or text is not None:
            changed.add(sentence_id)
        if own:
            titles[each.article_id] = own[0]
    return found, titles, changed


def kept_texts(tables: Iterable[Iterable[Mapping[str, str]]], readings: Iterable[HashedReading]) -> dict[str, str]:
    """Sentence → text, of rows and readings that were published with it."""
    kept = {each.sentence_id: each.text for each in readings if each.text is not None}
    return kept | {row["sentence_id"]: row[TEXT] for rows in tables for row in rows if row.get(TEXT) is not None}


def _span(sentence: StoredArticle) -> tuple[int | None, int | None]:
    """Where a sentence stands in its article, as its id says; nothing where it says nothing."""
    start = sentence.page_id[len(article_of(sentence.page_id)) + 1 :]
    if not (start.isascii() and start.isdecimal() and len(start) < 10):
        return None, None
    return int(start), int(start) + sentence.n_characters
