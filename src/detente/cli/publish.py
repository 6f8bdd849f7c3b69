"""`detente publish`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say


@click.command("publish", short_help="A dataset as it is given to others, with or without its text.")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The folder to publish.")
@click.option("--without-text", is_flag=True, help="Ids, offsets, labels and hashes, no text of the articles.")
def command(dataset: Path, out: Path, without_text: bool) -> None:
    """Check DATASET and copy it to OUT, whole or without the text of its articles.

    Without text each sentence and each page has its sha256 instead; titles, dropped lines and annotators' notes go too. Whoever
    has the articles gets the very dataset back with `detente rebuild`.

    \b
    Example:
      detente publish datasets/mine -o mine-1.0.0 --without-text
    """
    from detente.dataset.publishing import publish_dataset

    print(publish_dataset(dataset, out, without_text=without_text, say=say))
