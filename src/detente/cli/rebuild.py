"""`detente rebuild`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say
from detente.cli.pages import page_columns


@click.command("rebuild", short_help="Put the text back into a dataset published without it.")
@click.argument("published", type=click.Path(path_type=Path))
@click.argument("articles", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The dataset folder to write.")
@click.option("--text-column", help="The column of a table that holds the article. [as it was built]")
@page_columns(None)
def command(published: Path, articles: Path, out: Path, **columns: str | None) -> None:
    """Put the text of ARTICLES (a folder of pages, or a table) back into PUBLISHED.

    Columns are those that the dataset was built with, unless one is named. The hash of every page and every sentence is
    checked; rows and digest are those of the dataset that was published.

    \b
    Example:
      detente rebuild mine-1.0.0 pages -o datasets/mine
    """
    from detente.dataset.publishing import rebuild_dataset

    dataset = rebuild_dataset(published, articles, out, say=say, **{name: given for name, given in columns.items() if given})
    say(f"{out}: {len(dataset.rows)} rows, digest {dataset.digest} as published")
    print(out)
