"""`detente index`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.tables import print_table

if TYPE_CHECKING:
    from detente.indexing import IndexRow, StanceIndex

_GROUPS_PRINTED = 20


@click.command("index", short_help="Stance by day, outlet or actor from predictions.")
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", default="index.parquet", show_default=True, type=click.Path(path_type=Path), help=".parquet, .csv or .jsonl."
)
@click.option("--by", default="month", show_default=True, type=click.Choice(["day", "week", "month"]))
@click.option("--group", default="none", show_default=True, type=click.Choice(["outlet", "actor", "none"]))
@click.option("--task", default="", metavar="TASK", help="Of predictions of several tasks. [the only one]")
@click.option(
    "--copies",
    default="count",
    show_default=True,
    type=click.Choice(["count", "once", "share"]),
    help="Equal sentences: each counts; once a period (and outlet); 1 / their number in the period.",
)
@click.option("--audit", type=click.Path(path_type=Path), help="What `detente label audit` wrote: correct by it.")
@click.option("--allow-unlabelled", is_flag=True, help="Leave out audited sentences without a label, and count them.")
@click.option(
    "--model", metavar="MODEL", help="What predicted, as `predict` names it: refuse audited sentences that it was trained on."
)
@click.option("--actors", type=click.Path(path_type=Path), help="Another list of actors than the seeds'.")
@click.option("--picture", type=click.Path(path_type=Path), help="The time lines. [OUT with the ending .png]")
@click.option("--date-column", default="date", show_default=True)
@click.option("--outlet-column", default="outlet", show_default=True)
@click.option("--text-column", default="text", show_default=True)
def command(predictions: Path, out: Path, picture: Path | None, model: str | None, **options: Any) -> None:
    """Shares of the labels and mean direction a period and group, from PREDICTIONS of `detente predict`.

    PREDICTIONS is a .csv, .jsonl (.gz too) or .parquet file, or a folder of parts. Of stance, direction_all is (dialogue -
    escalation) / all, direction_decided (dialogue - escalation) / (dialogue + escalation); of another task it is between the
    poles that the model was trained with, and a task without poles has shares alone. Without an audit every figure is called
    uncorrected: it has the classifier's errors in it. With one, the same is given corrected, by inverse-probability weights
    (Hájek's mean), with a 95 % interval over articles where at least 30 sentences of 10 articles were audited.

    \b
    Example:
      detente index predictions.parquet --by week --group outlet -o index.parquet
      detente label export predictions.parquet --audit 400 -o audit.xlsx
      detente label import audit.xlsx --annotator an -o audit-annotations.jsonl
      detente label audit audit.xlsx audit-annotations.jsonl -o audit.jsonl
      detente index predictions.parquet --audit audit.jsonl --by month --group actor -o index.csv
    """
    from detente.indexing import IndexOptions, stance_index
    from detente.indexing.files import check_index, write_index, write_picture
    from detente.indexing.picture import index_picture
    from detente.tracking import find_model

    chosen = IndexOptions(**options, model=find_model(model).folder if model else None)
    place = check_index(predictions, chosen, out, picture)
    index = stance_index(predictions, chosen)
    drawn = index_picture(index)
    write_index(index, out)
    write_picture(index, drawn, place)
    _print_totals(index)
    _say_counts(index)
    say(f"{out}: {len(index.rows)} figures; picture: {place}")


def _print_totals(index: StanceIndex) -> None:
    """The groups over all periods, and everything."""
    from detente.indexing.options import ALL

    totals: dict[str, dict[str, IndexRow]] = {}
    for row in index.rows:
        if row.period == ALL:
            totals.setdefault(row.group, {})[row.measure] = row
    largest = sorted(totals, key=lambda group: (group != ALL, -next(iter(totals[group].values())).n_sentences))
    kind = "uncorrected" if index.audit is None else "corrected (95 %)"
    names = list(totals[ALL])
    print_table(
        [
            [f"all periods, {kind}", "n", *names],
            *([group, str(totals[group][names[0]].n_sentences), *map(_shown, totals[group].values())] for group in largest),
        ][: 1 + _GROUPS_PRINTED]
    )
    if len(largest) > _GROUPS_PRINTED:
        say(f"and {len(largest) - _GROUPS_PRINTED} more groups in the table")


def _shown(row: IndexRow) -> str:
    few = " few" if row.few else ""
    if not row.correction:
        return "none" if row.uncorrected is None else f"{row.uncorrected:.3f}{few}"
    if row.corrected is None:
        return row.correction
    interval = f"{row.low:.2f} to {row.high:.2f}" if row.low is not None else row.correction
    return f"{row.corrected:.3f} ({interval}){few}"


def _say_counts(index: StanceIndex) -> None:
    """What is behind the figures, and what is not in them."""
    from detente.indexing.options import NO_DATE

    say(f"{index.n_rows} predictions")
    for note in index.notes:
        say(f"note: {note}")
    if index.n_undated:
        say(f"note: {index.n_undated} without a date that can be read, counted as the period {NO_DATE}")
    if index.n_unpredicted:
        say(f"note: {index.n_unpredicted} without a prediction, in no figure")
    if index.n_without_article:
        say(f"note: {index.n_without_article} without article_id, in no number of articles")
    if index.audit is None:
        say("uncorrected: the classifier's errors are in every figure; an audit (docs/index.md) corrects them")
        return
    say(f"corrected by {index.audit.n} sentences of a {index.audit.design} random sample, Hájek-weighted")
    if index.audit.n_unlabelled:
        say(f"note: {index.audit.n_unlabelled} audited sentences without a label are left out, as if they were like the rest")
    if not index.audit.is_human:
        say("note: labels of the audit are a machine's; what is corrected is the distance to that machine")
    if index.options.model is None:
        say("note: whether the model was trained on audited sentences was not checked; --model does it")
