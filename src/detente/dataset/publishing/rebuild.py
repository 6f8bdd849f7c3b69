"""A dataset that was published without text + the articles → the dataset as it was, every hash checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.articles import extract_articles
from detente.articles.readers import Page
from detente.articles.sources import iterate_pages, source_files
from detente.articles.told import PageOptions
from detente.atomic import new_folder
from detente.dataset import anchoring
from detente.dataset.annotations import check_rule, label_in
from detente.dataset.corpus import ARTICLES, CLEANING, StoredArticle, text_hash, told_articles
from detente.dataset.digest import checked_file
from detente.dataset.folder import READINGS, LabelledDataset, digest_in, read_dataset, write_rows
from detente.dataset.manifest import read_manifest
from detente.dataset.parquet import HASH, read_table
from detente.dataset.publishing.corpus_texts import corpus_texts, kept_texts
from detente.dataset.publishing.records import HashedLine, HashedReading
from detente.dataset.tables.again import read_again, title_in
from detente.dataset.tables.options import TableFacts
from detente.errors import ArticleError, DatasetError
from detente.markers import check_replaceable
from detente.outputs import check_outputs
from detente.records import Annotation, DroppedLine, Example, of_columns, span_text
from detente.tasks import Tasks

_SHOWN = 10


def rebuild_dataset(
    published: Path,
    articles: Path,
    out: Path,
    *,
    say: Callable[[str], None] = lambda line: None,
    **said: str,
) -> LabelledDataset:
    """Put the text back into a dataset published without it; rows, readings and digest are those it was published with.

    ``articles`` is what it was built from: a folder of pages or a table; of a labelled corpus of the package, vietnews. It is
    read by what was said of the pages when it was built (``PageOptions``), but for what is ``said`` now, as where a column has
    another name. Every page that holds rows must have the text it had then. Pages without rows are optional; lines that
    cleaning dropped on those that are not there are left out and counted.
    Raises DatasetError that names the pages that are missing or changed, or what has another hash, and writes nothing then;
    InputError or UsageError where ``out`` would overwrite anything but a dataset.
    """
    check_outputs([published, articles], folders=[out])
    check_replaceable(out, "dataset")
    manifest = read_manifest(published)
    if not manifest.published_without_text:
        raise DatasetError(f"{published}: holds its text already; there is nothing to rebuild.")
    if (there := digest_in(out)) not in (None, manifest.digest):
        raise DatasetError(
            f"{out}: another dataset stands there ({there}); the one to rebuild is {manifest.digest}. Choose another "
            "output, or move that one away."
        )
    articles_file, cleaning_file, readings_file = (
        checked_file(published, name, manifest.files) for name in (ARTICLES, CLEANING, READINGS)
    )
    stored = [article for _, article in strict_json.read_lines(articles_file, StoredArticle, error=DatasetError)]
    tables = {
        name: read_table(published / "data" / f"{name}.parquet", manifest.tasks, manifest.text_columns)
        for name in manifest.splits
    }
    readings = list(_hashed_readings(readings_file, manifest.tasks))
    page_of = _itself if manifest.table else anchoring.page_of
    needed = {page_of(row["sentence_id"]) for rows in tables.values() for row in rows}
    needed |= {page_of(reading.sentence_id) for reading, _ in readings}
    options = replace(manifest.pages, **said)
    if manifest.table and manifest.table.corpus:
        kept_now = kept_texts(tables.values(), (reading for reading, _ in readings))
        pages, titles = _corpus_rows(articles, manifest.table.corpus, stored, needed, kept_now)
    elif manifest.table:
        pages, titles = _rows(articles, options, manifest.table, stored, needed)
    else:
        pages = _pages(articles, options, stored, needed)
        titles = _titles(pages.values())
    splits = {
        name: [of_columns(Example, _filled(row, pages[page_of(row["sentence_id"])]), manifest.tasks) for row in rows]
        for name, rows in tables.items()
    }
    texts = {row.sentence_id: row.text for rows in splits.values() for row in rows}
    texts |= {key: page.text for key, page in pages.items()} if manifest.table else {}
    with new_folder(out, "dataset") as folder:
        _write_articles(folder / ARTICLES, stored, pages, needed, titles)
        dropped = (line for _, line in strict_json.read_lines(cleaning_file, HashedLine, error=DatasetError))
        n_left_out = _write_cleaning(folder / CLEANING, dropped, pages)
        kept = told_articles(stored, titles)
        given = replace(manifest, published_without_text=False, withheld=())
        write_rows(folder, splits, given, kept, [_reading(*each, texts, pages) for each in readings])
        read_dataset(folder)  # the digest
    if n_left_out:
        say(f"cleaning.jsonl: {n_left_out} lines are left out, since their pages are not in {articles}")
    return read_dataset(out)


def _pages(articles: Path, said: PageOptions, stored: Iterable[StoredArticle], needed: set[str]) -> dict[str, Page]:
    """The pages whose text is what it was. Raises DatasetError if one with rows is missing or has another text."""
    hashes = _page_hashes(stored)
    pages: dict[str, Page] = {}
    changed: set[str] = set()
    for page in iterate_pages(source_files(articles), said.wanted(), said.known_columns()):
        if isinstance(page, Page) and page.page_id in hashes:
            if text_hash(page.text) == hashes[page.page_id]:
                pages[page.page_id] = page
            else:
                changed.add(page.page_id)
    _check_there(articles, pages.keys(), needed, changed, "pages")
    return pages


def _check_there(source: Path, there: Collection[str], needed: set[str], changed: set[str], kind: str) -> None:
    """Raise DatasetError that names the pages, or sentences, that are missing or changed."""
    missing = sorted(needed - {*there})
    if missing:
        html = " The text of HTML pages also depends on the version of detente." if kind == "pages" else ""
        lines = [f"  {each}: {'its text is another now' if each in changed else 'not there'}" for each in missing[:_SHOWN]]
        lines += [f"  and {len(missing) - _SHOWN} more"] * (len(missing) > _SHOWN)
        raise DatasetError(
            f"{source}: {len(missing)} of {len(needed)} {kind} of the dataset are missing or changed:\n"
            + "\n".join(lines)
            + f"\nExpected the {kind} the dataset was built from, to the byte.{html}"
        )


def _page_hashes(stored: Iterable[StoredArticle]) -> dict[str, str]:
    """page_id → hash of its text; articles of one page have one. Raises DatasetError."""
    hashes: dict[str, str] = {}
    for each in stored:
        if hashes.setdefault(each.page_id, each.text_sha256) != each.text_sha256:
            raise DatasetError(f"{each.article_id}: another hash than that of its page; the folder was changed by hand.")
    return hashes


def _itself(sentence_id: str) -> str:
    """The page of a sentence of a table."""
    return sentence_id


def _rows(
    tables: Path, said: PageOptions, facts: TableFacts, stored: Iterable[StoredArticle], needed: set[str]
) -> tuple[dict[str, Page], dict[str, str | None]]:
    """The sentences of a table as pages, and the titles of their articles. Raises DatasetError as ``_pages`` does."""
    hashes, changed = _page_hashes(stored), set[str]()
    pages: dict[str, Page] = {}
    titles: dict[str, str | None] = {}
    for row in read_again([tables], said, facts):
        if text_hash(row.text) == hashes.get(row.sentence_id):
            pages[row.sentence_id] = Page(row.sentence_id, row.text, tables)
            titles.setdefault(row.article_id or row.sentence_id, title_in(row, said))
        else:
            changed.add(row.sentence_id)
    _check_there(tables, pages.keys(), needed, changed, "sentences")
    return pages, titles


def _corpus_rows(
    source: Path, corpus: str, stored: Iterable[StoredArticle], needed: set[str], kept: Mapping[str, str]
) -> tuple[dict[str, Page], dict[str, str | None]]:
    """The same of a labelled corpus of the package."""
    texts, titles, changed = corpus_texts(source, corpus, stored, kept)
    _check_there(source, texts.keys(), needed, changed, "sentences")
    return {sentence_id: Page(sentence_id, text, source) for sentence_id, text in texts.items()}, {**titles}


def _filled(row: Mapping[str, Any], page: Page) -> dict[str, Any]:
    """A row with its text; its hash must be that of the page at its offsets."""
    text = span_text(page.text, row["start"], row["end"])
    if text_hash(text) != row[HASH]:
        raise DatasetError(
            f"{row['sentence_id']}: the text at its offsets does not have its hash; the folder was changed by hand."
        )
    return {**{key: value for key, value in row.items() if key != HASH}, "text": text}


def _hashed_readings(path: Path, tasks: Tasks) -> Iterator[tuple[HashedReading, dict[str, str]]]:
    """The readings of a file, each with its labels. Raises DatasetError."""
    for number, line in enumerate(strict_json.read_text(path, error=DatasetError).split("\n"), start=1):
        if line.strip():
            where = f"{path}:{number}"
            row = strict_json.parse_object(line, where, error=DatasetError)
            given = {name: label_in(row.pop(name), task, where, DatasetError) for name, task in tasks.items() if name in row}
            labels = {name: label for name, label in given.items() if label is not None}
            reading = strict_json.convert(row, HashedReading, where, error=DatasetError)
            check_rule(reading.rule, (tasks[name] for name in given), where, DatasetError)
            yield reading, labels


def _reading(
    reading: HashedReading, labels: Mapping[str, str], texts: Mapping[str, str], pages: Mapping[str, Page]
) -> Annotation:
    """A reading with the text of its sentence, which is a row's, or stands on the page where the id says."""
    text = texts.get(reading.sentence_id)
    if text is None:
        text = span_text(
            pages[anchoring.page_of(reading.sentence_id)].text, reading.start, reading.start + reading.n_characters
        )
    if text_hash(text) != reading.text_sha256:
        raise DatasetError(
            f"{reading.sentence_id}: a reading's hash is not that of its sentence; the folder was changed by hand."
        )
    return of_columns(Annotation, {**asdict(reading), **labels, "text": text}, labels)


