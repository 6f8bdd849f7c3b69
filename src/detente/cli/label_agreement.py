"""`detente label agreement`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say
from detente.cli.ranges import COUNT
from detente.cli.tables import print_table


@click.command("agreement", short_help="How far annotators agree.")
@click.argument("annotations", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it, by rule too: .json or .md.")
@click.option("--split", default="", help="Of a dataset folder this split alone: train, validation or test.")
@click.option("--disputes", default=10, show_default=True, type=COUNT, help="Sentences most in dispute.")
def command(annotations: Path | None, out: Path | None, split: str, disputes: int) -> None:
    """Agreement of the annotators of ANNOTATIONS (a file or a dataset folder; default: the seeds'), overall and by rule.

    Raw agreement, Cohen's kappa of each pair, and Krippendorff's alpha, nominal and ordinal, with intervals over groups of
    articles: the page, or in a dataset folder its groups.

    \b
    Example:
      detente label agreement
      detente label agreement annotations.jsonl -o agreement.md
    """
    from detente.dataset.agreement_page import annotations_page, intervals_line

    page = annotations_page(annotations, out, disputes, split)
    print(f"{page.caution}\n{intervals_line(page.rows)}")
    for title, table in page.tables().items():
        print(f"\n{title}\n")
        print_table(table)
    if page.disputes:
        print("\nSentences most in dispute\n")
        print("\n\n".join(page.disputed()))
    if out is not None:
        say(f"{out}: written")
