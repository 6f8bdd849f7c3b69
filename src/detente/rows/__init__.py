"""The one reader of rows: csv, tsv, jsonl, txt, parquet and xlsx, also compressed, one row in memory.

What is wrong with a row is the row's: it comes with its place and the reason, and the next one is read. What is wrong with the
file is an error: what it is, its encoding, its header, its compression.
"""

from detente.rows.entries import (
    MAX_COLUMNS,
    MAX_LINE,
    Entry,
    Row,
    TextColumn,
    has_text,
    listed,
    missing_column,
)
from detente.rows.folders import COMPLETE, ENDINGS, PARTS, row_files
from detente.rows.reading import check_file, check_regular, columns_of, entries_of, read_each, read_entries

__all__ = [
    "COMPLETE",
    "ENDINGS",
    "MAX_COLUMNS",
    "MAX_LINE",
    "PARTS",
    "Entry",
    "Row",
    "TextColumn",
    "check_file",
    "check_regular",
    "columns_of",
    "entries_of",
    "has_text",
    "listed",
    "missing_column",
    "read_each",
    "read_entries",
    "row_files",
]
