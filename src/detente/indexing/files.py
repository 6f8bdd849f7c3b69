"""An index as a file: .parquet, .csv or .jsonl, a figure a row."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from detente.atomic import new_file, write_bytes, write_text
from detente.dataset.labelling.sheets import guarded
from detente.errors import InputError, UsageError
from detente.indexing.index import IndexRow, StanceIndex
from detente.indexing.options import IndexOptions
from detente.indexing.picture import is_index_picture
from detente.outputs import check_outputs

ENDINGS = (".parquet", ".csv", ".jsonl")


def check_ending(out: Path) -> None:
    """Raise UsageError for a file that an index is not written to."""
    if out.suffix not in ENDINGS:
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected {', '.join(ENDINGS)}.")


def check_index(predictions: Path, options: IndexOptions, out: Path, picture: Path | None = None) -> Path:
    """Check where an index is written, and return the place of its picture: that given, or beside the table.

    Raises UsageError for another ending, or an output that would overwrite what is read; InputError where no picture was asked
    for by name, and one that was not drawn here would be overwritten.
    """
    check_ending(out)
    place = picture or out.with_suffix(".png")
    if place.suffix != ".png":
        raise UsageError(f"{place}: unknown format '{place.suffix}'; expected .png.")
    check_outputs([predictions, options.audit, options.model, options.actors], files=[out, place])
    if picture is None and place.exists() and not is_index_picture(place):
        raise InputError(
            f"{place}: the index's picture goes there, and what is there was not drawn by `detente index`. It is left as it "
            "is; name a place with --picture (this one to replace it), or choose another output."
        )
    return place


def write_index(index: StanceIndex, out: Path) -> None:
    """Write the table in the format of its ending, whole or not at all.

    Raises UsageError for another ending, or where the table would overwrite what it was made of.
    """
    check_ending(out)
    check_outputs([index.source, index.options.audit, index.options.model, index.options.actors], files=[out])
    if out.suffix == ".parquet":
        _write_parquet(index, out)
    elif out.suffix == ".csv":
        _write_csv(index, out)
    else:
        rows = ({**row, "start": row["start"] and row["start"].isoformat()} for row in index.records())
        write_text(out, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def write_picture(index: StanceIndex, drawn: bytes, out: Path) -> None:
    """Write what ``index_picture`` drew, whole or not at all. Raises UsageError where it would overwrite what is read."""
    check_outputs([index.source, index.options.audit, index.options.model, index.options.actors], files=[out])
    write_bytes(out, drawn)


def _write_parquet(index: StanceIndex, out: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_(), "date": pa.date32()}
    types = {f.name: kinds[str(f.type).removesuffix(" | None")] for f in fields(IndexRow)}
    columns = {name: [getattr(row, name) for row in index.rows] for name in index.columns}
    with new_file(out) as temporary:
        pq.write_table(pa.table(columns, schema=pa.schema([(name, types[name]) for name in columns])), temporary)


def _write_csv(index: StanceIndex, out: Path) -> None:
    with new_file(out) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, index.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in index.records())


def _cell(value: Any) -> Any:
    """Names come from the corpus, and no spreadsheet is to compute them."""
    if isinstance(value, date):
        return value.isoformat()
    return guarded(value) if isinstance(value, str) and not value[:1].isdigit() else value
