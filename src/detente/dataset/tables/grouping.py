"""Which sentences of a table belong together, so that no split parts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from detente.dataset.duplicates import PageGroups
from detente.dataset.tables.reading import SentenceRow
from detente.errors import DatasetError

_SHOWN = 3


def sentence_groups(rows: Mapping[str, SentenceRow]) -> dict[str, str]:
    """sentence_id → group_id: that of the table, else that of its article, else of its near-copies.

    A group of the table is taken as it is. Articles form a group where they carry one text, as pages do. Where splits are
    given, groups are made within each, since near-copies across them are left out of the training side. Raises DatasetError for
    a group of the table, or an article, that given splits part.
    """
    named = {key: row.group or row.article_id for key, row in rows.items()}
    _check_whole(rows, named)
    by_split: dict[str, list[SentenceRow]] = defaultdict(list)
    for row in rows.values():
        by_split[row.split].append(row)
    groups: dict[str, str] = {}
    for own in by_split.values():
        groups |= _groups({row.sentence_id: row for row in own})
    return groups


def _groups(rows: Mapping[str, SentenceRow]) -> dict[str, str]:
    """The groups of the sentences of one split, or of all."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in rows.values():
        if not row.group:
            texts[row.article_id or row.sentence_id].append(row.text)
    made = PageGroups()
    for name, own in texts.items():
        made.add(name, own)
    of_name = made.groups() if texts else {}
    groups = {key: row.group or of_name[row.article_id or row.sentence_id] for key, row in rows.items()}
    return _with_signs(groups, rows)


def _with_signs(groups: dict[str, str], rows: Mapping[str, SentenceRow]) -> dict[str, str]:
    """Texts without letters, as of emoji, have no bigrams to be near-copies by: those that are equal are one group."""
    first: dict[str, str] = {}
    for key, row in rows.items():
        if not row.group and not row.article_id and not any(map(str.isalnum, row.text)):
            groups[key] = first.setdefault(row.text, groups[key])
    return groups


def _check_whole(rows: Mapping[str, SentenceRow], named: Mapping[str, str]) -> None:
    splits: dict[str, dict[str, str]] = defaultdict(dict)
    for key, row in rows.items():
        if named[key]:
            splits[named[key]].setdefault(row.split, row.place)
    parted = {name: places for name, places in splits.items() if len(places) > 1}
    if parted:
        lines = [
            f"  {name}: {', '.join(f'{split} ({place})' for split, place in places.items())}"
            for name, places in list(parted.items())[:_SHOWN]
        ]
        lines += [f"  and {len(parted) - _SHOWN} more"] * (len(parted) > _SHOWN)
        raise DatasetError(
            f"{len(parted)} groups stand in several of the given splits, so a model would be tested on what it learnt from:\n"
            + "\n".join(lines)
            + "\nLet the build split by group (leave data.split_column out, or say split=holdout), or leave data.group_column "
            "and data.article_column out: then each sentence is a group with its near-copies, and near-copies across splits "
            "are left out of training."
        )
