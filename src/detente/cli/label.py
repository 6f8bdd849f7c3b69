"""`detente label`."""

from __future__ import annotations

from pathlib import Path

import click

from detente import places
from detente.cli.tables import print_table
from detente.errors import AnnotationError


@click.group("label")
def command() -> None:
    """Work with annotations."""


@command.command("agreement")
@click.argument("annotations", type=click.Path(path_type=Path), required=False)
def agreement_command(annotations: Path | None) -> None:
    """Agreement of the annotators of ANNOTATIONS (default: the seeds'), overall and by the guideline's rule.

    \b
    Example:
      detente label agreement
    """
    from detente.dataset import read_annotations
    from detente.dataset.agreement import agreement

    readings = read_annotations(annotations or places.SEEDS / "annotations.jsonl")
    kinds = {reading.annotator_kind for reading in readings}
    rows = agreement(readings)
    if not rows:
        raise AnnotationError("only one annotator; agreement takes two that read the same sentences.")
    if kinds == {"machine"}:
        print("Consistency of machine readings: their errors correlate, this is no human ceiling.\n")
    table = [["task", "annotators", "rule", "sentences", "equal", "raw", "kappa"]]
    for row in rows:
        kappa = "not defined" if row.kappa is None else f"{row.kappa:.3f}"
        names = " / ".join(row.annotators)
        table.append([row.task, names, row.rule or "all", str(row.n), str(row.n_equal), f"{row.raw:.3f}", kappa])
    print_table(table)
