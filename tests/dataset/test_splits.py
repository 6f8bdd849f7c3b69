from __future__ import annotations

import pytest

from detente.dataset.duplicates import NearCopy
from detente.dataset.splits import (
    DroppedPair,
    SplitOptions,
    assign_folds,
    assign_holdout,
    choose_method,
    leave_out_copies,
    pairs_across_folds,
)
from detente.errors import ConfigError, DatasetError
from detente.records import Example


def examples(n_groups: int, n_each: int = 3) -> list[Example]:
    labels = ("dialogue", "neutral", "escalation")
    return [
        Example(f"g{g:02}#{i}", f"g{g:02}", f"g{g:02}", f"câu {g} {i}", i, i + 1, None, None, labels[i % 3], None)
        for g in range(n_groups)
        for i in range(n_each)
    ]


def test_as_many_folds_as_groups_hold_each_out_once() -> None:
    rows = assign_folds(examples(5), SplitOptions(n_folds=5))
    assert {(row.group_id, row.fold) for row in rows} == {(f"g{at:02}", at) for at in range(5)}


def test_a_group_is_never_cut() -> None:
    rows = assign_folds(examples(17), SplitOptions(n_folds=4, seed=3))
    folds = {row.group_id: {r.fold for r in rows if r.group_id == row.group_id} for row in rows}
    assert all(len(of_group) == 1 for of_group in folds.values())
    assert {row.fold for row in rows} == {0, 1, 2, 3}


def test_holdout_shares_and_groups() -> None:
    splits = assign_holdout(examples(40), SplitOptions(method="holdout", validation=0.15, test=0.15))
    sizes = {name: len({row.group_id for row in rows}) for name, rows in splits.items()}
    assert sizes == {"train": 28, "validation": 6, "test": 6}
    assert not {r.group_id for r in splits["train"]} & {r.group_id for r in splits["test"]}


def test_auto_takes_folds_below_thirty_groups() -> None:
    assert choose_method(SplitOptions(), 29) == "folds"
    assert choose_method(SplitOptions(), 30) == "holdout"


@pytest.mark.parametrize(
    ("options", "n_groups", "error", "message"),
    [
        (SplitOptions(), 3, DatasetError, r"3 groups of articles for 5 folds.*Set split.n_folds=3"),
        (SplitOptions(method="holdout"), 2, DatasetError, "2 groups of articles for 3 splits"),
        (SplitOptions(), 1, DatasetError, "1 group of articles for 5 folds.*Add articles"),
        (SplitOptions(method="fold"), 9, ConfigError, "expected auto, folds or holdout, got 'fold'"),
        (SplitOptions(n_folds=1), 9, ConfigError, "at least 2, got 1"),
        (SplitOptions(validation=0.5, test=0.5), 9, ConfigError, "leave something to train on"),
    ],
)
def test_what_cannot_be_split(options: SplitOptions, n_groups: int, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        choose_method(options, n_groups)


def test_copies_across_folds_are_left_out_of_either_training_side() -> None:
    rows = assign_folds(examples(5), SplitOptions())
    pairs = pairs_across_folds(rows, [NearCopy("g00#0", "g03#1", 0.9), NearCopy("g01#0", "g01#1", 0.9)])
    assert pairs == [DroppedPair(0, "g03#1", "g00#0", 0.9), DroppedPair(3, "g00#0", "g03#1", 0.9)]


def test_copies_across_held_out_splits_go_from_the_lesser_side() -> None:
    a, b, c = examples(3, 1)
    splits, pairs = leave_out_copies(
        {"train": [a], "validation": [b], "test": [c]},
        [NearCopy(a.sentence_id, c.sentence_id, 0.8), NearCopy(b.sentence_id, c.sentence_id, 0.7)],
    )
    assert splits == {"train": [], "validation": [], "test": [c]}
    assert [(pair.left_out, pair.held_out) for pair in pairs] == [("g00#0", "g02#0"), ("g01#0", "g02#0")]
