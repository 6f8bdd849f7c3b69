"""Splits by group, and what must be left out of a training side because it nearly copies a held-out sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from detente.dataset.duplicates import NearCopy
from detente.errors import ConfigError, DatasetError
from detente.records import Example

MIN_HOLDOUT_GROUPS = 30
"""Below this many groups a held-out part is too small to mean anything, and the default is folds."""
HOLDOUT_SPLITS = ("train", "validation", "test")

_HOLDOUT_PARTS = 20


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


def choose_method(options: SplitOptions, n_groups: int) -> Literal["folds", "holdout"]:
    """Settle ``auto`` and check the options against the number of groups. Raises ConfigError, DatasetError."""
    if options.method not in ("auto", "folds", "holdout"):
        raise ConfigError(f"split.method: expected auto, folds or holdout, got '{options.method}'.")
    if options.n_folds < 2:
        raise ConfigError(f"split.n_folds: expected at least 2, got {options.n_folds}.")
    if not (options.validation > 0 and options.test > 0 and options.validation + options.test < 1):
        raise ConfigError(
            f"split.validation={options.validation} and split.test={options.test}: expected two shares above 0 that leave "
            "something to train on."
        )
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
        fold_of = _stratified(examples, options.n_folds, options.seed)
    return [replace(example, fold=fold_of[example.group_id]) for example in examples]


def assign_holdout(examples: Sequence[Example], options: SplitOptions) -> dict[str, list[Example]]:
    """Put every group into train, validation or test."""
    n_groups = len({example.group_id for example in examples})
    n_parts = min(_HOLDOUT_PARTS, n_groups)
    part_of = _stratified(examples, n_parts, options.seed)
    n_test = max(1, round(options.test * n_parts))
    n_validation = max(1, round(options.validation * n_parts))
    splits: dict[str, list[Example]] = {name: [] for name in HOLDOUT_SPLITS}
    for example in examples:
        part = part_of[example.group_id]
        name = "test" if part < n_test else "validation" if part < n_test + n_validation else "train"
        splits[name].append(example)
    return splits


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
    pairs = []
    for copy in copies:
        if copy.first in split_of and copy.second in split_of and split_of[copy.first] != split_of[copy.second]:
            left_out, held_out = sorted((copy.first, copy.second), key=lambda row: rank[split_of[row]])
            pairs.append(DroppedPair(None, left_out, held_out, copy.similarity))
    gone = {pair.left_out for pair in pairs}
    return {name: [row for row in rows if row.sentence_id not in gone] for name, rows in splits.items()}, sorted(pairs)


def _stratified(examples: Sequence[Example], n_parts: int, seed: int) -> dict[str, int]:
    """group_id → part, balanced over the stance labels (scikit-learn's StratifiedGroupKFold)."""
    from sklearn.model_selection import StratifiedGroupKFold

    labels = [example.stance or example.sentiment or "" for example in examples]
    groups = [example.group_id for example in examples]
    # A class rarer than the number of parts cannot be spread evenly; scikit-learn warns or refuses, we balance sizes then.
    counts: dict[str, int] = defaultdict(int)
    for label in labels:
        counts[label] += 1
    if min(counts.values()) < n_parts:
        labels = ["" for _ in labels]
    splitter = StratifiedGroupKFold(n_splits=n_parts, shuffle=True, random_state=seed)
    part_of = {}
    for part, (_, held_out) in enumerate(splitter.split(labels, labels, groups)):
        for at in held_out:
            part_of[groups[at]] = part
    return part_of
