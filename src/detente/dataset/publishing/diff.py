"""What changed from one version of a dataset to another, by sentence id and by text."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from detente.dataset.folder import LabelledDataset
from detente.records import Example
from detente.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence that changed in one way; None where it was not, or had no such thing."""

    sentence_id: str
    text: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class DatasetDiff:
    """The changes by kind; a sentence may stand under several kinds.

    ``moved``: the same text under another id. ``rewritten``: another text under the same id. ``relabelled``: task → changes.
    ``resplit``: in another split, or another fold.
    """

    n_before: int
    n_after: int
    n_same: int
    added: list[Change]
    removed: list[Change]
    moved: list[Change]
    rewritten: list[Change]
    relabelled: dict[str, list[Change]]
    resplit: list[Change]

    def kinds(self) -> dict[str, list[Change]]:
        """Name → changes, in the order of a report."""
        relabelled = {f"relabelled {task}": changes for task, changes in self.relabelled.items()}
        first = {"added": self.added, "removed": self.removed, "moved": self.moved, "rewritten": self.rewritten}
        return {**first, **relabelled, "other split or fold": self.resplit}


def diff_datasets(old: LabelledDataset, new: LabelledDataset) -> DatasetDiff:
    """Compare two datasets. Sentences are the same by their id, or else by their text on any page, each matched once."""
    before, after = _placed(old), _placed(new)
    pairs = _matched({key: row for key, (row, _) in before.items()}, {key: row for key, (row, _) in after.items()})
    moved: list[Change] = []
    rewritten: list[Change] = []
    resplit: list[Change] = []
    tasks = dict.fromkeys([*old.tasks, *new.tasks])
    relabelled: dict[str, list[Change]] = {task: [] for task in tasks}
    n_same = 0
    for a, b in pairs.items():
        (x, was), (y, now) = before[a], after[b]
        found: list[tuple[list[Change], str | None, str | None]] = []
        if a != b:
            found.append((moved, a, b))
        if a == b and x.text != y.text:
            found.append((rewritten, x.text, y.text))
        found += [(relabelled[task], x.label(task), y.label(task)) for task in tasks if x.label(task) != y.label(task)]
        if was != now:
            found.append((resplit, was, now))
        for changes, one, other in found:
            changes.append(Change(b, y.text, one, other))
        n_same += not found
    matched = set(pairs.values())
    return DatasetDiff(
        n_before=len(before),
        n_after=len(after),
        n_same=n_same,
        added=[Change(key, row.text, None, now) for key, (row, now) in after.items() if key not in matched],
        removed=[Change(key, row.text, was, None) for key, (row, was) in before.items() if key not in pairs],
        moved=moved,
        rewritten=rewritten,
        relabelled=relabelled,
        resplit=resplit,
    )


def _placed(dataset: LabelledDataset) -> dict[str, tuple[Example, str]]:
    """sentence_id → its row and where it stands: the split, with the fold if there is one."""
    return {
        row.sentence_id: (row, name if row.fold is None else f"{name}, fold {row.fold}")
        for name, rows in dataset.splits.items()
        for row in rows
    }


def _matched(before: dict[str, Example], after: dict[str, Example]) -> dict[str, str]:
    """Old id → new id: one id for one text first, then texts that moved, then ids whose text was rewritten."""
    pairs = {key: key for key in before if key in after and _same(before[key], after[key])}
    free: dict[str, list[str]] = defaultdict(list)
    for key, row in after.items():
        if key not in pairs:
            free[normalise(row.text)].append(key)
    for key, row in before.items():
        if key not in pairs and (candidates := free[normalise(row.text)]):
            # On its own page rather than on another.
            own = [other for other in candidates if other.rpartition("#")[0] == key.rpartition("#")[0]]
            pairs[key] = (own or candidates)[0]
            candidates.remove(pairs[key])
    taken = set(pairs.values())
    return pairs | {key: key for key in before if key not in pairs and key in after and key not in taken}


def _same(a: Example, b: Example) -> bool:
    return a.text == b.text or normalise(a.text) == normalise(b.text)
