"""What a build says of its outcome."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from detente.dataset.anchoring import AnchoredReadings, listing
from detente.dataset.corpus import Corpus
from detente.dataset.folder import LabelledDataset
from detente.dataset.splits import DroppedPair, n_left_out


def say_moved(anchored: AnchoredReadings, say: Callable[[str], None]) -> None:
    """Say what became of labels whose sentence is not where it was."""
    if anchored.moved:
        say(
            f"{len(anchored.moved)} sentences stand elsewhere on their pages than when they were read; their labels moved along"
        )
    if anchored.lost:
        say(f"{len(anchored.lost)} sentences that were read are gone, and their labels are left out:\n{listing(anchored.lost)}")


def summary(built: LabelledDataset, corpus: Corpus, pairs: Sequence[DroppedPair], before: str | None) -> str:
    """The line at the end of a build: what stands in the dataset, and what it was made of."""
    n_groups = len({row.group_id for row in built.rows})
    table = built.manifest.table
    of = f"{table.n_rows} rows" if table else f"{len(corpus.articles)} articles on {built.manifest.n_pages} pages"
    cleaned = "" if table else f"{corpus.n_dropped_lines} lines cleaned away, "
    sizes = ", ".join(f"{len(rows)} {name}" for name, rows in built.splits.items())
    replaced = f"; replaced the dataset that was there ({before[:19]}…)" if before and before != built.digest else ""
    return (
        f"{built.folder}: {len(built.rows)} labelled sentences of {of}, {n_groups} group{'s' * (n_groups != 1)}"
        f"{f' ({sizes})' if table else ''}; {cleaned}{n_left_out(pairs)} near-copies left out of training sides{replaced}"
    )
