"""Near-copies among sentences, and the groups of pages that carry one text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from detente.dataset.shingles import ShingleBuilder, distinct_sets, near_pairs, shingles
from detente.records import Sentence

THRESHOLD = 0.5
"""Jaccard similarity from which two sentences count as copies. On the seeds the copies across pages have 0.77 and
more, all other pairs of different pages less than 0.2."""
CONTAINED = 0.8
"""Share of a text's bigrams in a longer sentence from which that sentence copies it."""
SAME_TEXT = 0.5
"""Share of a page's sentences with a copy on another page from which both carry one text and form a group."""
TEMPLATE = 100
"""With how many versions of a template a sentence is compared while pages are grouped; copies that face each other across a
split are looked for without a limit."""
MAX_CANDIDATES = 1000
"""With how many pages that share its rarer sentences a page is compared, the first by their ids."""


@dataclass(frozen=True, slots=True, order=True)
class NearCopy:
    """Two sentences that nearly copy each other, ids in order."""

    first: str
    second: str
    similarity: float


def near_copies(sentences: Sequence[Sentence], threshold: float = THRESHOLD) -> list[NearCopy]:
    """All pairs of sentences with a Jaccard similarity of at least ``threshold``, in order of their ids."""
    builder = ShingleBuilder()
    for sentence in sentences:
        builder.add(sentence.text)
    sets = builder.sets()
    classes, first = distinct_sets(sets)
    members: dict[int | str, list[str]] = defaultdict(list)
    for sentence, number in zip(sentences, classes.tolist(), strict=True):
        # Texts without letters and digits have no bigrams: they are copies where they are equal.
        members[number if number >= 0 else sentence.text].append(sentence.sentence_id)
    copies = [_copy(a, b, 1.0) for equal in members.values() for a, b in combinations(equal, 2)]
    pairs = near_pairs(sets, first, threshold)
    for x, y, similarity in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.similarity.tolist(), strict=True):
        copies += [_copy(a, b, similarity) for a in members[x] for b in members[y]]
    return sorted(copies)


def _copy(a: str, b: str, similarity: float) -> NearCopy:
    return NearCopy(min(a, b), max(a, b), round(similarity, 4))


class PageGroups:
    """Groups pages by their sentences: any number of them, 8 bytes a syllable of the corpus and 64 a sentence.

    The result does not depend on the order in which the pages are added.
    """

    def __init__(self) -> None:
        self._builder = ShingleBuilder()
        self._pages: list[str] = []
        self._sizes: list[int] = []

    def add(self, page_id: str, texts: Sequence[str]) -> None:
        """Add a page with the texts of its sentences."""
        self._pages.append(page_id)
        self._sizes.append(len(texts))
        for text in texts:
            self._builder.add(text)

    def groups(self, *, progress: bool = False) -> dict[str, str]:
        """page_id → group_id. A page of which at least half of the sentences have copies on another page is in its group.

        A group is named after the first of its pages.
        """
        sets = self._builder.sets()
        classes, first = distinct_sets(sets)
        pairs = near_pairs(sets, first, THRESHOLD, window=TEMPLATE, progress=progress)
        alike: dict[int, list[int]] = defaultdict(list)
        for a, b in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            alike[a].append(b)
            alike[b].append(a)
        # Most sentences of a corpus have no copy; only the others are worth Python objects.
        copied = np.bincount(classes[classes >= 0], minlength=len(first)) > 1
        copied[pairs.first] = copied[pairs.second] = True
        numbers = np.where((classes >= 0) & np.append(copied, False)[classes], classes, -1)
        ends = np.cumsum(self._sizes).tolist()
        on_page = {
            page_id: numbers[end - size : end].tolist()
            for page_id, size, end in zip(self._pages, self._sizes, ends, strict=True)
        }
        return _grouped(on_page, alike)


def _grouped(on_page: Mapping[str, Sequence[int]], alike: Mapping[int, Sequence[int]]) -> dict[str, str]:
    """Union of pages, from the classes of equal sentences on each (-1: no copy anywhere) and which classes are alike.

    If half of a page's sentences have copies on another page, one of any larger half of them has one there: so its rarest
    sentences lead to all pages it can form a group with (the prefix filter of set similarity joins; Chaudhuri, Ganti and
    Kaushik 2006).
    """
    holders: dict[int, list[str]] = defaultdict(list)
    for page_id in sorted(on_page):
        for number in dict.fromkeys(on_page[page_id]):
            if number >= 0:
                holders[number].append(page_id)
    spread = {n: len(pages) + sum(len(holders[other]) for other in alike.get(n, ())) for n, pages in holders.items()}
    group = {page_id: page_id for page_id in sorted(on_page)}

    def root(page_id: str) -> str:
        while group[page_id] != page_id:
            page_id = group[page_id]
        return page_id

    for page_id in group:
        numbers = on_page[page_id]
        rarest = sorted(numbers, key=lambda n: spread.get(n, 0))[: len(numbers) // 2 + 1]
        if not any(n >= 0 for n in rarest):
            continue
        copies = [{n, *alike.get(n, ())} for n in numbers if n >= 0]
        candidates = {other for n in rarest if n >= 0 for copy in (n, *alike.get(n, ())) for other in holders[copy]}
        for other in sorted(candidates - {page_id})[:MAX_CANDIDATES]:
            there = set(on_page[other])
            if sum(not there.isdisjoint(own) for own in copies) >= SAME_TEXT * len(numbers):
                low, high = sorted((root(page_id), root(other)))
                group[high] = low
    return {page_id: root(page_id) for page_id in group}


class CopyFinder:
    """Finds near-copies of a small set of texts in a corpus of any size: exact similarities over an index of the set.

    A sentence copies a text if their Jaccard similarity reaches ``THRESHOLD``, or if it holds four fifths of the text's bigrams
    (a headline within a lead), of five at least.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [shingles(text) for text in texts]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for at, own in enumerate(self._texts):
            for shingle in own:
                self._holders[shingle].append(at)

    def finds(self, sentence: str) -> bool:
        """Whether the sentence nearly copies one of the texts."""
        own = shingles(sentence)
        shared = Counter(at for shingle in own for at in self._holders.get(shingle, ()))
        return any(
            common >= THRESHOLD * (len(own) + len(self._texts[at]) - common)
            or (len(self._texts[at]) >= 5 and common >= CONTAINED * len(self._texts[at]))
            for at, common in shared.items()
        )
