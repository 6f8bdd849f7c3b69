"""`detente label`: its subcommands, one file each."""

from __future__ import annotations

import click

from detente.cli import label_adjudicate, label_agreement, label_audit, label_export, label_import


@click.group("label")
def command() -> None:
    """Sentences to annotators and their labels back: export, import, agreement, adjudicate, audit.

    \b
    Example:
      detente label export pages --sample 300 -o an.xlsx
      detente label import an.xlsx --annotator an -o annotations.jsonl
      detente label agreement annotations.jsonl
    """


for _module in (label_export, label_import, label_agreement, label_adjudicate, label_audit):
    command.add_command(_module.command)
