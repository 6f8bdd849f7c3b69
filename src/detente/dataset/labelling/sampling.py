"""Random samples of a stream of sentences, with the probability that each was drawn.

Every design reads the stream once and holds no more than the sample (the clustered one also a number an article). All depend on
the seed alone, so that a sample can be drawn again; it keeps the order of the stream.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from detente.dataset.labelling.items import Item
from detente.errors import InputError

_Numbered = tuple[int, Item]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, in the order of the stream, and how many sentences there were to draw from."""

    items: tuple[Item, ...] = field(repr=False)
    n_population: int
    design: str


def simple_sample(items: Iterable[Item], n: int, seed: int) -> Sample:
    """Every sentence with the same probability, n / N, without replacement (reservoir sampling, Vitter 1985, algorithm R)."""
    reservoir = _Reservoir(n, random.Random(seed))
    for numbered in enumerate(items):
        reservoir.offer(numbered)
    _enough(reservoir.n_seen, n)
    drawn = sorted(reservoir.kept, key=lambda row: row[0])
    prob = n / reservoir.n_seen
    return Sample(tuple(replace(item, inclusion_prob=prob, stratum="") for _, item in drawn), reservoir.n_seen, "simple")


def stratified_sample(items: Iterable[Item], n: int, seed: int) -> Sample:
    """As many sentences from every stratum, each with the probability n_h / N_h of its own.

    A stratum with fewer sentences gives all it has, and the others share what is left, the larger ones first.
    """
    generator = random.Random(seed)
    strata: dict[str, _Reservoir] = {}
    n_population = 0
    for number, item in enumerate(items):
        n_population += 1
        strata.setdefault(item.stratum, _Reservoir(n, generator)).offer((number, item))
    _enough(n_population, n)
    if n < len(strata):
        raise InputError(f"{len(strata)} strata for a sample of {n}; expected at least one sentence a stratum. Draw more.")
    drawn: list[_Numbered] = []
    for stratum, size in _allocation({name: reservoir.n_seen for name, reservoir in strata.items()}, n).items():
        reservoir = strata[stratum]
        # A random part of a simple random sample is one.
        chosen = generator.sample(reservoir.kept, size)
        drawn += [(number, replace(item, inclusion_prob=size / reservoir.n_seen)) for number, item in chosen]
    return Sample(tuple(item for _, item in sorted(drawn, key=lambda row: row[0])), n_population, "stratified")


def clustered_sample(items: Iterable[Item], n: int, seed: int) -> Sample:
    """``n`` articles with all their sentences; each article, and so each sentence, with the probability n / N_articles.

    The articles with the n smallest hashes of seed and id are a simple random sample of them, whatever the stream's order.
    """
    kept: dict[str, list[_Numbered]] = {}
    heap: list[tuple[int, str]] = []  # of negative ranks: the worst of those kept is first
    seen: set[int] = set()
    n_population = 0
    for number, item in enumerate(items):
        n_population += 1
        seen.add(hash(item.article_id))
        if item.article_id not in kept:
            rank = -int.from_bytes(hashlib.sha256(f"{seed}\n{item.article_id}".encode()).digest())
            if len(kept) == n:
                if rank < heap[0][0]:
                    continue
                del kept[heapq.heappop(heap)[1]]
            kept[item.article_id] = []
            heapq.heappush(heap, (rank, item.article_id))
        kept[item.article_id].append((number, item))
    if n > len(seen):
        raise InputError(f"{n} articles asked for, and there are {len(seen)}. Ask for fewer.")
    drawn = sorted((row for rows in kept.values() for row in rows), key=lambda row: row[0])
    prob = n / len(seen)
    return Sample(tuple(replace(item, inclusion_prob=prob, stratum="") for _, item in drawn), n_population, "clustered")


DESIGNS: dict[str, Callable[[Iterable[Item], int, int], Sample]] = {
    "simple": simple_sample,
    "stratified": stratified_sample,
    "clustered": clustered_sample,
}


class _Reservoir:
    """A simple random sample of what it was offered so far."""

    def __init__(self, size: int, generator: random.Random) -> None:
        self.kept: list[_Numbered] = []
        self.n_seen = 0
        self._size = size
        self._generator = generator

    def offer(self, row: _Numbered) -> None:
        self.n_seen += 1
        if len(self.kept) < self._size:
            self.kept.append(row)
        elif (at := self._generator.randrange(self.n_seen)) < self._size:
            self.kept[at] = row


def _allocation(sizes: dict[str, int], n: int) -> dict[str, int]:
    """Sentences a stratum: as equal as the sizes allow."""
    shares: dict[str, int] = {}
    left = n
    by_size = sorted(sizes, key=lambda name: (sizes[name], name))
    for at, name in enumerate(by_size):
        shares[name] = min(sizes[name], left // (len(by_size) - at))
        left -= shares[name]
    return shares


def _enough(n_population: int, n: int) -> None:
    if n > n_population:
        raise InputError(f"{n} sentences asked for, and there are {n_population}. Ask for fewer.")
