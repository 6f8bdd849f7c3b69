"""`detente diff`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from detente.dataset.publishing.diff import Change

_SHOWN = 20


@click.command("diff", short_help="What changed from one version of a dataset to another.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Every change, as one JSON object.")
def command(old: Path, new: Path, as_json: bool) -> None:
    """Sentences that were added, removed, moved, relabelled or put into another split or fold from OLD to NEW.

    A sentence is the same by its id, or else by its text. The exit code is 0 whether or not anything changed.

    \b
    Example:
      detente diff datasets/mine-1.0.0 datasets/mine
    """
    from detente.dataset import read_dataset
    from detente.dataset.publishing import diff_datasets

    before, after = read_dataset(old), read_dataset(new)
    diff = diff_datasets(before, after)
    if as_json:
        versions = {"old": f"{before.name} {before.version}", "new": f"{after.name} {after.version}"}
        digests = {"old_digest": before.digest, "new_digest": after.digest}
        print(json.dumps({**versions, **digests, **asdict(diff)}, ensure_ascii=False, indent=2))
        return
    print(f"{before.name} {before.version}, {diff.n_before} sentences → {after.name} {after.version}, {diff.n_after} sentences")
    print(f"unchanged: {diff.n_same}")
    for kind, changes in diff.kinds().items():
        print(f"{kind}: {len(changes)}")
        for change in changes[:_SHOWN]:
            print(f"  {_line(kind, change)}")
        if len(changes) > _SHOWN:
            print(f"  and {len(changes) - _SHOWN} more; --json prints all")


def _line(kind: str, change: Change) -> str:
    if kind == "rewritten":
        return f"{change.sentence_id}\n    {change.before}\n    {change.after}"
    arrow = f"{change.before or 'none'} → {change.after or 'none'}"
    what = {"added": change.sentence_id, "removed": change.sentence_id, "moved": arrow}.get(
        kind, f"{change.sentence_id}  {arrow}"
    )
    return f"{what}  {shorten(change.text, 100, placeholder='…')}"
