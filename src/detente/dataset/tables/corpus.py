"""Sentences of tables → the corpus that a dataset is made of, as pages of one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente.articles.told import PageOptions
from detente.dataset.corpus import ARTICLES, CLEANING, Corpus, SkippedPage, article_line
from detente.dataset.tables.grouping import sentence_groups
from detente.dataset.tables.options import TableFacts, TableOptions
from detente.dataset.tables.reading import BadRow, Table
from detente.dataset.tables.sentences import Sentences, conflict_lines, read_sentences
from detente.errors import ConfigError, DatasetError
from detente.records import Sentence
from detente.text.legacy import legacy_encoding

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class TableSource:
    """How tables are read; ``tasks`` are those to take, and ``bad_page``: error or skip."""

    options: TableOptions
    pages: PageOptions
    tasks: Sequence[str] | None = None
    bad_page: str = "skip"


@dataclass(frozen=True)
class TableCorpus:
    """What a table holds: its corpus, its sentences with their readings, the splits that it gives, and its facts."""

    corpus: Corpus
    sentences: Sentences
    splits: dict[str, str] | None
    facts: TableFacts


def read_table_corpus(tables: Sequence[Table], source: TableSource, folder: Path, say: Callable[[str], None]) -> TableCorpus:
    """Read the tables, and write into the folder what is known of each sentence; what is left out is said and counted.

    Raises InputError, DatasetError; for the first row that cannot be used unless ``bad_page`` is ``skip``.
    """
    if source.bad_page not in ("error", "skip"):
        raise ConfigError(f"data.bad_page: expected error or skip, got '{source.bad_page}'.")
    counts: Counter[str] = Counter()

    def bad(row: BadRow) -> None:
        if source.bad_page == "error":
            raise DatasetError(f"{row.message} To leave such rows out instead, set data.bad_page=skip.")
        counts[row.reason] += 1
        if counts.total() <= _SHOWN:
            say(f"left out: {row.message}")

    found = read_sentences(tables, source.options, source.pages, source.tasks, bad)
    corpus = _corpus(found)
    _write(folder, found)
    _report(found, corpus, say)
    splits = {key: row.split for key, row in found.rows.items()} if found.split_by else None
    return TableCorpus(corpus, found, splits, _facts(found, tables, source.options))


def _corpus(found: Sentences) -> Corpus:
    corpus = Corpus(sources=+found.sources, n_sentences=len(found.rows))
    for key, row in found.rows.items():
        article = found.articles[key]
        corpus.sentences[key] = Sentence(key, article.article_id, key, row.text, 0, len(row.text))
        if encoding := legacy_encoding(row.text):
            corpus.legacy.add(encoding, row.place)
    corpus.articles = list({article.article_id: article for article in reversed(found.articles.values())}.values())[::-1]
    corpus.skipped = [SkippedPage(row.origin, row.reason) for row in found.bad]
    corpus.groups = sentence_groups(found.rows)
    return corpus


def _write(folder: Path, found: Sentences) -> None:
    with (folder / ARTICLES).open("w", encoding="utf-8") as file:
        file.writelines(article_line(article, found.rows[key].origin, None) for key, article in found.articles.items())
    (folder / CLEANING).write_text("", encoding="utf-8")


def _report(found: Sentences, corpus: Corpus, say: Callable[[str], None]) -> None:
    for warning in corpus.legacy.warnings("sentence"):
        say(warning)
    if found.left:
        say(f"labels of {', '.join(found.left)} are left out (data.labels, data.tasks)")
    if found.conflicts:
        say(conflict_lines(found.conflicts))
    if n := len(found.undated):
        say(
            f"note: {n} date{'s' * (n > 1)} cannot be read and {'are' if n > 1 else 'is'} left empty, {found.undated[0]}"
            f"{' the first' * (n > 1)}; expected a day, as in 2025-03-12 or 12/3/2025"
        )
    if found.disputed:
        say(f"annotators differ on {len(found.disputed)} sentences (data.disputed)")
    if found.bad:
        reasons = Counter(row.reason for row in found.bad)
        counted = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        hidden = "; manifest.json names all" if len(found.bad) > _SHOWN else ""
        say(f"{len(found.bad)} of {found.n_rows} rows left out: {counted}{hidden}")


def _facts(found: Sentences, tables: Sequence[Table], options: TableOptions) -> TableFacts:
    return TableFacts(
        files=tuple(table.name for table in tables),
        id_column=options.id_column,
        group_column=options.group_column,
        article_column=options.article_column,
        annotator_column=options.annotator_column,
        split_by=found.split_by,
        labels=found.columns,
        values=found.values,
        n_rows=found.n_rows,
        n_conflicts=len(found.conflicts),
        n_disputed=len(found.disputed),
        n_undated=len(found.undated),
    )
