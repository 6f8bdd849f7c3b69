from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from detente.dataset.duplicates import NearCopy
from detente.dataset.splits import (
    DroppedPair,
    SplitOptions,
    assign_folds,
    assign_holdout,
    choose_method,
    leave_out_copies,
    n_left_out,
    pairs_across_folds,
)
from detente.errors import ConfigError, DatasetError
from detente.records import Example
from label_sets import labelled


def examples(n_groups: int, n_each: int = 3) -> list[Example]:
    labels = ("dialogue", "neutral", "escalation")
    return [
        Example(f"g{g:02}#{i}", f"g{g:02}", f"g{g:02}", f"câu {g} {i}", i, i + 1, None, None, labelled(labels[i % 3]))
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


def with_rare(n_rare: int, seed: int) -> list[Example]:
    """60 groups of 3 to 11 rows, two labels in plenty and ``n_rare`` rows of a third, of which no group has more than two."""
    generator = np.random.default_rng(seed)
    rows = [
        Example(f"g{g:02}#{i}", f"g{g:02}", f"g{g:02}", f"câu {g} {i}", i, i + 1, None, None, labelled(label))
        for g in range(60)
        for i, label in enumerate(generator.choice(["dialogue", "neutral"], generator.integers(3, 12)))
    ]
    first = [at for at, row in enumerate(rows) if row.start < 2]
    rare = {int(at) for at in generator.choice(first, n_rare, replace=False)}
    return [replace(row, labels=labelled("escalation")) if at in rare else row for at, row in enumerate(rows)]


@pytest.mark.parametrize("n_rare", [6, 19, 20])
def test_a_rare_label_is_shared_out_like_the_rest(n_rare: int) -> None:
    off: dict[str, list[float]] = {"dialogue": [], "neutral": [], "escalation": [], "all": []}
    for seed in range(10):
        rows = with_rare(n_rare, seed)
        splits = assign_holdout(rows, SplitOptions(method="holdout", seed=seed))
        assert sum(map(len, splits.values())) == len(rows)
        for label, deviations in off.items():
            held, everything = (sum(label in ("all", r.label("stance")) for r in part) for part in (splits["test"], rows))
            deviations.append(abs(held / everything - 0.15))
    assert np.mean(off["escalation"]) < (0.05 if n_rare == 6 else 0.025)
    assert max(np.mean(off[each]) for each in ("dialogue", "neutral", "all")) < 0.01


def test_a_rare_label_is_spread_over_the_folds() -> None:
    rows = assign_folds(with_rare(4, 0), SplitOptions(n_folds=5))  # fewer rows than folds
    rare = [row.fold for row in rows if row.label("stance") == "escalation"]
    assert len(set(rare)) == 4
    sizes = [sum(row.fold == fold for row in rows) for fold in range(5)]
    assert max(sizes) - min(sizes) < 0.05 * len(rows)


def test_no_split_is_empty_and_seeds_differ() -> None:
    assert all(assign_holdout(examples(3), SplitOptions()).values())
    assert all(assign_holdout(examples(3), SplitOptions(validation=0.02, test=0.02)).values())
    tests = {frozenset(r.group_id for r in assign_holdout(examples(40), SplitOptions(seed=s))["test"]) for s in range(5)}
    assert len(tests) == 5


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


def test_a_sentence_with_three_twins_is_one_that_is_left_out() -> None:
    one, *twins = examples(4, 1)
    copies = [NearCopy(one.sentence_id, twin.sentence_id, 0.9) for twin in twins]
    splits, pairs = leave_out_copies({"train": [one], "validation": [], "test": twins}, copies)
    assert (len(pairs), n_left_out(pairs), splits["train"]) == (3, 1, [])
