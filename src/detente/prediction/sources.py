"""What is predicted: a file of rows, a folder of articles or a dataset folder, as units that are numbered in one order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import Any

from detente.articles.told import Columns, PageOptions, Told
from detente.errors import UsageError, near_miss
from detente.formats import READABLE, Format, file_name
from detente.prediction.pages import PageUnit, page_files, read_page_units
from detente.prediction.rows import sentence_entries
from detente.rows import Entry, TextColumn, check_file, check_regular, listed

PART_ROWS = 2048
"""Rows of a part: seconds of work, and enough for batches of one length. Parts are told apart by it: it is in the manifest."""
PART_PAGES = 64
"""Pages of a part, of some twenty sentences each."""
ARTICLES = "articles"
GIVEN = (*READABLE, ARTICLES)
"""What ``--format`` takes."""
HINT = "Name it with --text-column."

Unit = Entry | PageUnit


@dataclass(frozen=True)
class Survey:
    """What one reading of the input found. ``schema`` is the arrow schema of its columns, None where none was asked for.

    ``digest`` is over the bytes of the files and the names of pages; ``stamps`` are the files' sizes and times of change.
    ``note`` is said to the user where rows are whole articles.
    """

    n_units: int
    columns: tuple[str, ...]
    schema: Any
    digest: str
    stamps: tuple[tuple[int, int], ...]
    note: str = ""


@dataclass(frozen=True)
class Source:
    """An input that is there. ``kind``: rows, articles or dataset; ``limit`` is the number of units, 0 for all.

    ``known`` are a table's columns beside that of the articles, what is ``told`` holds for all of them. ``surveyed`` is what a
    reading of all of it found, where it has been read already.
    """

    path: Path
    name: str
    kind: str
    format: Format
    text_column: str
    limit: int = 0
    known: Columns = field(default_factory=Columns)
    told: Told = field(default_factory=Told)
    surveyed: Survey | None = None

    @property
    def part_size(self) -> int:
        """Units of a part."""
        return PART_PAGES if self.kind == ARTICLES else PART_ROWS

    @property
    def unit(self) -> str:
        """What one unit is called."""
        return "page" if self.kind == ARTICLES else "row"

    def units(self) -> Iterator[Unit]:
        """All units in order, one in memory."""
        return islice(self._all(), self.limit or None)

    def parts(self) -> Iterator[tuple[int, list[Unit]]]:
        """The units in parts of one size (the last may be smaller), numbered from 0."""
        units, number = self.units(), 0
        while part := list(islice(units, self.part_size)):
            yield number, part
            number += 1

    def files(self) -> list[Path]:
        """The files that hold the input."""
        if self.kind == ARTICLES:
            return page_files(self.path)
        if self.kind == "dataset":
            return sorted(path for path in self.path.rglob("*.parquet") if path.is_file())
        return [self.path]

    def _all(self) -> Iterator[Unit]:
        if self.kind == ARTICLES:
            return read_page_units(self.path, TextColumn(self.text_column, HINT), self.known, self.told)
        if self.kind == "dataset":
            return _dataset_entries(self.path)
        return sentence_entries(self.path, self.format, TextColumn(self.text_column, HINT))


def open_source(path: Path, said: PageOptions | str, given: str = "", limit: int = 0, name: str = "") -> Source:
    """Look at what is there; ``said`` is what was said of articles, or the text column alone.

    Raises InputError where nothing is, UsageError for a format that is none, and for what is said of articles of a file of
    rows.
    """
    said = PageOptions(text_column=said) if isinstance(said, str) else said
    if given and given not in GIVEN:
        raise UsageError(f"--format {given}: expected one of {', '.join(GIVEN)}.")
    name = name or file_name(path)
    check_regular(path)
    if (path / "manifest.json").is_file():
        _check_rows(path, said)
        return Source(path, name, "dataset", Format("dataset"), "text", limit)
    is_page = path.suffix.lower() in (".html", ".htm") and path.is_file()
    if path.is_dir() or is_page or given == ARTICLES:
        if given not in ("", ARTICLES):
            raise UsageError(f"{path}: is a folder, and --format {given} is of a file.")
        known, told = said.known_columns(), said.told
        source = Source(path, name, ARTICLES, Format(ARTICLES), said.text_column, limit, known, told)
        source.files()
        return source
    kind = check_file(path, given)
    _check_rows(path, said)
    return Source(path, name, "rows", kind, said.text_column, limit)


def _check_rows(path: Path, said: PageOptions) -> None:
    """Raise UsageError where something is said of articles, and there are sentences."""
    usual = PageOptions(text_column=said.text_column)
    other = [field.name for field in fields(usual) if getattr(said, field.name) != getattr(usual, field.name)]
    if other:
        option = f"--{other[0].replace('_', '-')}"
        how = "" if path.is_dir() else " To have its rows read as articles, say --format articles."
        raise UsageError(f"{option}: is of articles, and {path} is read as sentences.{how}")


def file_stamps(source: Source) -> tuple[tuple[int, int], ...]:
    """Sizes and times of change of the input's files."""
    found = [path.stat() for path in source.files()]
    return tuple((status.st_size, status.st_mtime_ns) for status in found)


def kept_columns(found: Sequence[str], wanted: Sequence[str], name: str) -> tuple[str, ...]:
    """The input's columns that go into the output. Raises UsageError for one that is not there."""
    missing = [column for column in wanted if column not in found]
    if missing:
        raise UsageError(
            f"--columns: {name} has no column '{missing[0]}'; it has {listed(found)}.{near_miss(missing[0], found)}"
        )
    return tuple(column for column in found if column in wanted) if wanted else tuple(found)


def _dataset_entries(folder: Path) -> Iterator[Entry]:
    """The rows of a dataset folder, split after split; labelled sentences are few enough to be read at once."""
    from detente.dataset import read_dataset
    from detente.prediction.columns import example_columns

    number = 0
    dataset = read_dataset(folder)
    for split, rows in dataset.splits.items():
        for example in rows:
            number += 1
            columns = example_columns(example, dataset.tasks)
            yield Entry(number, f" row {number}", {**columns, "fold": example.fold, "split": split})
