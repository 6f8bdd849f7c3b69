"""Files, or tables in memory → rows of sentences, each with its place; what is wrong with a row is the row's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detente.articles.sources import kind_of
from detente.dataset.tables.cells import cell_text, split_in, split_of_file
from detente.dataset.tables.options import TableOptions
from detente.errors import DatasetError, InputError
from detente.formats import COMPRESSED, file_name
from detente.records import span_text
from detente.rows import (
    Entry,
    TextColumn,
    check_file,
    check_regular,
    columns_of,
    entries_of,
    has_text,
    missing_column,
    row_files,
)

NO_TEXT = "no text in the row"
NO_ID = "no id"
NO_ANNOTATOR = "no annotator"
UNLABELLED = "no label in the row"
TWICE = "read twice by one annotator"
_HOW = "Name the column that holds it: data.{}=NAME."
_HOW_SEVERAL = {
    "labels": "data.labels={task: column} names the columns of labels.",
    "reading_columns": "data.reading_columns=[rule, note] names what stands beside the labels.",
}
_N_DIGITS = 12


@dataclass(frozen=True)
class Table:
    """One table: ``entries()`` reads it. ``path`` is empty for one in memory; ``split`` is that of all of its rows."""

    name: str
    kind: str
    columns: tuple[str, ...]
    entries: Callable[[], Iterable[Entry]] = field(repr=False)
    path: Path | None = None
    split: str = ""

    @property
    def stem(self) -> str:
        """The name without its endings."""
        path = Path(self.name)
        return Path(path.stem).stem if path.suffix.lower().removeprefix(".") in COMPRESSED else path.stem


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A row that can be used. ``place`` names the file and the row; ``cells`` are all of its cells."""

    sentence_id: str
    text: str
    place: str
    origin: str
    cells: Mapping[str, Any]
    annotator: str = ""
    article_id: str = ""
    group: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used, where it stands and why; ``reason`` in few words, for counting."""

    origin: str
    message: str
    reason: str


def table_files(paths: Sequence[Path]) -> list[Path]:
    """The files of what was named, those of a folder by their names. Raises InputError, UsageError."""
    files: list[Path] = []
    for path in paths:
        check_regular(path)
        found = row_files(path)
        if not found:
            raise InputError(f"{path}: holds no file of rows; expected .csv, .tsv, .jsonl, .parquet or .xlsx.")
        files += found
    for file in files:
        check_file(file)
    if twice := next(
        (file for at, file in enumerate(files) if file.resolve() in {each.resolve() for each in files[:at]}), None
    ):
        raise InputError(f"{twice}: is named twice; expected every file once.")
    return files


def read_tables(files: Sequence[Path], *, by_name: bool) -> list[Table]:
    """The tables; of several files the names say the splits if all of them do, and ``by_name``. Raises InputError."""
    splits = {file: split_of_file(file) if by_name and len(files) > 1 else "" for file in files}
    check_named({file_name(file): split for file, split in splits.items()})

    def entries(file: Path) -> Callable[[], Iterable[Entry]]:
        return lambda: entries_of(file)

    return [Table(file_name(file), kind_of(file), _columns(file), entries(file), file, splits[file]) for file in files]


def _columns(file: Path) -> tuple[str, ...]:
    """The columns of a file; of JSONL the keys of all rows, since one that the first row lacks may hold the labels."""
    if kind_of(file) != "jsonl":
        return columns_of(file)
    return tuple(dict.fromkeys(key for entry in entries_of(file) for key in entry.row or ()))


def check_named(splits: Mapping[str, str]) -> None:
    """Raise InputError where the names of some tables say a split and those of others do not."""
    unsaid = [name for name, split in splits.items() if not split]
    if unsaid and len(unsaid) < len(splits):
        raise InputError(
            f"{unsaid[0]}: its name says no split, as those of other files do; expected train, validation (dev) or test in "
            "every name or in none. Rename it, or say split=holdout to split all of them anew."
        )


def check_columns(table: Table, text_column: str, options: TableOptions, label_columns: Iterable[str]) -> None:
    """Raise InputError for a column that was named and is not there."""
    wanted = {"text_column": text_column, **options.columns}
    beside = (("reading_columns", column) for column in options.reading_columns or ())
    for option, column in (*wanted.items(), *beside, *(("labels", column) for column in label_columns)):
        if column not in table.columns:
            how = _HOW_SEVERAL.get(option) or _HOW.format(option)
            raise InputError(f"{table.path or table.name}: {missing_column(table.columns, TextColumn(column, how))}")


def sentence_rows(table: Table, text_column: str, options: TableOptions, prefix: str = "") -> Iterator[SentenceRow | BadRow]:
    """Every row of a table but those on which nothing stands; ``prefix`` begins the ids that are made.

    Raises InputError for what is wrong with the file, DatasetError for a split that is not known.
    """
    for entry in table.entries():
        if not entry.is_blank:
            yield _row(entry, table, text_column, options, prefix)


def _row(entry: Entry, table: Table, text_column: str, options: TableOptions, prefix: str) -> SentenceRow | BadRow:
    place, origin, cells = f"{table.path or table.name}{entry.place}", f"{table.name}{entry.place}", entry.row
    if cells is None:
        return BadRow(origin, f"{place}: {entry.reason}", entry.kind)
    text = _sentence(cells.get(text_column))
    if not text:
        return BadRow(origin, f"{place}: '{text_column}' is empty or no text.", NO_TEXT)
    annotator = cell_text(cells.get(options.annotator_column)) if options.annotator_column else ""
    if options.annotator_column and not annotator:
        return BadRow(origin, f"{place}: '{options.annotator_column}' is empty; expected who labelled it.", NO_ANNOTATOR)
    article = cell_text(cells.get(options.article_column)) if options.article_column else ""
    sentence_id = _id(cells, entry.number, cells[text_column], article, options, prefix)
    if not sentence_id or not sentence_id.isprintable():
        return BadRow(origin, f"{place}: '{options.id_column}' is no id; expected a short text or number.", NO_ID)
    where = f"{place}: '{options.split_column}'"
    return SentenceRow(
        sentence_id=sentence_id,
        text=text,
        place=place,
        origin=origin,
        cells=cells,
        annotator=annotator,
        article_id=article,
        group=cell_text(cells.get(options.group_column)) if options.group_column else "",
        split=split_in(cells.get(options.split_column), where) if options.split_column else table.split,
    )


def _sentence(value: object) -> str:
    """The text of a sentence as rows of a dataset have it: on one line, nothing around it."""
    if not isinstance(value, str) or not has_text(value):
        return ""
    text = value.strip()
    return span_text(text, 0, len(text))


def _id(cells: Mapping[str, Any], number: int, text: str, article: str, options: TableOptions, prefix: str) -> str:
    """The id of a row; made, it is that which predictions on the file have, and where readings are rows, it is of the text."""
    if options.id_column:
        return cell_text(cells.get(options.id_column))
    if options.annotator_column:
        return "t-" + _digits("\n".join([article, text] if article else [text]))
    return f"{prefix}r{number}-{_digits(text)}"


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_N_DIGITS]


def check_same_sentence(row: SentenceRow, first: SentenceRow) -> None:
    """Raise DatasetError unless two readings of a sentence say the same of it."""
    for name in ("text", "split", "group", "article_id"):
        if getattr(row, name) != getattr(first, name):
            raise DatasetError(
                f"{row.place}: the sentence {row.sentence_id} has another {name.removesuffix('_id')} than in {first.place}; "
                "expected the same in every row of it."
            )
