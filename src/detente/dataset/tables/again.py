"""The sentences of a table that a dataset was built from, read again as they were read then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from detente.articles.tables import words_in
from detente.articles.told import PageOptions
from detente.dataset.tables.options import TableFacts, TableOptions
from detente.dataset.tables.reading import SentenceRow, check_columns, read_tables, sentence_rows, table_files


def read_again(paths: Sequence[Path], pages: PageOptions, facts: TableFacts) -> Iterator[SentenceRow]:
    """The rows with a text; of a folder the files that the dataset was built from, if it holds some of them.

    Raises InputError for a column that is not there.
    """
    files = table_files(paths)
    files = [file for file in files if file.name in facts.files] or files
    options = TableOptions(
        id_column=facts.id_column, article_column=facts.article_column, annotator_column=facts.annotator_column
    )
    several = len(facts.files) > 1
    for table in read_tables(files, by_name=False):
        check_columns(table, pages.text_column, options, ())
        for row in sentence_rows(table, pages.text_column, options, f"{table.stem}-" if several else ""):
            if isinstance(row, SentenceRow):
                yield row


def title_in(row: SentenceRow, pages: PageOptions) -> str | None:
    """The title of the article of a row, where the table has one beside the sentence."""
    return words_in(row.cells, pages.title_column) if pages.title_column != pages.text_column else None
