"""`detente label import`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from detente.cli import say
from detente.cli.labelled_files import say_counts, source_texts, user_names
from detente.cli.pages import page_columns
from detente.cli.ranges import VERSION


@click.command("import", short_help="Labels from Label Studio or a spreadsheet into annotations.jsonl.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--out", default="annotations.jsonl", show_default=True, type=click.Path(path_type=Path), help="Added to.")
@click.option("--annotator", default="", metavar="NAME", help="Who labelled, where the file does not say.")
@click.option("--annotator-kind", default="human", show_default=True, type=click.Choice(["human", "machine"]))
@click.option("--guideline-version", type=VERSION, help="For rows that name none.")
@click.option("--users", type=click.Path(path_type=Path), help="Names of annotator ids: Label Studio's /api/users/, or a map.")
@click.option("--user", multiple=True, metavar="ID=NAME", help="The name of one annotator id; repeatable.")
@click.option(
    "--task",
    "tasks",
    multiple=True,
    metavar="TASK",
    help="A column that must be there. [one, with those of its guideline]",
)
@click.option("--leave-out", multiple=True, metavar="COLUMN", help="A column of yours that is no task's; repeatable.")
@click.option("--source", type=click.Path(path_type=Path), help="Compare every text with its sentence there.")
@click.option("--text-column", default="text", show_default=True, help="Of a table as --source: the sentence, or the article.")
@page_columns()
@click.option("--on-conflict", default="refuse", show_default=True, type=click.Choice(["refuse", "keep", "replace"]))
def command(
    files: Sequence[Path],
    out: Path,
    annotator: str,
    annotator_kind: str,
    guideline_version: int | None,
    users: Path | None,
    user: Sequence[str],
    tasks: Sequence[str],
    leave_out: Sequence[str],
    source: Path | None,
    on_conflict: str,
    **columns: str,
) -> None:
    """Labels of FILES (Label Studio's JSON or JSON_MIN, .csv, .xlsx, .jsonl) into a file of annotations.

    All problems of all files are told at once, and then nothing is written. Rows without a label are counted and passed over.
    Importing a file again changes nothing. A reading that is there already and says something else is a conflict:
    --on-conflict keep or replace decides it.

    \b
    Example:
      detente label import an.xlsx --annotator an
      detente label import export.json --users users.json --source pages
    """
    from detente.dataset.labelling.importing import ImportOptions, check_label_file
    from detente.dataset.labelling.merging import import_labels
    from detente.outputs import check_outputs

    check_outputs([*files, users, source], files=[out])
    for path in files:
        check_label_file(path)
    options = ImportOptions(
        annotator=annotator,
        annotator_kind=annotator_kind,
        guideline_version=guideline_version,
        names=user_names(users, user),
        tasks=tuple(tasks),
        leave_out=tuple(leave_out),
        texts=source_texts(source, **columns),
    )
    merged, parsed = import_labels(files, out, options, on_conflict)
    say_counts(parsed, "; compare them with --source")
    kept = f", {merged.n_kept} kept as they were" if merged.n_kept else ""
    replaced = f", {merged.n_replaced} replaced" if merged.n_replaced else ""
    same = f", {merged.n_same} there already" if merged.n_same else ""
    say(f"{out}: {merged.n_new} new readings{same}{kept}{replaced}; {len(merged.readings)} in all")
