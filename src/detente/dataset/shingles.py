"""Sentences as sets of syllable bigrams, and all pairs of sets that are nearly the same.

Candidates come from MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman and Ullman, Mining of Massive Datasets, 3.4),
computed band by band over flat arrays: an index of hash tables over two million sentences would take tens of gigabytes. Most
candidates share some common words only, and go after a look at 64 bytes of either; of the others the Jaccard similarity is
computed from the sets.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from detente.text.normalise import normalise

N_BANDS = 40
N_ROWS = 3
"""A pair of similarity 0.5 falls into one bucket in at least one band with a probability of 0.995, one of 0.6 with 0.9999."""

_SKETCH = 64
_SKETCH_SHARE = 0.25
"""Share of equal bytes below which a candidate goes. At a similarity of 0.5 half of them are equal: fewer than a quarter once
in 50,000 pairs."""
_BLOCK = 1 << 20
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_ORDER = np.uint64(0x9E3779B97F4A7C15)

_Hashes = npt.NDArray[np.uint64]
_Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearPairs:
    """Pairs of distinct sets, ``first < second``, in order, with their Jaccard similarity."""

    first: _Indices
    second: _Indices
    similarity: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShingleSets:
    """Sets of 64-bit hashes in one flat array: set i is ``flat[starts[i]:starts[i + 1]]``, sorted."""

    flat: _Hashes
    starts: _Indices

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> _Indices:
        """The number of shingles of each set."""
        return np.diff(self.starts)


class ShingleBuilder:
    """Collects sets one by one; 8 bytes a shingle."""

    def __init__(self) -> None:
        self._flat = array("Q")
        self._starts = array("q", [0])

    def add(self, text: str) -> None:
        """Append the set of a text; a text without letters and digits gives an empty set."""
        self._flat.frombytes(_hashed(text).tobytes())
        self._starts.append(len(self._flat))

    def sets(self) -> ShingleSets:
        """All sets so far. Nothing can be added while they are in use."""
        return ShingleSets(np.frombuffer(self._flat, dtype=np.uint64), np.frombuffer(self._starts, dtype=np.int64))


def shingles(text: str) -> frozenset[str]:
    """The syllable bigrams of a text as strings, whatever its Unicode form, tone marks and capitals."""
    syllables = _syllables(text)
    return frozenset(" ".join(pair) for pair in pairwise(syllables)) if len(syllables) > 1 else frozenset(syllables)


def distinct_sets(sets: ShingleSets) -> tuple[_Indices, _Indices]:
    """The class of each set, equal sets being one class (empty ones: -1), and the first member of each class.

    Classes are numbered by their content, so that their order does not depend on that of the texts.
    """
    filled = np.flatnonzero(sets.sizes > 0)
    keys = np.zeros(len(filled), dtype=np.uint64)
    at = 0
    for block, starts in _blocks(sets, filled):
        sums = np.add.reduceat(_mixed(block), starts)
        keys[at : at + len(sums)] = _mixed(sums)
        at += len(sums)
    _, first, classes = np.unique(keys, return_index=True, return_inverse=True)
    of_set = np.full(len(sets), -1, dtype=np.int64)
    of_set[filled] = classes
    return of_set, filled[first]


def near_pairs(sets: ShingleSets, chosen: _Indices, threshold: float, window: int | None = None) -> NearPairs:
    """All pairs of the chosen sets (indices into ``chosen``) with a Jaccard similarity of at least ``threshold``.

    With a ``window``, a set is compared with that many others of a bucket at most: where thousands of sentences are versions
    of one template, each finds its neighbours and not all of them.
    """
    random = np.random.default_rng(0)
    found = np.zeros(0, dtype=np.int64)
    n = len(chosen)
    sketches = _sketches(sets, chosen, _factors(random, _SKETCH))
    for _ in range(N_BANDS):
        buckets = _buckets(sets, chosen, _factors(random, N_ROWS))
        candidates = np.unique(np.concatenate([found[:0], *(_coded(a, b, n) for a, b in _within(buckets, window))]))
        candidates = candidates[~np.isin(candidates, found, assume_unique=True)]
        candidates = candidates[_look_alike(sketches, candidates)]
        similar = _similarity(sets, chosen, candidates // max(n, 1), candidates % max(n, 1)) >= threshold
        found = np.sort(np.concatenate([found, candidates[similar]]))
    first, second = found // max(n, 1), found % max(n, 1)
    return NearPairs(first, second, _similarity(sets, chosen, first, second))


def _buckets(sets: ShingleSets, chosen: _Indices, factors: _Hashes) -> _Hashes:
    """The bucket of each chosen set in one band: its smallest hashes under as many hash functions as the band has rows."""
    buckets = np.zeros(len(chosen), dtype=np.uint64)
    at = 0
    for block, starts in _blocks(sets, chosen):
        n = len(starts)
        for factor, shift in factors:
            smallest = np.minimum.reduceat((block * factor + shift) >> np.uint64(32), starts)
            buckets[at : at + n] = _mixed(buckets[at : at + n] * _ORDER + smallest)
        at += n
    return buckets


def _factors(random: np.random.Generator, n: int) -> _Hashes:
    return random.integers(1 << 63, size=(n, 2), dtype=np.uint64) * np.uint64(2) + np.uint64(1)


def _sketches(sets: ShingleSets, chosen: _Indices, factors: _Hashes) -> npt.NDArray[np.uint8]:
    """One byte of each of 64 MinHash values, a row a set."""
    sketches = np.zeros((len(chosen), len(factors)), dtype=np.uint8)
    at = 0
    for block, starts in _blocks(sets, chosen):
        for column, (factor, shift) in enumerate(factors):
            smallest = np.minimum.reduceat((block * factor + shift) >> np.uint64(32), starts)
            sketches[at : at + len(starts), column] = _mixed(smallest) & np.uint64(0xFF)
        at += len(starts)
    return sketches


def _look_alike(sketches: npt.NDArray[np.uint8], candidates: _Indices) -> npt.NDArray[np.bool_]:
    alike = np.zeros(len(candidates), dtype=bool)
    for at in range(0, len(candidates), _BLOCK // _SKETCH):
        block = candidates[at : at + _BLOCK // _SKETCH]
        equal = sketches[block // len(sketches)] == sketches[block % len(sketches)]
        alike[at : at + len(block)] = equal.sum(axis=1) >= _SKETCH_SHARE * _SKETCH
    return alike


def _within(buckets: _Hashes, window: int | None) -> Iterator[tuple[_Indices, _Indices]]:
    """Pairs of indices that share a bucket."""
    order = np.argsort(buckets, kind="stable")
    ordered = buckets[order]
    left = np.arange(len(order))
    distance = 0
    while window is None or distance < window:
        distance += 1
        left = left[left + distance < len(order)]
        left = left[ordered[left] == ordered[left + distance]]
        if not len(left):
            return
        yield order[left], order[left + distance]


def _coded(a: _Indices, b: _Indices, n: int) -> _Indices:
    return np.minimum(a, b) * n + np.maximum(a, b)


def _similarity(sets: ShingleSets, chosen: _Indices, first: _Indices, second: _Indices) -> npt.NDArray[np.float64]:
    """Jaccard similarities of pairs, exact but for collisions of 64-bit hashes."""
    similarities = np.zeros(len(first))
    a, b = chosen[first], chosen[second]
    sizes = sets.sizes
    # Sorting all shingles of a block of pairs intersects them all at once.
    ends = np.cumsum(sizes[a] + sizes[b])
    at = 0
    while at < len(first):
        to = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + _BLOCK, side="right")))
        n_a, n_b = sizes[a[at:to]], sizes[b[at:to]]
        pair = np.concatenate([np.repeat(np.arange(to - at), n_a), np.repeat(np.arange(to - at), n_b)])
        values = np.concatenate([sets.flat[_spans(sets, a[at:to])], sets.flat[_spans(sets, b[at:to])]])
        order = np.lexsort((values, pair))
        pair, values = pair[order], values[order]
        equal = (values[1:] == values[:-1]) & (pair[1:] == pair[:-1])
        common = np.bincount(pair[1:][equal], minlength=to - at)
        similarities[at:to] = common / (n_a + n_b - common)
        at = to
    return similarities


def _blocks(sets: ShingleSets, chosen: _Indices) -> Iterator[tuple[_Hashes, _Indices]]:
    """The shingles of the chosen sets, some million at a time, and where each set starts in them. No set may be empty."""
    ends = np.cumsum(sets.sizes[chosen])
    at = 0
    while at < len(chosen):
        before = int(ends[at - 1]) if at else 0
        to = max(at + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        starts = np.concatenate([[0], ends[at : to - 1] - before])
        yield sets.flat[_spans(sets, chosen[at:to])], starts
        at = to


def _spans(sets: ShingleSets, chosen: _Indices) -> _Indices:
    """The places of the chosen sets' shingles in the flat array, set after set."""
    sizes = sets.sizes[chosen]
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    places: _Indices = np.arange(total) + np.repeat(sets.starts[chosen] - (ends - sizes), sizes)
    return places


def _hashed(text: str) -> _Hashes:
    syllables = _syllables(text)
    hashes = np.fromiter(map(_syllable_hash, syllables), dtype=np.uint64, count=len(syllables))
    if len(hashes) > 1:
        hashes = hashes[:-1] * _ORDER + hashes[1:]
    return np.unique(_mixed(hashes))


def _syllables(text: str) -> list[str]:
    return re.findall(r"\w+", normalise(text).casefold())


@lru_cache(maxsize=1 << 18)
def _syllable_hash(syllable: str) -> int:
    return int.from_bytes(blake2b(syllable.encode(), digest_size=8).digest(), "little")


def _mixed(hashes: _Hashes) -> _Hashes:
    """Spread hashes over all 64 bits (the finaliser of splitmix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX[0]
    hashes = (hashes ^ (hashes >> np.uint64(27))) * _MIX[1]
    return hashes ^ (hashes >> np.uint64(31))
