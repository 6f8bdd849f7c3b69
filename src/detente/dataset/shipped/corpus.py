"""A labelled corpus of the package, a folder of ``seeds/`` with a corpus.yaml → the tables that a dataset is built from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from detente import places, strict_json, strict_yaml
from detente.dataset.parquet import TEXT
from detente.dataset.shipped.hashed import Lines, article_of, with_texts, within
from detente.dataset.shipped.vietnews import CLONE, article_lines
from detente.dataset.tables.options import READING_COLUMNS, TableFacts, TextSource
from detente.dataset.tables.reading import Table
from detente.errors import ConfigError, InputError, near_miss
from detente.rows import Entry, entries_of

FILE = "corpus.yaml"
_MADE = (TEXT, "title", "article_id", *READING_COLUMNS)
"""Columns that rows get here, or may have."""


@dataclass(frozen=True, slots=True)
class ShippedCorpus:
    """What corpus.yaml says: the files of its readings, where the texts come from, and answers for the datasheet."""

    folder: Path
    files: tuple[str, ...]
    sources: tuple[TextSource, ...]
    datasheet: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShippedTables:
    """The tables of a corpus, and how many sentences are left out since nobody said where their texts lie."""

    corpus: ShippedCorpus
    tables: tuple[Table, ...]
    n_without_text: int

    def told(self, facts: TableFacts) -> TableFacts:
        """The facts of its tables with what is known of the corpus beside them."""
        return replace(
            facts,
            corpus=self.corpus.folder.name,
            sources=self.corpus.sources,
            about=self.corpus.datasheet,
            n_without_text=self.n_without_text,
        )


@dataclass(frozen=True, slots=True)
class _File:
    """corpus.yaml as it stands."""

    files: tuple[str, ...]
    sources: tuple[TextSource, ...]
    datasheet: dict[str, str] = field(default_factory=dict)


def read_corpus_file(name: str) -> ShippedCorpus:
    """The corpus of that name. Raises ConfigError for one that the package does not have."""
    known = sorted(path.parent.name for path in places.SEEDS.glob(f"*/{FILE}"))
    if name not in known:
        raise ConfigError(
            f"data.corpus: expected one that comes with the package, {', '.join(known)}, got "
            f"{strict_json.shown(name)}.{near_miss(name, known)}"
        )
    path = places.SEEDS / name / FILE
    read = strict_json.convert(strict_yaml.read_mapping(path), _File, str(path), error=ConfigError)
    return ShippedCorpus(path.parent, read.files, read.sources, read.datasheet)


def shipped_tables(
    corpus: ShippedCorpus, files: Sequence[Path], vietnews: Path | None, say: Callable[[str], None]
) -> ShippedTables:
    """The tables of a corpus's files, each row with its text.

    Rows without one get theirs of ``vietnews``; without that they are left out, which is said with the command that brings
    it. Raises InputError where a file is none of readings, or ``vietnews`` is none.
    """
    entries = {file: list(entries_of(file)) for file in files}
    hashed = {_sentence_id(entry) for rows in entries.values() for entry in rows if _is_hashed(entry)}
    articles: Lines = {}
    if vietnews is not None:
        articles = article_lines(vietnews, {within(article_of(each)) for each in hashed})
    elif hashed:
        entries = {file: [entry for entry in rows if not _is_hashed(entry)] for file, rows in entries.items()}
        entries = {file: rows for file, rows in entries.items() if rows}
        say(_left_out(len(hashed)))
        if not entries:
            raise InputError(
                f"{', '.join(map(str, files))}: no sentence comes with its text; say where it lies: data.vietnews=FOLDER."
            )
    given = (name for rows in entries.values() for entry in rows for name in entry.row or ())
    columns = dict.fromkeys((*_MADE, *given))
    tables = [_table(file, rows, articles, tuple(columns)) for file, rows in entries.items()]
    return ShippedTables(corpus, tuple(tables), len(hashed) if vietnews is None else 0)


def shipped_texts(name: str) -> dict[str, str]:
    """sentence_id → text, of the sentences of a corpus that come with theirs. Raises ConfigError."""
    corpus = read_corpus_file(name)
    rows = (entry.row for file in corpus.files for entry in entries_of(corpus.folder / file) if entry.row)
    return {row["sentence_id"]: row[TEXT] for row in rows if TEXT in row}


def _is_hashed(entry: Entry) -> bool:
    return entry.row is not None and TEXT not in entry.row


def _table(file: Path, rows: Sequence[Entry], articles: Lines, columns: tuple[str, ...]) -> Table:
    def entries() -> Iterable[Entry]:
        return with_texts(map(_with_article, rows), articles)

    return Table(file.name, "jsonl", columns, entries, file)


def _with_article(entry: Entry) -> Entry:
    """A row with its article: what its id says, of a text in stretches the stretch."""
    if entry.row is None:
        return entry
    return Entry(entry.number, entry.place, {**entry.row, "article_id": article_of(_sentence_id(entry))})


def _sentence_id(entry: Entry) -> str:
    return str((entry.row or {}).get("sentence_id", ""))


def _left_out(n: int) -> str:
    return (
        f"note: {n:,} sentences of vietnews are left out: their texts belong to newspapers and do not ship. This brings them:\n"
        f"  {CLONE}\n  detente build data=dispute data.vietnews=vietnews\n"
        "What is built now are the sentences that come with their text, all of them to train on, in folds."
    )
