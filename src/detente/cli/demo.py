"""`detente demo`."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente import places
from detente.cli import say
from detente.cli.tables import print_table
from detente.errors import InputError
from detente.passwords import without_passwords

if TYPE_CHECKING:
    from detente.dataset import LabelledDataset
    from detente.evaluation import Evaluation
    from detente.records import Article

MODELS = ("majority", "tfidf", "mini")
SHIPPED = "dispute"
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
    from detente.atomic import write_bytes, write_text
    from detente.config import load_config
    from detente.dataset import build_dataset
    from detente.evaluation.pictures import direction_picture
    from detente.evaluation.tables import score_table, short_names, smoke_test_line
    from detente.prediction import predict
    from detente.tracking import mlflow_run
    from detente.training import run_name, train

    titles, predictions = FOLDER / "titles.txt", FOLDER / f"titles-{task}.csv"
    picture = FOLDER / f"{task}-over-articles.png"
    articles = _articles()
    content = "".join(f"{article.title}\n" for article in articles if article.title)
    _check_own(titles, content, predictions, picture)
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
    say(f"{len(MODELS) + 3}. {SHIPPED}, the classifier that comes with the package, on the same sentences → {picture}")
    shipped = _shipped(dataset, task, {own.article_id: own.title or own.article_id for own in articles})
    write_bytes(picture, direction_picture(shipped.directions, shipped.poles))
    print(f"\n{task}: pooled out-of-fold macro-F1, accuracy, and right/total on each page when it was held out\n")
    scores = {run.classifier.info.display_name: run.evaluation for run in runs.values()}
    # Computed inside every run; a reader must see what counting words comes to.
    scores = {"lexicon": final.baselines["lexicon"], **scores, SHIPPED: shipped.evaluation}
    print_table(score_table(scores, short_names(final.evaluation)))
    print(f"\n{SHIPPED} learnt from other articles and has seen none of these; the others from four pages each time.")
    print(f"\n{smoke_test_line(final.evaluation.n_groups)}\n")
    print(f"dataset      {dataset.folder}\nmodel        {final.model_folder}\nreport       {final.folder / 'report.html'}")
    print(f"predictions  {predictions}\npicture      {picture}\n\nCompare the runs in your browser:  {_ui_command()}")


@dataclass(frozen=True)
class _Shipped:
    """The scores of the shipped classifier on the articles, and by title the directions of an article's sentences."""

    evaluation: Evaluation
    directions: dict[str, list[float]]
    poles: tuple[str, str]


def _shipped(dataset: LabelledDataset, task: str, titles: Mapping[str, str]) -> _Shipped:
    """Raises ModelError where the package lacks the classifier, InputError where it was trained on one of the sentences."""
    from detente.model import load_model
    from detente.model.classifier import sentence_hash
    from detente.training.scoring import evaluate_rows, score_examples

    classifier = load_model(SHIPPED)
    rows = dataset.labelled(task)
    if seen := [row for row in rows if sentence_hash(row.text) in classifier.info.training_hashes]:
        raise InputError(f"{SHIPPED} was trained on {len(seen)} of these sentences, {seen[0].sentence_id} for one.")
    first, *_, last = classifier.info.tasks[task]
    scored = sorted(score_examples(classifier, rows, fold=None, seed=0), key=lambda row: (row["article_id"], row["start"]))
    directions: dict[str, list[float]] = {}
    for row in scored:
        direction = row[f"{task}_prob_{last}"] - row[f"{task}_prob_{first}"]
        directions.setdefault(titles[row["article_id"]], []).append(direction)
    return _Shipped(evaluate_rows(scored, dataset.tasks[task]), directions, (first, last))


def _articles() -> list[Article]:
    """The five articles."""
    from detente.articles import extract_articles, read_pages

    return [article for page in read_pages(places.SEEDS / "articles") for article in extract_articles(page)[0]]


def _check_own(titles: Path, content: str, predictions: Path, picture: Path) -> None:
    """Raise InputError or UsageError where something is in the way that no earlier demo left; nothing is written yet."""
    from detente.evaluation.pictures import DIRECTIONS, is_drawn_by
    from detente.markers import check_replaceable
    from detente.outputs import check_outputs
    from detente.prediction.job import check_output, output_of

    output = output_of(predictions)
    check_outputs([], files=[titles, picture])
    check_replaceable(places.DATASETS / "seeds", "dataset")
    check_output(output, [titles])
    foreign = [titles] if titles.exists() and titles.read_bytes() != content.encode() else []
    foreign += [predictions] if predictions.exists() and not output.meta.exists() else []
    foreign += [picture] if picture.exists() and not is_drawn_by(picture, DIRECTIONS) else []
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
