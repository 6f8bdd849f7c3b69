"""`detente compare`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from detente.cli import say
from detente.errors import UsageError

FORMATS = (".md", ".json", ".html")


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

    from detente import places
    from detente.atomic import write_text
    from detente.config import load_config
    from detente.evaluation.comparison_report import comparison_report
    from detente.evaluation.html import page
    from detente.evaluation.markdown import markdown
    from detente.outputs import check_outputs
    from detente.tracking.comparing import compare_runs, record_comparison
    from detente.tracking.store import ARTIFACTS

    if out is not None and out.suffix not in FORMATS:
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected {', '.join(FORMATS)}.")
    if out is not None:
        # A run that is named by its id may be any of those that lie here.
        folders = [path.parent for path in places.RUNS.glob("*/result.json")]
        check_outputs([path for path in (*map(Path, runs), *folders, ARTIFACTS) if path.exists()], files=[out])
    options = load_config("compare")
    options = replace(options, family=family or options.family, level=options.level if level is None else level)
    comparison = compare_runs(runs, options, task=task, allow_different_data=allow_different_data, known=not no_record)
    print(markdown(comparison_report(comparison.compared, sentences=False)))
    if out is not None:
        content = {
            ".md": lambda: comparison.markdown,
            ".html": lambda: page(comparison.report),
            ".json": lambda: json.dumps(comparison.to_json(), ensure_ascii=False, indent=1) + "\n",
        }[out.suffix]()
        write_text(out, content)
        say(f"written: {out}")
    if not no_record and (n_runs := record_comparison(comparison)):
        say(f"recorded in MLflow: difference and verdict on {n_runs} run{'s' * (n_runs != 1)}, comparison.md on all")
