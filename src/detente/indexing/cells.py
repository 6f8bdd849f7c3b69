"""One pass over the predictions: what falls into each period and group."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from detente.errors import InputError
from detente.indexing.copies import CopyCounter, Place
from detente.indexing.options import ALL, NO_ACTOR, NO_OUTLET, IndexOptions
from detente.indexing.periods import period_name, period_start
from detente.indexing.rows import Predicted, read_predictions
from detente.tasks import Task
from detente.text.actors import Actor, named, read_actors

_COMPACT_FROM = 8192


class Distinct:
    """A number of distinct ids in 8 bytes each, as long as equal ones stand near each other; exact in any order."""

    def __init__(self) -> None:
        self._keys = array("q")
        self._compact_at = _COMPACT_FROM

    def add(self, name: str) -> None:
        """Count an id; the empty one is none."""
        if not name:
            return
        key = hash(name)
        if self._keys and self._keys[-1] == key:
            return
        self._keys.append(key)
        if len(self._keys) >= self._compact_at:
            self._keys = array("q", sorted(set(self._keys)))
            self._compact_at = max(_COMPACT_FROM, 2 * len(self._keys))

    def __len__(self) -> int:
        return len(set(self._keys))


class Ids:
    """Ids of which each is to stand once, in 8 bytes each."""

    def __init__(self) -> None:
        self._keys = array("q")

    def add(self, name: str) -> None:
        """Note an id; the empty one is none."""
        if name:
            self._keys.append(hash(name))

    def repeated(self) -> frozenset[int]:
        """The hashes that were noted more than once."""
        import numpy as np

        keys = np.sort(np.frombuffer(self._keys, dtype=np.int64)) if self._keys else np.zeros(0, dtype=np.int64)
        return frozenset(map(int, keys[1:][keys[1:] == keys[:-1]]))


@dataclass(slots=True)
class Cell:
    """What one period holds of one group; ``weights`` (n_labels,) are the weighted counts of the labels."""

    start: date | None
    weights: list[float]
    n_sentences: int = 0
    articles: Distinct = field(default_factory=Distinct)


@dataclass(frozen=True, slots=True)
class Match:
    """An audited sentence where it stands in the predictions: its text, its predicted label, its weight at each place."""

    text: str
    label: int | None
    places: dict[Place, float]


@dataclass(slots=True)
class Counted:
    """What a pass over predictions found. Sentences without a prediction are in ``n_rows`` and in no cell."""

    cells: dict[Place, Cell] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    articles: Distinct = field(default_factory=Distinct)
    n_rows: int = 0
    n_undated: int = 0
    n_unpredicted: int = 0
    n_without_article: int = 0
    n_without_id: int = 0


def count(source: Path, task: Task, options: IndexOptions, audited: Collection[str] = ()) -> Counted:
    """Count the predictions, and find the audited sentences among them by their ids.

    Raises InputError where there is no row, or an id stands twice, beside what ``read_predictions`` raises.
    """
    found, ids = Counted(), Ids()
    weigh = _Weigher(source, task, options)
    n_labels = len(task.labels)
    for row in read_predictions(source, task, options):
        found.n_rows += 1
        found.n_undated += row.date is None
        found.n_without_article += not row.article_id
        found.n_without_id += not row.sentence_id
        ids.add(row.sentence_id)
        found.articles.add(row.article_id)
        places = weigh(row) if row.label is not None else {}
        if row.sentence_id in audited:
            if row.sentence_id in found.matches:
                raise InputError(f"{row.where}: the audited sentence {row.sentence_id} stands there twice; expected it once.")
            found.matches[row.sentence_id] = Match(row.text, row.label, places)
        if row.label is None:
            found.n_unpredicted += 1
            continue
        for place, weight in places.items():
            cell = found.cells.get(place)
            if cell is None:
                start = _start(row, options) if place[0] != ALL else None
                cell = found.cells[place] = Cell(start, [0.0] * n_labels)
            cell.n_sentences += 1
            cell.weights[row.label] += weight
            cell.articles.add(row.article_id)
    if not found.n_rows:
        raise InputError(f"{source}: no row in it; expected predictions.")
    if not found.cells:
        raise InputError(f"{source}: none of its {found.n_rows} rows has a prediction.")
    if repeated := ids.repeated():
        _check_once(source, task, options, repeated)
    return found


def _check_once(source: Path, task: Task, options: IndexOptions, hashes: Collection[int]) -> None:
    """Raise InputError with the places of the first sentence that stands there twice; hashes may agree by chance."""
    places: dict[str, list[str]] = {}
    for row in read_predictions(source, task, options):
        if row.sentence_id and hash(row.sentence_id) in hashes:
            places.setdefault(row.sentence_id, []).append(row.where)
    several = {name: wheres for name, wheres in places.items() if len(wheres) > 1}
    if several:
        name, wheres = next(iter(several.items()))
        more = f" (so do {len(several) - 1} more sentences)" if len(several) > 1 else ""
        raise InputError(
            f"{wheres[1]}: the sentence {name} stands there twice, first at {wheres[0]}{more}; each would count twice. Remove "
            "the copies, or, of different sentences, predict with ids of their own (a column sentence_id in the input)."
        )


class _Weigher:
    """The places of a sentence, each with the sentence's weight there."""

    def __init__(self, source: Path, task: Task, options: IndexOptions) -> None:
        self._options = options
        self._actors = read_actors(options.actors) if options.group == "actor" else ()
        counter = CopyCounter()
        if options.copies != "count":
            for row in read_predictions(source, task, options):
                if row.label is not None:
                    counter.add(row.text, set(self._copy_places(row).values()))
        self._copies = counter.weights() if options.copies != "count" else None

    def __call__(self, row: Predicted) -> dict[Place, float]:
        if self._copies is None:
            return dict.fromkeys(self._places(row), 1.0)
        copy_places = self._copy_places(row)
        weights = self._copies.of(row.text, set(copy_places.values()))
        return {place: weights[own] for place, own in copy_places.items()}

    def _places(self, row: Predicted) -> Iterator[Place]:
        """Period and group, the groups over all periods, and everything."""
        groups = _groups(row, self._options, self._actors)
        period = period_name(_start(row, self._options), self._options.by)
        yield from ((period, group) for group in groups)
        if self._options.group != "none":
            yield from ((ALL, group) for group in groups)
        yield ALL, ALL

    def _copy_places(self, row: Predicted) -> dict[Place, Place]:
        """Where copies are counted for each place: always within the period, and by ``once`` within the outlet too."""
        period = period_name(_start(row, self._options), self._options.by)
        within_group = self._options.copies == "once" and self._options.group == "outlet"
        return {place: (period, place[1] if within_group else ALL) for place in self._places(row)}


def _start(row: Predicted, options: IndexOptions) -> date | None:
    return period_start(row.date, options.by) if row.date else None


def _groups(row: Predicted, options: IndexOptions, actors: tuple[Actor, ...]) -> tuple[str, ...]:
    if options.group == "none":
        return (ALL,)
    if options.group == "outlet":
        return (row.outlet or NO_OUTLET,)
    return named(row.text, actors) or (NO_ACTOR,)
