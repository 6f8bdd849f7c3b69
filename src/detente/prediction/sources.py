"""What is predicted: a file of rows, a folder of articles or a dataset folder, as units that are numbered in one order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from detente.errors import InputError, UsageError
from detente.formats import READABLE, Format, file_name
from detente.prediction.pages import COLUMNS, PageUnit, page_files, read_page_units
from detente.prediction.rows import sentence_entries
from detente.prediction.writing import cell_text
from detente.rows import MAX_COLUMNS, Entry, Row, TextColumn, check_file, check_regular, listed
from detente.rows.parquet import check_schema, read_schema
from detente.rows.sheet import LONGEST_ESCAPE, MAX_CELL, MAX_ROWS, escaped

PART_ROWS = 2048
"""Rows of a part: seconds of work, and enough for batches of one length. Parts are told apart by it: it is in the manifest."""
PART_PAGES = 64
"""Pages of a part, of some twenty sentences each."""
ARTICLES = "articles"
GIVEN = (*READABLE, ARTICLES)
"""What ``--format`` takes."""
_INFERRED_AT_ONCE = 2048
HINT = "Name it with --text-column."
_STALE = (b"pandas", b"huggingface")  # They describe the input's columns, and the output has more.

Unit = Entry | PageUnit


@dataclass(frozen=True)
class Survey:
    """What one reading of the input found. ``schema`` is the arrow schema of its columns, None where none was asked for.

    ``digest`` is over the bytes of the files and the names of pages; ``stamps`` are the files' sizes and times of change.
    """

    n_units: int
    columns: tuple[str, ...]
    schema: Any
    digest: str
    stamps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Source:
    """An input that is there. ``kind``: rows, articles or dataset; ``limit`` is the number of units, 0 for all.

    ``surveyed`` is what a reading of all of it found, where it has been read already.
    """

    path: Path
    name: str
    kind: str
    format: Format
    text_column: str
    limit: int = 0
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
            return read_page_units(self.path, TextColumn(self.text_column, HINT))
        if self.kind == "dataset":
            return _dataset_entries(self.path)
        return sentence_entries(self.path, self.format, TextColumn(self.text_column, HINT))


def open_source(path: Path, text_column: str, given: str = "", limit: int = 0, name: str = "") -> Source:
    """Look at what is there. Raises InputError where nothing is, UsageError for a format that is none."""
    if given and given not in GIVEN:
        raise UsageError(f"--format {given}: expected one of {', '.join(GIVEN)}.")
    name = name or file_name(path)
    check_regular(path)
    if (path / "manifest.json").is_file():
        return Source(path, name, "dataset", Format("dataset"), "text", limit)
    is_page = path.suffix.lower() in (".html", ".htm") and path.is_file()
    if path.is_dir() or is_page or given == ARTICLES:
        if given not in ("", ARTICLES):
            raise UsageError(f"{path}: is a folder, and --format {given} is of a file.")
        source = Source(path, name, ARTICLES, Format(ARTICLES), text_column, limit)
        source.files()
        return source
    return Source(path, name, "rows", check_file(path, given), text_column, limit)


def checked(source: Source, kind: str, columns: Sequence[str] = (), *, strict: bool = False) -> Source:
    """Read the whole input once, so that what is wrong with it costs no prediction, nor the loading of a model.

    ``kind`` is the output's format, ``columns`` are those that are kept of the input's. Raises InputError if no row can be
    predicted, for the first bad row where ``strict``, and for what the output cannot hold; UsageError for a column that is not
    there.
    """
    if source.format.kind == "parquet" and kind != "parquet":
        schema = _parquet_schema(source)
        _check_plain(schema, kept_columns(schema.names, columns, source.name), kind, source)
    max_cell = MAX_CELL if kind == "xlsx" else 0
    found = survey(source, columns, with_schema=kind == "parquet", strict=strict, max_cell=max_cell)
    kept_columns(found.columns, columns, source.name)
    if kind == "xlsx" and source.kind == "rows" and found.n_units > MAX_ROWS:
        raise InputError(f"{source.path}: {found.n_units:,} rows; a sheet holds {MAX_ROWS:,}. Write .csv, .jsonl or .parquet.")
    return replace(source, surveyed=found)


def _check_plain(schema: Any, kept: Sequence[str], kind: str, source: Source) -> None:
    """Raise InputError for a column of bytes, or of what holds some, for which text files have no place."""
    import pyarrow.types as types

    of_bytes = (types.is_binary, types.is_large_binary, types.is_fixed_size_binary, types.is_binary_view)
    for name in kept:
        if any(_holds(schema.field(name).type, is_bytes) for is_bytes in of_bytes):
            raise InputError(
                f"{source.path}: the column '{name}' holds bytes, which have no place in .{kind}. Write .parquet, or leave it "
                "out with --columns."
            )


def survey(
    source: Source, kept: Sequence[str] = (), *, with_schema: bool = False, strict: bool = False, max_cell: int = 0
) -> Survey:
    """What one reading of the input finds. ``max_cell`` is what a cell of the output holds, where that is little.

    Types and cells are those of the columns that are ``kept``, of all where none is named.

    Raises InputError if no row can be predicted, for the first bad row where ``strict``, for columns without one type where a
    schema is asked for, and for a cell that is too long.
    """
    stamps = file_stamps(source)
    if source.kind == ARTICLES:
        n_units, schema = sum(1 for _ in source.units()), _pages_schema() if with_schema else None
        return Survey(n_units, COLUMNS, schema, digest_of(source), stamps)
    parquet = _parquet_schema(source) if source.format.kind == "parquet" else None
    n_units = n_good = 0
    first_bad: Entry | None = None
    columns: dict[str, None] = {}
    inferred = _Inferred(source) if with_schema and parquet is None else None
    for unit in source.units():
        n_units += 1
        assert isinstance(unit, Entry)
        if unit.row is None:
            if strict:
                raise InputError(f"{source.path}{unit.place}: {unit.reason}")
            first_bad = first_bad or unit
            continue
        n_good += 1
        columns.update(dict.fromkeys(unit.row))
        if len(columns) > MAX_COLUMNS:
            raise InputError(
                f"{source.path}{unit.place}: more than {MAX_COLUMNS:,} different columns; expected at most so many."
            )
        row = {name: unit.row[name] for name in kept if name in unit.row} if kept else unit.row
        if inferred:
            inferred.add(row)
        if max_cell:
            _check_cells(row, unit.place, max_cell, source)
    if not n_good:
        if first_bad is None:
            raise InputError(f"{source.path}: no row after the header; expected a sentence a row.")
        raise InputError(
            f"{source.path}: none of its {n_units:,} rows can be predicted. The first: {source.path}{first_bad.place}: "
            f"{first_bad.reason}"
        )
    typed = [name for name in columns if not kept or name in kept]
    schema = parquet if parquet is not None else inferred.schema(typed) if inferred else None
    return Survey(n_units, tuple(columns), schema, digest_of(source), stamps)


def _check_cells(row: Row, place: str, max_cell: int, source: Source) -> None:
    for name, value in row.items():
        text = cell_text(value)
        if len(text) <= max_cell // LONGEST_ESCAPE or (n_characters := len(escaped(text))) <= max_cell:
            continue
        how = "" if text == value and n_characters == len(text) else " as it is written"
        raise InputError(
            f"{source.path}{place}: '{name}' has {n_characters:,} characters{how}; a cell of a sheet holds {max_cell:,}. "
            "Write .csv, .jsonl or .parquet, or leave the column out with --columns."
        )


def file_stamps(source: Source) -> tuple[tuple[int, int], ...]:
    """Sizes and times of change of the input's files."""
    found = [path.stat() for path in source.files()]
    return tuple((status.st_size, status.st_mtime_ns) for status in found)


