"""`detente compare`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say


@click.command("compare", short_help="Compare runs on their stored predictions.")
@click.argument("runs", nargs=-1, required=True, metavar="RUN RUN [RUN]...")
@click.option("--task", help="Of joint runs: the task to compare.")
@click.option(
    "--family", type=click.Choice(["first", "all"]), help="Each run with the first, or all pairs; compare.yaml decides."
)
@click.option("--level", type=float, help="Claim a difference at this corrected p; compare.yaml decides.")
@click.option("--allow-different-data", is_flag=True, help="Compare on shared sentences runs on other data or folds.")
@click.option(
    "--no-record", is_flag=True, help="Write nothing back to MLflow, nor ask it for runs in folders that it does not know."
)
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Write the whole report, with the sentences: .md, .json or .html."
)
def command(
    runs: tuple[str, ...],
    task: str | None,
    family: str | None,
    level: float | None,
    allow_different_data: bool,
    no_record: bool,
    out: Path | None,
) -> None:
    """Compare RUNs, folders of `detente train` or MLflow run ids, on their stored predictions.

    Differences of pooled macro-F1 with intervals over groups, an exchange test corrected for the family, the best one's score
    corrected for having been chosen, and the sentences on which runs differ. What the groups cannot bear is called not
    testable. Runs of one configuration with other random seeds count as one.

    \b
    Example:
      detente compare runs/1f3a5c7e9b2d4f60 runs/8c0de2b4a6f81357
      detente compare --family all --out comparison.html 3a0a27e2e70d4f81bf7a123bbe11c112 RUN RUN
    """
    from dataclasses import replace

    from detente.config import load_config
    from detente.evaluation.comparison_report import comparison_report
    from detente.evaluation.markdown import markdown
    from detente.tracking.comparing import compare_runs, record_comparison
    from detente.tracking.comparison_file import check_comparison_file, write_comparison

    if out is not None:
        check_comparison_file(runs, out)
    options = load_config("compare")
    options = replace(options, family=family or options.family, level=options.level if level is None else level)
    comparison = compare_runs(runs, options, task=task, allow_different_data=allow_different_data, known=not no_record)
    print(markdown(comparison_report(comparison.compared, sentences=False)))
    if out is not None:
        write_comparison(comparison, runs, out)
        say(f"written: {out}")
    if not no_record and (n_runs := record_comparison(comparison)):
        say(f"recorded in MLflow: difference and verdict on {n_runs} run{'s' * (n_runs != 1)}, comparison.md on all")
