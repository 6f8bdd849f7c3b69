"""`detente distill`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from detente.cli import say
from detente.cli.hydra_app import SETTINGS, VALUES, argument, group_help, run_hydra

if TYPE_CHECKING:
    from detente.training.distillation.options import DistillOptions

_GROUPS = group_help("distill")


@click.command(
    "distill",
    short_help="A large model into a small one, on unlabelled text.",
    context_settings=SETTINGS,
    epilog=f"{VALUES}\n\n\b\nConfig groups:\n{_GROUPS}\n\n`--cfg job` prints all keys.",
)
@argument
def command(overrides: tuple[str, ...]) -> None:
    """A large model into a small one, on unlabelled text: an encoder, or a fine-tuned classifier.

    Corpus, teacher's outputs and checkpoints are kept under runs/distill; the same command goes on where it was stopped.

    \b
    Example:
      detente distill teacher.hub_id=intfloat/multilingual-e5-small 'teacher.prefix="query: "' corpus.path=news out=mine
      detente train model.path=mine training=finetune
      detente distill teacher.kind=classifier teacher.path=runs/1f3a5c/model corpus.path=news out=models/fast
    """
    from detente.training.distillation.options import check_distill_options

    run_hydra("distill", overrides, run, check_distill_options)


def run(options: DistillOptions) -> float:
    """Distill; the folder's path on stdout."""
    from detente.training.distillation.run import distill

    result = distill(options, say=say, progress=True)
    say(result.report.rstrip())
    print(result.folder)
    return result.agreement
