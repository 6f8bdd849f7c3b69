"""`detente label export`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from detente.cli import say
from detente.cli.pages import page_columns
from detente.cli.ranges import SAMPLE, SEED, VERSION

_FREE = click.Choice(["relation", "voice", "holder", "target"])
_AUDIT_DESIGNS = ("simple", "clustered", "stratified")


@click.command("export", short_help="Sentences to label, for Label Studio or a spreadsheet.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help=".json (Label Studio), .csv, .xlsx, .jsonl.")
@click.option("--sample", type=SAMPLE, metavar="N", help="N sentences at random, with their inclusion_prob.")
@click.option("--audit", type=SAMPLE, metavar="N", help="N sentences of the whole corpus, by a stated --design.")
@click.option("--design", type=click.Choice(_AUDIT_DESIGNS), help="Of --audit; clustered: N whole articles. [simple]")
@click.option("--strata", default="", metavar="COLUMN", help="The column of a file that a stratified audit goes by.")
@click.option("--seed", default=0, show_default=True, type=SEED, help="Of the sample.")
@click.option("--disputed", is_flag=True, help="Only sentences on which annotators differ, with every label, to be decided.")
@click.option("--annotations", type=click.Path(path_type=Path), help="Readings there are: what they cover is left out.")
@click.option("--annotator", default="", metavar="NAME", help="Leave out only what NAME has read; the sheets are NAME's.")
@click.option("--guideline-version", type=VERSION, help="Written into every row. [the guideline's of stance, else 1]")
@click.option("--task", "tasks", multiple=True, metavar="TASK", help="Ask for this task only; repeatable. [all known]")
@click.option("--with", "free", multiple=True, type=_FREE, help="Ask for an optional column too; repeatable.")
@click.option(
    "--bad-page", default="skip", show_default=True, type=click.Choice(["error", "skip"]), help="Pages without article."
)
@click.option("--text-column", default="text", show_default=True, help="Of a file: the sentence, or the article, of a row.")
@page_columns()
@click.option("--overwrite", is_flag=True, help="Replace OUT, which may hold labels.")
def command(source: Path, out: Path, **options: Any) -> None:
    """Sentences of SOURCE to label: all, or a sample.

    SOURCE is what build reads (a folder of pages and tables, or one table with an article a row), a dataset folder, or a file
    of sentences: .csv, .jsonl or .parquet with sentence_id, article_id and text, as predictions over a corpus are.

    \b
    Example:
      detente label export pages -o tasks.json
      detente label export pages --sample 300 --seed 1 --annotations annotations.jsonl -o more.xlsx
      detente label export predictions.parquet --audit 400 --design stratified --strata stance_pred -o audit.csv
      detente label export pages --disputed --annotations annotations.jsonl -o decide.xlsx
    """
    from detente.dataset.labelling.exporting import ExportOptions, export_sentences

    say(export_sentences(source, out, ExportOptions(**options), say))