def digest_of(source: Source) -> str:
    """sha256 over the bytes of the input; of a folder over its files' names and bytes."""
    digest = hashlib.sha256()
    for path in source.files():
        if source.kind != "rows":
            digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


class _Inferred:
    """The arrow types of rows that are dictionaries, batch by batch."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows: list[Row] = []
        self._found: Any = None

    def add(self, row: Row) -> None:
        self._rows.append(row)
        if len(self._rows) == _INFERRED_AT_ONCE:
            self._infer()

    def schema(self, columns: Sequence[str]) -> Any:
        """The schema over all rows, columns in order. Raises InputError for a column of several types."""
        import pyarrow as pa

        self._infer()
        # A column that is empty everywhere is one of texts, as far as anybody knows.
        fields = [self._found.field(name) for name in columns]
        if empty := next((field.name for field in fields if _holds(field.type, _is_empty_struct)), None):
            raise InputError(
                f"{self._source.path}: the column '{empty}' holds objects without a key ({{}}), which have no place in "
                ".parquet. Write .jsonl, or leave the column out with --columns."
            )
        return pa.schema([pa.field(f.name, pa.string()) if pa.types.is_null(f.type) else f for f in fields])

    def _infer(self) -> None:
        import pyarrow as pa

        names = dict.fromkeys(name for row in self._rows for name in row)
        try:
            found = pa.schema([(name, pa.array([row.get(name) for row in self._rows]).type) for name in names])
            before = [self._found] if self._found is not None else []
            self._found = pa.unify_schemas([*before, found], promote_options="permissive")
        except (pa.ArrowException, OverflowError) as error:
            raise InputError(
                f"{self._source.path}: its columns have no one type, as parquet needs ({error}). Write .jsonl, or leave the "
                "column out with --columns."
            ) from error
        self._rows = []


def _holds(kind: Any, is_such: Callable[[Any], bool]) -> bool:
    """Whether an arrow type, or one that it is made of, is such a one."""
    return is_such(kind) or any(_holds(kind.field(at).type, is_such) for at in range(kind.num_fields))


def _is_empty_struct(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_struct(kind)) and not kind.num_fields


def _parquet_schema(source: Source) -> Any:
    schema = read_schema(source.path)
    check_schema(schema, TextColumn(source.text_column, HINT), source.path)
    return schema.with_metadata({key: value for key, value in (schema.metadata or {}).items() if key not in _STALE})


def _pages_schema() -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.int64() if name in ("start", "end") else pa.string()) for name in COLUMNS])


def _dataset_entries(folder: Path) -> Iterator[Entry]:
    """The rows of a dataset folder, split after split; labelled sentences are few enough to be read at once."""
    from detente.dataset import read_dataset
    from detente.prediction.columns import example_columns

    number = 0
    for split, rows in read_dataset(folder).splits.items():
        for example in rows:
            number += 1
            yield Entry(number, f" row {number}", {**example_columns(example), "fold": example.fold, "split": split})


def kept_columns(found: Sequence[str], wanted: Sequence[str], name: str) -> tuple[str, ...]:
    """The input's columns that go into the output. Raises UsageError for one that is not there."""
    from detente.errors import near_miss

    missing = [column for column in wanted if column not in found]
    if missing:
        raise UsageError(
            f"--columns: {name} has no column '{missing[0]}'; it has {listed(found)}.{near_miss(missing[0], found)}"
        )
    return tuple(column for column in found if column in wanted) if wanted else tuple(found)
