"""`detente evaluate`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say, say_of_model
from detente.cli.tables import print_table


@click.command("evaluate", short_help="Score a model on a dataset that it was not trained on.")
@click.argument("model")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--split", default="test", show_default=True, help="The split to score.")
@click.option(
    "--seen",
    type=click.Choice(["refuse", "leave-out"]),
    default="refuse",
    show_default=True,
    help="What to do with sentences that the model was trained on.",
)
@click.option("--challenge", type=click.Path(path_type=Path), help="Invented items of a task (.jsonl) in place of the seeds'.")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The folder to write; evaluations/... if not given.")
@click.option("--no-tracking", is_flag=True, help="Record nothing in MLflow.")
@click.option("--experiment", default="detente", show_default=True, help="The MLflow experiment to record in.")
def command(
    model: str,
    dataset: Path,
    split: str,
    seen: str,
    challenge: Path | None,
    out: Path | None,
    no_tracking: bool,
    experiment: str,
) -> None:
    """Score MODEL on a split of DATASET, beside baselines on the same sentences.

    MODEL is `dispute` (which comes with détente), a model folder, an MLflow run id, runs:/ID/model or models:/NAME/VERSION;
    DATASET a folder of `detente build`.
    The report is written as HTML, Markdown and JSON, and recorded as an MLflow run of its own that names the model's. A test
    split is for the one model that was chosen: scored again and again, it is a validation split.

    A --challenge is a .jsonl file of sentences that try something out: item_id, group, text, task and label in every line.

    \b
    Example:
      detente evaluate runs/1f3a5c7e9b2d4f60/model datasets/mine --split test
      detente evaluate dispute datasets/mine --split test
    """
    from detente.dataset import read_dataset
    from detente.evaluation.tables import score_table, short_names, smoke_test_line
    from detente.model import load_model
    from detente.model.folder import read_info
    from detente.tracking import check_tracking_store, evaluation_run, find_model
    from detente.tracking.options import TrackingOptions
    from detente.training.evaluating import evaluate_model, evaluation_folder, record_evaluation, scored_rows, shared_tasks

    options = TrackingOptions(kind="none" if no_tracking else "mlflow", experiment=experiment)
    check_tracking_store(options)
    found = find_model(model)
    labelled = read_dataset(dataset)
    info = read_info(found.folder)
    evaluation_folder(info, labelled, split, out, found.folder, challenge)
    tasks = shared_tasks(info, labelled)
    scored_rows(info, labelled, split, seen)
    if left := [name for name in info.tasks if name not in {task.name for task in tasks}]:
        say(f"note: {dataset} has no labels of {', '.join(left)}, which are not scored")
    classifier = load_model(found.folder)
    say_of_model(classifier.info, "its scores mean nothing")
    result = evaluate_model(classifier, labelled, split, seen=seen, out=out, challenge_file=challenge)
    with evaluation_run(options, classifier.info, labelled, split, found.run_id, say) as recorder:
        record_evaluation(recorder, result, labelled)
        run_id = recorder.run_id
    for task, assessment in result.assessments.items():
        evaluation = assessment.evaluation
        if len(result.assessments) > 1:
            print(task)
        names = short_names(evaluation) if evaluation.n_groups <= 10 else None
        rows = {classifier.info.display_name: evaluation, **assessment.baselines}
        table = score_table(rows, names)
        print_table(table if names is not None else [row[:3] for row in table])
        say(f"{task}: macro-F1 {evaluation.macro_f1}, n = {evaluation.n} in {evaluation.n_groups} groups")
        if evaluation.n_groups < 30:
            say(smoke_test_line(evaluation.n_groups))
    if result.n_seen:
        say(f"left out: {result.n_seen} sentences that the model was trained on")
    say(f"report: {result.folder / 'report.html'}")
    if run_id:
        say(f"run:    {run_id}")
