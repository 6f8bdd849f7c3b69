"""Where sentences to label come from: pages or tables of articles, a dataset folder, or a file of sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from detente.articles import extract_articles, split_article
from detente.articles.readers import BadPage
from detente.articles.sources import iterate_pages, source_files
from detente.articles.told import PageOptions
from detente.dataset.folder import LabelledDataset, read_dataset
from detente.dataset.labelling.items import Item
from detente.errors import ArticleError, InputError, UsageError, near_miss
from detente.records import Example
from detente.rows import ENDINGS, PARTS, check_regular, columns_of, listed, read_each, row_files
from detente.rows.folders import is_row_file
from detente.tasks import known_names, tasks_of_columns

_MAX_GAP = 4
"""Rows of a dataset stand next to each other in the article if no more than white space is between them."""
_MAX_TOLD = 10
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class SourceOptions(PageOptions):
    """How a source is read.

    ``bad_page``: what happens to a page without an article, ``error`` or ``skip``. ``text_column`` holds the sentence, or the
    article, of a file of many; ``strata`` is another column of a file of sentences. ``leave`` are files in a folder of pages
    that hold something else. ``needs_articles``: sentences must say of which article they are.
    """

    bad_page: str = "skip"
    strata: str = ""
    leave: tuple[Path, ...] = ()
    needs_articles: bool = False


def read_items(source: Path, options: SourceOptions, say: Callable[[str], None] = lambda line: None) -> Iterator[Item]:
    """The sentences of a source in its order, one at a time, each with its neighbours.

    Pages go the way of ``build``, so that ids and texts are those of the dataset. Raises InputError, ArticleError,
    DatasetError, or UsageError where a stratum is asked of a source that has no columns.
    """
    if options.bad_page not in ("error", "skip"):
        raise UsageError(f"bad_page: expected error or skip, got '{options.bad_page}'.")
    check_regular(source)
    if not source.exists():
        raise InputError(f"{source}: no such folder or file; expected pages, a dataset, or a file {', '.join(ENDINGS)}.")
    if holds_sentences(source):
        return _each_once(with_neighbours(_of_file(source, options, say)), source)
    if options.strata:
        raise UsageError(f"--strata {options.strata}: {source} is no file of sentences; strata are a column of one.")
    return _each_once(_of_dataset(source) if is_dataset(source) else _of_pages(source, options, say), source)


def holds_sentences(source: Path) -> bool:
    """Whether a file has a sentence a row, which is one with a column ``sentence_id``, rather than an article a row.

    So has a folder of parts of predictions. Raises InputError for predictions whose rows have no ids: what is drawn from them
    could not be found in them again.
    """
    if source.is_dir():
        return (source / PARTS).is_file()
    if not is_row_file(source) or not source.is_file():
        return False
    columns = columns_of(source)
    if "sentence_id" not in columns and _are_predictions(columns):
        raise InputError(
            f"{source}: predictions without a column 'sentence_id', by which a label would find its sentence again. Predict "
            "anew, which gives every row one, or add the column."
        )
    return "sentence_id" in columns


def _are_predictions(columns: Sequence[str]) -> bool:
    """Whether there is a column <task>_pred of a known task, or of one that has probabilities beside it."""
    return any(labels or task in known_names() for task, labels in tasks_of_columns(columns).items())


def predicted_labels(source: Path) -> dict[str, tuple[str, ...]]:
    """Task → labels, of a source of predictions as far as its columns say them; nothing of another source."""
    if not source.exists() or not holds_sentences(source):
        return {}
    found = tasks_of_columns(next((columns_of(path) for path in row_files(source)), ()))
    return {task: labels for task, labels in found.items() if labels or task in known_names()}


def is_dataset(source: Path) -> bool:
    """Whether a source is a dataset folder."""
    return (source / "manifest.json").is_file()


def with_neighbours(items: Iterable[Item]) -> Iterator[Item]:
    """Each item with the texts before and after it, as far as they are of its article."""
    before: Item | None = None
    current: Item | None = None
    for after in items:
        if current is not None:
            yield _between(before, current, after)
        before, current = current, after
    if current is not None:
        yield _between(before, current, None)


def _between(before: Item | None, item: Item, after: Item | None) -> Item:
    def text(other: Item | None) -> str:
        return other.text if other is not None and other.article_id == item.article_id else ""

    return replace(item, before=text(before), after=text(after))


def _of_pages(source: Path, options: SourceOptions, say: Callable[[str], None]) -> Iterator[Item]:
    n_pages = n_bad = 0
    first: ArticleError | None = None
    for page in iterate_pages(source_files(source, options.leave), options.wanted(), options.known_columns()):
        n_pages += 1
        try:
            if isinstance(page, BadPage):
                raise page.error
            articles, _ = extract_articles(page)
        except ArticleError as error:
            if options.bad_page == "error":
                raise ArticleError(f"{error} To leave such pages out instead, say --bad-page skip.", error.reason) from error
            n_bad += 1
            first = first or error
            if n_bad <= _MAX_TOLD:
                say(f"skipped: {error}")
            continue
        for article in articles:
            sentences = split_article(article)
            title = article.title or ""
            yield from with_neighbours(Item(own.sentence_id, own.article_id, own.text, title) for own in sentences)
    if n_bad:
        say(f"{n_bad} of {n_pages} pages left out")
    if n_bad == n_pages:
        raise ArticleError(
            f"{source}: no page holds an article ({first or 'there is none'}). A file of sentences has a column 'sentence_id'.",
            reason="no article",
        )


def _of_dataset(folder: Path) -> Iterator[Item]:
    dataset: LabelledDataset = read_dataset(folder)
    rows = sorted(dataset.rows, key=lambda row: (row.article_id, row.start))
    for at, row in enumerate(rows):
        before = rows[at - 1] if at and _adjacent(rows[at - 1], row) else None
        after = rows[at + 1] if at + 1 < len(rows) and _adjacent(row, rows[at + 1]) else None
        yield Item(
            row.sentence_id,
            row.article_id,
            row.text,
            before=before.text if before else "",
            after=after.text if after else "",
        )


def _adjacent(first: Example, second: Example) -> bool:
    return first.article_id == second.article_id and 0 <= second.start - first.end <= _MAX_GAP


def _of_file(path: Path, options: SourceOptions, say: Callable[[str], None]) -> Iterator[Item]:
    """The sentences of a file or folder of parts. Without a column ``article_id`` each is an article of its own."""
    text, strata = options.text_column, options.strata
    needed: tuple[str, ...] = ()
    for where, row in chain.from_iterable(map(read_each, row_files(path))):
        if not needed:
            article = ("article_id",) if "article_id" in row or options.needs_articles else ()
            if not article:
                say("note: there is no column 'article_id'; every sentence counts as an article of its own")
            needed = ("sentence_id", *article, text, *([strata] if strata else []))
        _check_row(row, needed, where)
        yield Item(
            str(row["sentence_id"]),
            str(row.get("article_id", row["sentence_id"])),
            str(row[text]),
            str(row.get("title") or ""),
            stratum=str(row.get(strata, "")),
        )


def _check_row(row: Mapping[str, Any], needed: Sequence[str], where: str) -> None:
    for name in needed:
        if name not in row:
            raise InputError(f"{where}: no column '{name}'; the row has {listed(row)}.{near_miss(name, row)}")
        if row[name] is None or row[name] != row[name] or not str(row[name]).strip():
            raise InputError(f"{where}: '{name}' is empty; expected a value in every row.")
        if _SURROGATE.search(str(row[name])):
            raise InputError(f"{where}: '{name}' holds half a character (a lone surrogate); write the file again.")


def _each_once(items: Iterable[Item], source: Path) -> Iterator[Item]:
    """Raise InputError for a second sentence of one id: every sentence must have one chance to be drawn."""
    seen: set[int] = set()
    n = 0
    for item in items:
        key = hash(item.sentence_id)  # a number instead of the id: millions fit into memory
        if key in seen:
            raise InputError(f"{source}: the sentence {item.sentence_id} stands there twice; expected every id once.")
        seen.add(key)
        n += 1
        yield item
    if not n:
        raise InputError(f"{source}: no sentence in it.")
