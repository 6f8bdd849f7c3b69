"""`detente train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente import places
from detente.cli import say
from detente.cli.hydra_app import SETTINGS, argument, group_help, run_hydra
from detente.cli.tables import print_table

if TYPE_CHECKING:
    from detente.config import TrainConfig
    from detente.dataset import LabelledDataset

_GROUPS = group_help("train")


@click.command(
    "train",
    short_help="Fit, score and record one model, or a sweep of them.",
    context_settings=SETTINGS,
    epilog=f"\b\nConfig groups:\n{_GROUPS}\n\n`--cfg job` prints all keys.",
)
@argument
def command(overrides: tuple[str, ...]) -> None:
    """Fit and score one model; KEY=VALUE sets a config group or a key, `-m` sweeps over a,b,c.

    \b
    Example:
      detente train task=sentiment
      detente train dataset=datasets/mine model=phobert_base training=finetune
      detente train model=phobert_base model.path=FOLDER training.epochs=5 seed=0 repeats=5
      detente train -m model=majority,tfidf,mini task=stance,sentiment
    """
    from detente.training.options import check_options

    run_hydra("train", overrides, run, check_options)


def run(options: TrainConfig) -> float | None:
    """One training run: the table on stdout, the paths on stderr."""
    from detente.evaluation.report import score_table, short_names, smoke_test_line
    from detente.tracking import mlflow_run
    from detente.training import run_name, train

    dataset = open_dataset(options.dataset)
    with mlflow_run(options.tracking, run_name(options)) as recorder:
        result = train(dataset, options, recorder=recorder, progress=True, say=say)
    scores = {result.classifier.info.display_name: result.evaluation, **result.baselines}
    print_table(score_table(scores, short_names(result.evaluation)))
    say(f"macro-F1 {result.evaluation.macro_f1}")
    if result.evaluation.n_groups < 30:
        say(smoke_test_line(result.evaluation.n_groups))
    say(f"model:  {result.model_folder}\nreport: {result.folder / 'report.md'}")
    if result.run_id:
        say(f"run:    {result.run_id}")
    return result.evaluation.macro_f1.value


def open_dataset(folder: str) -> LabelledDataset:
    """The dataset asked for; the seeds', built if absent, where none is named."""
    from detente.dataset import build_dataset, read_dataset

    if folder:
        return read_dataset(Path(folder))
    seeds = places.DATASETS / "seeds"
    return read_dataset(seeds) if (seeds / "manifest.json").is_file() else build_dataset(say=say)
