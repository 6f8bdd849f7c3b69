from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detente.dataset import LabelledDataset
from detente.dataset.manifest import Manifest, SplitCounts
from detente.dataset.publishing import diff_datasets
from detente.dataset.publishing.diff import Change
from detente.records import Example
from label_sets import LABELS, TASKS, labelled

COUNTS = SplitCounts(0, 0, {task: dict.fromkeys(labels, 0) for task, labels in LABELS.items()})


def dataset(*rows: Example) -> LabelledDataset:
    manifest = Manifest("d", "1.0.0", 1, "0.1.0", "sha256:0", TASKS, {"train": COUNTS}, ())
    return LabelledDataset("d", "1.0.0", "sha256:0", {"train": rows}, (), manifest, Path("d"))


def row(sentence_id: str, text: str, stance: str | None = "neutral", fold: int = 0) -> Example:
    return Example(sentence_id, "p", "p", text, 0, 1, None, None, labelled(stance), fold)


def test_a_dataset_is_the_same_as_itself(dataset: LabelledDataset) -> None:
    diff = diff_datasets(dataset, dataset)
    assert (diff.n_before, diff.n_after, diff.n_same) == (81, 81, 81)
    assert not any(diff.kinds().values())


def test_each_kind_of_change() -> None:
    old = dataset(
        row("p#1", "Một."), row("p#2", "Hai."), row("p#3", "Ba."), row("p#4", "Bốn."), row("p#5", "Năm."), row("p#6", "Hòa.")
    )
    new = dataset(
        row("p#1", "Một.", "dialogue"),
        row("p#2", "Hai.", fold=1),
        row("p#9", "Ba."),
        row("p#4", "Bốn rưỡi."),
        row("p#6", "Hoà."),
        row("p#7", "Bảy."),
    )
    diff = diff_datasets(old, new)
    assert (diff.n_before, diff.n_after, diff.n_same) == (6, 6, 0)
    assert diff.relabelled == {"stance": [Change("p#1", "Một.", "neutral", "dialogue")], "sentiment": []}
    assert diff.resplit == [Change("p#2", "Hai.", "train, fold 0", "train, fold 1")]
    assert diff.moved == [Change("p#9", "Ba.", "p#3", "p#9")]
    assert diff.rewritten == [Change("p#6", "Hoà.", "Hòa.", "Hoà."), Change("p#4", "Bốn rưỡi.", "Bốn.", "Bốn rưỡi.")]
    assert diff.added == [Change("p#7", "Bảy.", None, "train, fold 0")]
    assert diff.removed == [Change("p#5", "Năm.", "train, fold 0", None)]


def test_ids_that_shift_by_one_are_moves_and_no_rewriting() -> None:
    old = dataset(row("p#1", "Một."), row("p#2", "Hai."), row("q#1", "Hai."))
    new = dataset(row("p#2", "Một."), row("p#3", "Hai."), row("q#1", "Hai."))
    diff = diff_datasets(old, new)
    assert [(change.before, change.after) for change in diff.moved] == [("p#1", "p#2"), ("p#2", "p#3")]
    assert (diff.rewritten, diff.added, diff.removed, diff.n_same) == ([], [], [], 1)


def test_a_removed_label_is_a_change() -> None:
    one = row("p#1", "Một.", "dialogue")
    diff = diff_datasets(dataset(one), dataset(replace(one, labels={})))
    assert diff.relabelled["stance"] == [Change("p#1", "Một.", "dialogue", None)]
