"""`detente demo`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import click

from detente import places
from detente.cli import say
from detente.cli.tables import print_table
from detente.errors import InputError
from detente.passwords import without_passwords

MODELS = ("majority", "tfidf", "mini")
FOLDER = Path("predictions")


@click.command("demo", short_help="The whole way on the five articles that come with it.")
@click.option("--task", type=click.Choice(["stance", "sentiment"]), default="stance", show_default=True)
def command(task: str) -> None:
    """The main job on the five articles that come with the package: build, cross-validate, report, predict.

    Writes datasets/, runs/, predictions/, mlflow.db and mlartifacts/ into the working directory. Needs no network.

    \b
    Example:
      detente demo --task sentiment
    """
    from detente.atomic import write_text
    from detente.config import load_config
    from detente.dataset import build_dataset
    from detente.evaluation.tables import score_table, short_names, smoke_test_line
    from detente.prediction import predict
    from detente.tracking import mlflow_run
    from detente.training import run_name, train

    titles, predictions = FOLDER / "titles.txt", FOLDER / f"titles-{task}.csv"
    content = _titles()
    _check_own(titles, content, predictions)
    write_text(titles, content)
    say("1. articles and annotations → dataset")
    dataset = build_dataset(say=say)
    runs = {}
    for number, model in enumerate(MODELS, start=2):
        say(f"{number}. {model}: cross-validation over pages, then the final model")
        options = load_config("train", [f"task={task}", f"model={model}"])
        with mlflow_run(options.tracking, run_name(options)) as recorder:
            runs[model] = train(dataset, options, recorder=recorder, progress=True, say=say)
    final = runs["mini"]
    say(f"{len(MODELS) + 2}. the articles' titles, which no model was trained on → {predictions}")
    predict(final.classifier, titles, predictions, restart=True)
    print(f"\n{task}: pooled out-of-fold macro-F1, accuracy, and right/total on each page when it was held out\n")
    scores = {run.classifier.info.display_name: run.evaluation for run in runs.values()}
    # Computed inside every run; a reader must see what counting words comes to.
    scores = {"lexicon": final.baselines["lexicon"], **scores}
    print_table(score_table(scores, short_names(final.evaluation)))
    print(f"\n{smoke_test_line(final.evaluation.n_groups)}\n")
    print(f"dataset      {dataset.folder}\nmodel        {final.model_folder}\nreport       {final.folder / 'report.html'}")
    print(f"predictions  {predictions}\n\nCompare the runs in your browser:  {_ui_command()}")


def _titles() -> str:
    """The titles of the articles, a line each."""
    from detente.articles import extract_articles, read_pages

    pages = read_pages(places.SEEDS / "articles")
    return "".join(f"{article.title}\n" for page in pages for article in extract_articles(page)[0] if article.title)


def _check_own(titles: Path, content: str, predictions: Path) -> None:
    """Raise InputError or UsageError where something is in the way that no earlier demo left; nothing is written yet."""
    from detente.markers import check_replaceable
    from detente.outputs import check_outputs
    from detente.prediction.job import check_output, output_of

    output = output_of(predictions)
    check_outputs([], files=[titles])
    check_replaceable(places.DATASETS / "seeds", "dataset")
    check_output(output, [titles])
    foreign = [titles] if titles.exists() and titles.read_bytes() != content.encode() else []
    foreign += [predictions] if predictions.exists() and not output.meta.exists() else []
    if foreign:
        raise InputError(f"{foreign[0]}: exists and is not the demo's; it is left as it is. Run the demo in another folder.")


def _ui_command() -> str:
    """The command that opens the UI, with the path of this environment's mlflow where the shell would not find it."""
    beside = Path(sys.executable).with_name("mlflow")
    found = shutil.which("mlflow")
    program = "mlflow" if not beside.exists() or (found and Path(found).resolve() == beside.resolve()) else str(beside)
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if without_passwords(uri) != uri:
        return f'{shlex.join([program, "ui", "--backend-store-uri"])} "$MLFLOW_TRACKING_URI"'
    return shlex.join([program, "ui", *(["--backend-store-uri", uri] if uri else [])])
