"""`detente rebuild`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say


@click.command("rebuild", short_help="Put the text back into a dataset published without it.")
@click.argument("published", type=click.Path(path_type=Path))
@click.argument("articles", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The dataset folder to write.")
@click.option("--text-column", default="text", show_default=True, help="The column of a table that holds the article.")
def command(published: Path, articles: Path, out: Path, text_column: str) -> None:
    """Put the text of ARTICLES (a folder of pages, or a table) back into PUBLISHED.

    The hash of every page and every sentence is checked; rows and digest are those of the dataset that was published.

    \b
    Example:
      detente rebuild mine-1.0.0 pages -o datasets/mine
    """
    from detente.dataset.publishing import rebuild_dataset

    dataset = rebuild_dataset(published, articles, out, text_column=text_column, say=say)
    say(f"{out}: {len(dataset.rows)} rows, digest {dataset.digest} as published")
    print(out)
