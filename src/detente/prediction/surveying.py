"""One reading of the whole input before the first prediction: digest, columns, types, and what the output cannot hold."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from detente.errors import ArticleError, InputError
from detente.prediction.pages import COLUMNS, PageUnit
from detente.prediction.rows import LOOKED_AT, are_articles
from detente.prediction.sources import ARTICLES, HINT, Source, Survey, file_stamps, kept_columns
from detente.prediction.writing import cell_text
from detente.rows import MAX_COLUMNS, Entry, Row, TextColumn, listed
from detente.rows.parquet import check_schema, read_schema
from detente.rows.sheet import LONGEST_ESCAPE, MAX_CELL, MAX_ROWS, escaped, other_sheets

_INFERRED_AT_ONCE = 2048
_SHOWN = 60
_STALE = (b"pandas", b"huggingface")  # They describe the input's columns, and the output has more.


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
    kept = kept_columns(found.columns, columns, source.name)
    if kind == "xlsx":
        _check_names(kept, source)
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
        n_units = _check_pages(source, kept, max_cell) if max_cell else sum(1 for _ in source.units())
        return Survey(n_units, COLUMNS, _pages_schema() if with_schema else None, digest_of(source), stamps)
    parquet = _parquet_schema(source) if source.format.kind == "parquet" else None
    n_units = n_good = 0
    first_bad: Entry | None = None
    columns: dict[str, None] = {}
    texts: list[str] = []
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
        if n_good <= LOOKED_AT:
            texts.append(unit.row[source.text_column])
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
    note = "\n".join(filter(None, [_articles_note(texts, source), _sheets_note(source)])) if source.kind == "rows" else ""
    return Survey(n_units, tuple(columns), schema, digest_of(source), stamps, note)


def _check_names(names: Sequence[str], source: Source) -> None:
    for name in names:
        if len(name) > MAX_CELL // LONGEST_ESCAPE and (n_characters := len(escaped(name))) > MAX_CELL:
            raise InputError(
                f"{source.path}: the name of a column, '{name[:_SHOWN]}...', has {n_characters:,} characters; a cell of a "
                f"sheet holds {MAX_CELL:,}. Write .csv, .jsonl or .parquet, or leave the column out with --columns."
            )


def _check_pages(source: Source, kept: Sequence[str], max_cell: int) -> int:
    """Read all pages for their cells; how many there are. Those without a sentence are rejected when they are predicted."""
    n_units = n_rows = 0
    for unit in source.units():
        n_units += 1
        assert isinstance(unit, PageUnit)
        try:
            rows = unit.rows()
        except ArticleError:
            continue
        n_rows += len(rows)
        for row in rows:
            cells = {name: value for name, value in row.items() if not kept or name in kept}
            _check_cells(cells, f": {row['sentence_id']}", max_cell, source)
    if n_rows > MAX_ROWS:
        raise InputError(f"{source.path}: {n_rows:,} sentences; a sheet holds {MAX_ROWS:,}. Write .csv, .jsonl or .parquet.")
    return n_units


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


def _articles_note(texts: Sequence[str], source: Source) -> str:
    """What is said where rows look like whole articles."""
    if not are_articles(texts, is_text=source.format.kind == "txt"):
        return ""
    what = "the lines of an article" if source.format.kind == "txt" else f"whole articles in '{source.text_column}'"
    return (
        f"note: {source.name} seems to hold {what}, and every row is predicted as one sentence; to have the sentences "
        "predicted, say --format articles"
    )


def _sheets_note(source: Source) -> str:
    """What is said where a book has more sheets than the one that is read."""
    others = other_sheets(source.path) if source.format.kind == "xlsx" else []
    return f"note: {source.name} has other sheets, which are not read: {listed(others)}" if others else ""


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
