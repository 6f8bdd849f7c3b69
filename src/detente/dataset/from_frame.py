"""A table in memory (pandas, datasets), or in files, → a dataset, from Python."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from detente.dataset.build import BuildOptions, DataOptions, build_dataset, build_from_tables, takes_names
from detente.dataset.folder import LabelledDataset
from detente.dataset.splits import SplitOptions
from detente.dataset.tables.cells import SPLITS
from detente.dataset.tables.reading import Table, check_named
from detente.errors import InputError, UsageError, near_miss
from detente.rows import Entry

_BUILD = ("articles", "annotations", "stale_labels", "sentences")
"""Options of a build that a table has no use for, or that are its first argument."""


def build_table(
    table: Any,
    name: str = "sentences",
    *,
    split: SplitOptions | None = None,
    out: str | Path = "",
    version: str = "1.0.0",
    say: Callable[[str], None] = lambda line: None,
    **columns: Any,
) -> LabelledDataset:
    """Build a dataset of labelled sentences: a pandas DataFrame, a ``datasets.Dataset`` or ``DatasetDict``, or files.

    ``columns`` are the options of ``DataOptions`` that speak of a table: ``text_column``, ``labels``, ``values``,
    ``split_column`` and the others. The names of a DatasetDict's parts are the splits, if all are. What is built, written and
    raised is as with ``detente build data=table``; UsageError also for an option that is not known.
    """
    names = [field.name for field in dataclasses.fields(DataOptions) if field.name not in (*_BUILD, "name")]
    if unknown := next((each for each in columns if each not in names), None):
        raise UsageError(f"build_table: unknown option '{unknown}'; expected {', '.join(names)}.{near_miss(unknown, names)}")
    options = BuildOptions(DataOptions(name, **columns), split or SplitOptions(), str(out), version)
    if isinstance(table, str | Path) or (isinstance(table, Sequence) and not hasattr(table, "column_names")):
        return build_dataset(dataclasses.replace(options, data=dataclasses.replace(options.data, sentences=table)), say)
    return build_from_tables(_tables(table, by_name=takes_names(options)), options, say)


def _tables(table: Any, *, by_name: bool) -> list[Table]:
    if isinstance(table, Mapping) and table:
        splits = {str(name): SPLITS.get(str(name).casefold(), "") if by_name else "" for name in table}
        check_named(splits)
        return [_of_dataset(part, str(name), splits[str(name)]) for name, part in table.items()]
    if getattr(table, "column_names", None) and hasattr(table, "features"):
        return [_of_dataset(table, "dataset", "")]
    if hasattr(table, "columns") and hasattr(table, "to_dict"):
        whole = table.astype(object).where(table.notna(), None)
        rows = [{str(name): cell for name, cell in row.items()} for row in whole.to_dict("records")]
        return [Table("DataFrame", "DataFrame", tuple(map(str, table.columns)), lambda: _entries(rows))]
    raise InputError(f"build_table: expected a DataFrame, a datasets.Dataset or files, got {type(table).__name__}.")


def _of_dataset(part: Any, name: str, split: str) -> Table:
    """A part of a dataset of Hugging Face's; numbers of classes are read as the names of these."""
    named = {column: feature for column, feature in part.features.items() if hasattr(feature, "int2str")}

    def row(cells: Mapping[str, Any]) -> dict[str, Any]:
        own = {
            column: feature.int2str(cells[column]) if cells[column] is not None and cells[column] >= 0 else None
            for column, feature in named.items()
        }
        return {**cells, **own}

    return Table(name, "Dataset", tuple(part.column_names), lambda: _entries(map(row, part)), split=split)


def _entries(rows: Iterable[dict[str, Any]]) -> Iterator[Entry]:
    return (Entry(number, f" row {number}", row) for number, row in enumerate(rows, start=1))
