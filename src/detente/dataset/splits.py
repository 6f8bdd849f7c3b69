"""Splits by group, and what must be left out of a training side because it nearly copies a held-out sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from detente.dataset.duplicates import NearCopy
from detente.errors import ConfigError, DatasetError
from detente.records import Example

MIN_HOLDOUT_GROUPS = 30
"""Below this many groups a held-out part is too small to mean anything, and the default is folds."""
HOLDOUT_SPLITS = ("train", "validation", "test")
GIVEN = "given"
"""The method of a dataset whose table says the splits."""


@dataclass(frozen=True)
class SplitOptions:
    """How ``build`` splits: auto (folds below 30 groups, else holdout), folds, or holdout."""

    method: str = "auto"
    n_folds: int = 5
    validation: float = 0.15
    test: float = 0.15
    seed: int = 0


@dataclass(frozen=True, slots=True, order=True)
class DroppedPair:
    """A training sentence left out because it nearly copies a held-out one; ``fold`` is the held-out fold, or None."""

    fold: int | None
    left_out: str
    held_out: str
    similarity: float


def n_left_out(pairs: Iterable[DroppedPair]) -> int:
    """How many sentences are left out of some side: one that copies three held-out ones is one."""
    return len({pair.left_out for pair in pairs})


def check_split_options(options: SplitOptions) -> None:
    """Raise ConfigError for a value that cannot be."""
    if options.method not in ("auto", "folds", "holdout"):
        raise ConfigError(f"split.method: expected auto, folds or holdout, got '{options.method}'.")
    if options.n_folds < 2:
        raise ConfigError(f"split.n_folds: expected at least 2, got {options.n_folds}.")
    if not (options.validation > 0 and options.test > 0 and options.validation + options.test < 1):
        raise ConfigError(
            f"split.validation={options.validation} and split.test={options.test}: expected two shares above 0 that leave "
            "something to train on."
        )
    if not 0 <= options.seed < 2**32:
        raise ConfigError(f"split.seed: expected 0 to {2**32 - 1}, got {options.seed}.")


def choose_method(options: SplitOptions, n_groups: int) -> Literal["folds", "holdout"]:
    """Settle ``auto`` and check the options against the number of groups. Raises ConfigError, DatasetError."""
    check_split_options(options)
    method = options.method
    if method == "auto":
        method = "folds" if n_groups < MIN_HOLDOUT_GROUPS else "holdout"
    needed = options.n_folds if method == "folds" else len(HOLDOUT_SPLITS)
    if n_groups < needed:
        remedy = f"Set split.n_folds={n_groups}, or add" if method == "folds" and n_groups >= 2 else "Add"
        raise DatasetError(
            f"{n_groups} group{'s' * (n_groups != 1)} of articles for {needed} {method if method == 'folds' else 'splits'}; "
            f"expected at least one group each, since a group is never cut. {remedy} articles from other pages."
        )
    return "folds" if method == "folds" else "holdout"


def assign_folds(examples: Sequence[Example], options: SplitOptions) -> list[Example]:
    """Give every example its fold. With as many folds as groups each group is held out once, in order."""
    groups = sorted({example.group_id for example in examples})
    if len(groups) == options.n_folds:
        fold_of = {group: fold for fold, group in enumerate(groups)}
    else:
        fold_of = _stratified(examples, [1 / options.n_folds] * options.n_folds, options.seed)
    return [replace(example, fold=fold_of[example.group_id]) for example in examples]


def assign_holdout(examples: Sequence[Example], options: SplitOptions) -> dict[str, list[Example]]:
    """Put every group into train, validation or test."""
    shares = (1 - options.validation - options.test, options.validation, options.test)
    part_of = _stratified(examples, shares, options.seed)
    return {
        name: [example for example in examples if part_of[example.group_id] == part] for part, name in enumerate(HOLDOUT_SPLITS)
    }


def assign_given(examples: Sequence[Example], split_of: Mapping[str, str], options: SplitOptions) -> dict[str, list[Example]]:
    """Take the splits that a table gives; where it gives none to validate on, that share of train is cut off by group.

    Raises DatasetError where there is nothing to train on, or nothing beside it.
    """
    given = {name: [row for row in examples if split_of[row.sentence_id] == name] for name in HOLDOUT_SPLITS}
    splits = {name: rows for name, rows in given.items() if rows}
    if "train" not in splits or len(splits) < 2:
        raise DatasetError(
            f"the table gives labelled sentences of {' and '.join(splits)} only; expected train and test, or train and "
            "validation. Leave data.split_column out to split by group."
        )
    if "validation" in splits:
        return splits
    rows = splits.pop("train")
    if len({row.group_id for row in rows}) < 2:
        raise DatasetError("train is one group, of which nothing can be cut off to validate on; expected a split validation.")
    part_of = _stratified(rows, [1 - options.validation, options.validation], options.seed)
    cut = {name: [row for row in rows if part_of[row.group_id] == part] for part, name in enumerate(HOLDOUT_SPLITS[:2])}
    return {**cut, **splits}


def pairs_across_folds(examples: Sequence[Example], copies: Iterable[NearCopy]) -> list[DroppedPair]:
    """For every fold, the training sentences that nearly copy one of its held-out sentences."""
    fold = {example.sentence_id: example.fold for example in examples}
    pairs = []
    for copy in copies:
        for held_out, left_out in ((copy.first, copy.second), (copy.second, copy.first)):
            if fold.get(held_out) is not None and fold.get(left_out) is not None and fold[held_out] != fold[left_out]:
                pairs.append(DroppedPair(fold[held_out], left_out, held_out, copy.similarity))
    return sorted(pairs)


def leave_out_copies(
    splits: Mapping[str, Sequence[Example]], copies: Iterable[NearCopy]
) -> tuple[dict[str, list[Example]], list[DroppedPair]]:
    """Take out of train what copies validation or test, and out of validation what copies test."""
    rank = {name: at for at, name in enumerate(HOLDOUT_SPLITS)}
    split_of = {example.sentence_id: name for name, rows in splits.items() for example in rows}
    crossing: list[DroppedPair] = []
    for copy in copies:
        if copy.first in split_of and copy.second in split_of and split_of[copy.first] != split_of[copy.second]:
            left_out, held_out = sorted((copy.first, copy.second), key=lambda row: rank[split_of[row]])
            crossing.append(DroppedPair(None, left_out, held_out, copy.similarity))
    pairs: list[DroppedPair] = []
    gone: set[str] = set()
    for name in reversed(HOLDOUT_SPLITS):
        # What is left out itself is no reason to leave out another.
        pairs += [pair for pair in crossing if split_of[pair.left_out] == name and pair.held_out not in gone]
        gone = {pair.left_out for pair in pairs}
    return {name: [row for row in rows if row.sentence_id not in gone] for name, rows in splits.items()}, sorted(pairs)


def _stratified(examples: Sequence[Example], shares: Sequence[float], seed: int) -> dict[str, int]:
    """group_id → part, so that each part has its share of the rows and of every label, the rare ones too.

    Greedy, as scikit-learn's StratifiedGroupKFold, which knows equal parts only: the groups that hold most of a label come
    first, and each goes where the shares are then missed by least (squares, divided by the part's share). No part stays empty.
    """
    import numpy as np

    counts = _counts_by_group(examples)
    groups, wanted = list(counts), np.array(shares)
    of_all = np.array(list(counts.values())) / np.maximum(1, np.sum(list(counts.values()), axis=0))
    # Groups within a factor of two of each other are in random order: every seed gives splits of its own.
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    order = shuffled[np.argsort(-np.floor(np.log2(of_all[shuffled].max(axis=1))), kind="stable")]
    reached = np.zeros((len(wanted), of_all.shape[1]))
    part_of = {}
    for n_placed, at in enumerate(order):
        missed = (reached + of_all[at] - wanted[:, None]) ** 2 - (reached - wanted[:, None]) ** 2
        empty = np.flatnonzero(~reached.any(axis=1))
        candidates = empty if len(empty) == len(groups) - n_placed else np.arange(len(wanted))
        part = int(candidates[np.argmin((missed.sum(axis=1) / wanted)[candidates])])
        reached[part] += of_all[at]
        part_of[groups[at]] = part
    return part_of


def _counts_by_group(examples: Sequence[Example]) -> dict[str, list[int]]:
    """group_id → its number of rows, then of rows with each label of each task; groups in the order of their names."""
    columns = sorted({(task, label) for row in examples for task, label in row.labels.items()})
    counts: dict[str, list[int]] = {group: [0] * (len(columns) + 1) for group in sorted({row.group_id for row in examples})}
    for row in examples:
        own = counts[row.group_id]
        own[0] += 1
        for at, (task, label) in enumerate(columns, start=1):
            own[at] += row.label(task) == label
    return counts
