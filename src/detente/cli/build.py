"""`detente build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detente.cli import say
from detente.cli.hydra_app import SETTINGS, argument, group_help, run_hydra

if TYPE_CHECKING:
    from detente.dataset import BuildOptions

_GROUPS = group_help("build")


@click.command(
    "build",
    short_help="Articles and annotations to a dataset folder.",
    context_settings=SETTINGS,
    epilog=f"\b\nConfig groups:\n{_GROUPS}\n\n`--cfg job` prints all keys.",
)
@argument
def command(overrides: tuple[str, ...]) -> None:
    """Articles and annotations to a dataset folder: rows with folds, card, manifest, and every line cleaned away.

    \b
    Example:
      detente build
      detente build data=folder data.articles=pages data.annotations=labels.jsonl data.name=mine
    """
    run_hydra("build", overrides, run, lambda options: None)


def run(options: BuildOptions) -> None:
    """Build; the folder's path on stdout."""
    from detente.dataset import build_dataset

    print(build_dataset(options, say=say).folder)
