"""`detente build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detente import places
from detente.cli import say
from detente.cli.hydra_app import SETTINGS, VALUES, argument, group_help, run_hydra

if TYPE_CHECKING:
    from detente.dataset import BuildOptions, LabelledDataset

_GROUPS = group_help("build")


@click.command(
    "build",
    short_help="Articles and annotations to a dataset folder.",
    context_settings=SETTINGS,
    epilog=f"{VALUES}\n\n\b\nConfig groups:\n{_GROUPS}\n\n`--cfg job` prints all keys.",
)
@argument
def command(overrides: tuple[str, ...]) -> None:
    """Articles and annotations to a dataset folder: rows with folds, card, manifest, and every line cleaned away.

    Labelled sentences that are a table, a row each, become one with data=table.

    \b
    Example:
      detente build
      detente build data=folder data.articles=pages data.annotations=labels.jsonl data.name=mine
      detente build data=table data.sentences=labelled.csv "data.labels={stance: my_column}" data.name=mine
    """
    run_hydra("build", overrides, run, lambda options: None)


def run(options: BuildOptions) -> None:
    """Build; the folder's path on stdout."""
    from detente.dataset import build_dataset

    dataset = build_dataset(options, say=say, progress=True)
    _say_vocabulary_fit(dataset)
    print(dataset.folder)


def _say_vocabulary_fit(dataset: LabelledDataset) -> None:
    """How the default text path and the embedded encoder's vocabulary take the dataset; train says it of its own encoder."""
    from detente.model.families import load_tokenizer
    from detente.model.vocabulary_fit import SAMPLE, vocabulary_fit
    from detente.text import TextPath

    texts = [row.text for rows in dataset.splits.values() for row in rows][:SAMPLE]
    tokenizer, path = load_tokenizer(places.MINI), TextPath()
    for line in vocabulary_fit(tokenizer, path, path.batch(texts)).lines("mini"):
        say(line)