def _titles(pages: Iterable[Page]) -> dict[str, str | None]:
    titles: dict[str, str | None] = {}
    for page in pages:
        try:
            titles |= {article.article_id: article.title for article in extract_articles(page)[0]}
        except ArticleError:
            continue
    return titles


def _write_articles(
    path: Path,
    stored: Iterable[StoredArticle],
    pages: Mapping[str, Page],
    needed: set[str],
    titles: Mapping[str, str | None],
) -> None:
    with path.open("w", encoding="utf-8") as file:
        for article in stored:
            page = pages.get(article.page_id)
            keep = page is not None and page.is_extracted and page.page_id in needed
            full = replace(article, title=titles.get(article.article_id), text=page.text if page and keep else None)
            file.write(json.dumps(asdict(full), ensure_ascii=False) + "\n")


def _write_cleaning(path: Path, dropped: Iterable[HashedLine], pages: Mapping[str, Page]) -> int:
    """Write the dropped lines with their text; how many could not be, for want of their page."""
    n_left_out = 0
    with path.open("w", encoding="utf-8") as file:
        for each in dropped:
            page = pages.get(each.page_id)
            if page is None:
                n_left_out += 1
                continue
            text = page.text[each.start : each.end]
            if text_hash(text) != each.text_sha256:
                raise DatasetError(
                    f"{each.page_id}, line {each.line}: the text at its offsets does not have its hash; the folder was changed "
                    "by hand."
                )
            line = DroppedLine(each.page_id, each.line, each.start, each.end, text, each.reason)
            file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
    return n_left_out
