"""`detente label agreement`."""

from __future__ import annotations

from pathlib import Path

import click

from detente import places
from detente.cli import say
from detente.cli.ranges import COUNT
from detente.cli.tables import print_table
from detente.errors import UsageError


@click.command("agreement", short_help="How far annotators agree.")
@click.argument("annotations", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Write all of it, by rule too: .json or .md.")
@click.option("--disputes", default=10, show_default=True, type=COUNT, help="Sentences most in dispute.")
def command(annotations: Path | None, out: Path | None, disputes: int) -> None:
    """Agreement of the annotators of ANNOTATIONS (a file or a dataset folder; default: the seeds'), overall and by rule.

    Raw agreement, Cohen's kappa of each pair, and Krippendorff's alpha, nominal and ordinal, with intervals over groups of
    articles: the page, or in a dataset folder its groups.

    \b
    Example:
      detente label agreement
      detente label agreement annotations.jsonl -o agreement.md
    """
    from detente.atomic import write_text
    from detente.dataset import read_annotations, read_dataset
    from detente.dataset.agreement_page import agreement_page, intervals_line
    from detente.outputs import check_outputs

    if out is not None and out.suffix not in (".json", ".md"):
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected .json or .md.")
    if out is not None:
        check_outputs([annotations], files=[out])
    groups: dict[str, str] | None = None
    if annotations is not None and annotations.is_dir():
        dataset = read_dataset(annotations)
        readings, groups = dataset.readings, {row.sentence_id: row.group_id for row in dataset.rows}
    else:
        readings = read_annotations(annotations or places.SEEDS / "annotations.jsonl")
    page = agreement_page(readings, groups, disputes)
    print(f"{page.caution}\n{intervals_line(page.rows)}")
    for title, table in page.tables().items():
        print(f"\n{title}\n")
        print_table(table)
    if page.disputes:
        print("\nSentences most in dispute\n")
        print("\n\n".join(page.disputed()))
    if out is not None:
        write_text(out, page.json() if out.suffix == ".json" else page.markdown())
        say(f"{out}: written")
