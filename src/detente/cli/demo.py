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
    from detente.config import load_config
    from detente.dataset import build_dataset
    from detente.evaluation.tables import score_table, short_names, smoke_test_line
    from detente.prediction import predict
    from detente.tracking import mlflow_run
    from detente.training import run_name, train

    titles, predictions = _write_titles(), _own_predictions(task)
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


def _write_titles() -> Path:
    from detente.articles import extract_articles, read_pages
    from detente.atomic import write_text

    pages = read_pages(places.SEEDS / "articles")
    titles = [article.title for page in pages for article in extract_articles(page)[0] if article.title]
    path, content = FOLDER / "titles.txt", "".join(f"{title}\n" for title in titles)
    if path.exists() and path.read_bytes() != content.encode():
        raise InputError(f"{path}: exists and is not the demo's; it is left as it is. Run the demo in another folder.")
    write_text(path, content)
    return path


def _own_predictions(task: str) -> Path:
    """Where the predictions go. Raises InputError for a file that no prediction has left there."""
    path = FOLDER / f"titles-{task}.csv"
    if path.exists() and not path.with_name(f"{path.name}.meta.json").exists():
        raise InputError(f"{path}: exists and is not the demo's; it is left as it is. Run the demo in another folder.")
    return path


def _ui_command() -> str:
    """The command that opens the UI, with the path of this environment's mlflow where the shell would not find it."""
    beside = Path(sys.executable).with_name("mlflow")
    found = shutil.which("mlflow")
    program = "mlflow" if not beside.exists() or (found and Path(found).resolve() == beside.resolve()) else str(beside)
    uri = os.environ.get("MLFLOW_TRACKING_URI", "")
    if without_passwords(uri) != uri:
        return f'{shlex.join([program, "ui", "--backend-store-uri"])} "$MLFLOW_TRACKING_URI"'
    return shlex.join([program, "ui", *(["--backend-store-uri", uri] if uri else [])])
