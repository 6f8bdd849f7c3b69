"""Parquet, a batch in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import InputError
from detente.rows.entries import Entry, Row, TextColumn, check_columns

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 1024
_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


def read_parquet(path: Path, wanted: TextColumn) -> Iterator[Entry]:
    """The rows of a file. Raises InputError for a damaged one, and for columns that are not what is wanted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            check_schema(file.schema_arrow, wanted, path)
            names = file.schema_arrow.names
            for batch in file.iter_batches(_BATCH):
                for row in _rows(batch, names, path):
                    number += 1
                    yield Entry(number, f" row {number}", row)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file ({error}). Copy or write it again.") from error


def check_schema(schema: pa.Schema, wanted: TextColumn, path: Path) -> None:
    """Raise InputError unless the names are different and the text column, if one is wanted, holds strings."""
    import pyarrow.types as types

    check_columns(schema.names, wanted, str(path))
    if not wanted.name:
        return
    found = schema.field(wanted.name).type
    plain = found.value_type if types.is_dictionary(found) else found
    if not (types.is_string(plain) or types.is_large_string(plain) or types.is_string_view(plain) or types.is_null(plain)):
        hint = f" {wanted.hint}" if wanted.hint else ""
        raise InputError(f"{path}: the column '{wanted.name}' holds {found}; expected strings.{hint}")


def read_schema(path: Path) -> pa.Schema:
    """The schema of a file. Raises InputError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: not a readable parquet file ({error}). Copy or write it again.") from error


def _rows(batch: pa.RecordBatch, names: Sequence[str], path: Path) -> list[Row]:
    try:
        rows: list[Row] = batch.to_pylist()
        return rows
    except (OverflowError, ValueError):
        columns = [_values(column, name, path) for name, column in zip(names, batch.columns, strict=True)]
        return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _values(column: pa.Array[Any], name: str, path: Path) -> list[Any]:
    """A column's values; as text those that Python has no value for, such as the year 10000 or nanoseconds."""
    try:
        values: list[Any] = column.to_pylist()
        return values
    except (OverflowError, ValueError):
        return [_value(scalar, name, path) for scalar in column]


def _value(scalar: pa.Scalar[Any], name: str, path: Path) -> Any:
    import pyarrow as pa

    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        pass
    try:
        return _ZONE.sub(r"\1:\2", str(scalar.cast(pa.string()).as_py()).replace(" ", "T", 1))
    except (pa.ArrowException, OverflowError, ValueError) as error:
        raise InputError(
            f"{path}: the column '{name}' holds a value that cannot be read ({error}). Write it as text."
        ) from error
