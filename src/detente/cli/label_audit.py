"""`detente label audit`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say


@click.command("audit", short_help="A labelled audit sample, to correct predicted shares with.")
@click.argument("sample", type=click.Path(path_type=Path))
@click.argument("annotations", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Where to write: .jsonl.")
@click.option("--allow-unlabelled", is_flag=True, help="Write sentences without a label too, with null.")
def command(sample: Path, annotations: Path, out: Path, allow_unlabelled: bool) -> None:
    """The sentences of SAMPLE (what `label export --audit` wrote) with the labels that ANNOTATIONS decide.

    Each row has sentence_id, article_id, text, inclusion_prob, design, stratum and a column a task. A sentence that nobody
    labelled is an error, since leaving it out would bend what the audit says of the corpus.

    \b
    Example:
      detente label export predictions.parquet --audit 400 -o audit.xlsx
      detente label import audit.xlsx --annotator an -o audit-annotations.jsonl
      detente label audit audit.xlsx audit-annotations.jsonl -o audit.jsonl
    """
    from detente.dataset.labelling.audit import write_audit

    rows, n_unlabelled = write_audit(sample, annotations, out, allow_unlabelled=allow_unlabelled)
    unlabelled = f", {n_unlabelled} without a label" if n_unlabelled else ""
    say(f"{out}: {len(rows)} sentences of a {rows[0].design} random sample{unlabelled}")
