"""`detente label adjudicate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from detente.cli import say
from detente.cli.labelled_files import say_counts
from detente.cli.ranges import VERSION


@click.command("adjudicate", short_help="Decide where annotators differ.")
@click.argument("annotations", type=click.Path(path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[DECISIONS]...")
@click.option("--agreed", is_flag=True, help="Decide the sentences on which all readings agree, too.")
@click.option(
    "--annotator-kind", default="human", show_default=True, type=click.Choice(["human", "machine"]), help="Who decided."
)
@click.option("--guideline-version", type=VERSION, help="For rows that name none.")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK",
    help="A column that must be there. [one, with those of its guideline]",
)
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="A column of yours that is no task's; repeatable.")
@click.option("--on-conflict", default="refuse", show_default=True, type=click.Choice(["refuse", "keep", "replace"]))
@click.option("--allow-open", is_flag=True, help="End well though some sentences are not decided yet.")
def command(
    annotations: Path,
    files: Sequence[Path],
    agreed: bool,
    annotator_kind: str,
    guideline_version: int | None,
    tasks: Sequence[str],
    leave_out: Sequence[str],
    on_conflict: str,
    allow_open: bool,
) -> int:
    """Write the decisions of the files DECISIONS into ANNOTATIONS as annotator 'adjudicated'; every reading is kept.

    A file of decisions is a sheet of `detente label export --disputed`, filled in; a task on which all readings agree may stay
    empty. What is open afterwards is listed on stdout, and the exit code is 1 unless --allow-open.

    \b
    Example:
      detente label export pages --disputed --annotations annotations.jsonl -o decide.xlsx
      detente label adjudicate annotations.jsonl decide.xlsx --agreed
    """
    from detente.dataset.labelling.adjudication import describe
    from detente.dataset.labelling.importing import ImportOptions
    from detente.dataset.labelling.merging import adjudicate

    options = ImportOptions(
        annotator_kind=annotator_kind, guideline_version=guideline_version, tasks=tuple(tasks), leave_out=tuple(leave_out)
    )
    decided = adjudicate(annotations, files, options, on_conflict, agreed=agreed)
    say_counts(decided.files)
    merged, still_open = decided.merged, decided.still_open
    replaced = f", {merged.n_replaced} replaced" if merged.n_replaced else ""
    say(f"{annotations}: {merged.n_new} new decisions, {decided.n_by_agreement} of them by agreement{replaced}")
    for case in still_open:
        print(f"{case.sentence_id}\t{' | '.join(describe(case).splitlines())}")
    if still_open:
        agreeing = sum(not case.disputed_tasks() for case in still_open)
        hint = f", {agreeing} of them without dispute (--agreed decides those)" if agreeing else ""
        say(f"{len(still_open)} sentences are not decided yet{hint}")
    return 1 if still_open and not allow_open else 0
