"""Where sentences to label come from: a folder of pages, a dataset folder, or a file of sentences such as predictions."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from detente.articles import extract_articles, read_pages, split_article
from detente.dataset.folder import LabelledDataset, read_dataset
from detente.dataset.labelling.items import Item
from detente.errors import ArticleError, InputError, UsageError, near_miss
from detente.records import Example

FILES = (".csv", ".jsonl", ".parquet")
_MAX_GAP = 4
"""Rows of a dataset stand next to each other in the article if no more than white space is between them."""
_MAX_FIELD = 10_000_000
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """``bad_page``: what happens to a page without an article, ``error`` or ``skip``; ``strata``: a column of a file."""

    bad_page: str = "error"
    strata: str = ""


def read_items(source: Path, options: SourceOptions, say: Callable[[str], None] = lambda line: None) -> Iterator[Item]:
    """The sentences of a source in its order, one at a time, each with its neighbours.

    Pages go the way of ``build``, so that ids and texts are those of the dataset. Raises InputError, ArticleError,
    DatasetError, or UsageError where a stratum is asked of a source that has no columns.
    """
    if options.bad_page not in ("error", "skip"):
        raise UsageError(f"bad_page: expected error or skip, got '{options.bad_page}'.")
    if source.is_dir():
        if options.strata:
            raise UsageError(f"--strata {options.strata}: {source} is a folder; strata are a column of a file of sentences.")
        items = _of_dataset(source) if (source / "manifest.json").is_file() else _of_pages(source, options.bad_page, say)
    elif source.suffix in FILES and source.is_file():
        items = with_neighbours(_of_file(source, options.strata))
    elif source.is_file():
        raise UsageError(f"{source}: unknown format '{source.suffix}'; expected a folder, or {', '.join(FILES)}.")
    else:
        raise InputError(f"{source}: no such folder or file; expected pages, a dataset, or a file {', '.join(FILES)}.")
    return _each_once(items, source)


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


def _of_pages(folder: Path, bad_page: str, say: Callable[[str], None]) -> Iterator[Item]:
    for page in read_pages(folder):
        try:
            articles, _ = extract_articles(page)
        except ArticleError as error:
            if bad_page == "error":
                raise ArticleError(f"{error} To leave such pages out instead, say --bad-page skip.") from error
            say(f"skipped: {error}")
            continue
        for article in articles:
            title = article.title or ""
            yield from with_neighbours(
                Item(sentence.sentence_id, sentence.article_id, sentence.text, title) for sentence in split_article(article)
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


def _of_file(path: Path, strata: str) -> Iterator[Item]:
    needed = ("sentence_id", "article_id", "text", *([strata] if strata else []))
    for where, row in _ROWS[path.suffix](path):
        for name in needed:
            if name not in row:
                raise InputError(f"{where}: no column '{name}'; the row has {', '.join(row)}.{near_miss(name, row)}")
            if row[name] is None or not str(row[name]).strip():
                raise InputError(f"{where}: '{name}' is empty; expected a value in every row.")
            if _SURROGATE.search(str(row[name])):
                raise InputError(f"{where}: '{name}' holds half a character (a lone surrogate); write the file again.")
        title = row.get("title") or ""
        yield Item(
            str(row["sentence_id"]), str(row["article_id"]), str(row["text"]), str(title), stratum=str(row.get(strata, ""))
        )


def _csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    csv.field_size_limit(_MAX_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, strict=True)
        try:
            for row in reader:
                where = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise InputError(f"{where}: not as many cells as the header has names.")
                yield where, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path}:{reader.line_num}: not readable as CSV in UTF-8 ({error}).") from error


def _jsonl_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}:{number}: not JSON in UTF-8 ({error}).") from error
            if not isinstance(row, dict):
                raise InputError(f"{path}:{number}: expected a JSON object, got {type(row).__name__}.")
            yield f"{path}:{number}", row


def _parquet_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path}: row {number}", row
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file ({error}).") from error


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


_ROWS: dict[str, Callable[[Path], Iterator[tuple[str, Mapping[str, Any]]]]] = {
    ".csv": _csv_rows,
    ".jsonl": _jsonl_rows,
    ".parquet": _parquet_rows,
}
