"""Near-copies among sentences, and the groups of pages that copy one text.

Candidates come from datasketch's MinHash LSH (Broder 1997), so that the work grows with the number of copies and not with
the square of the corpus; each candidate's Jaccard similarity over syllable bigrams is then computed exactly.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from detente.records import Sentence
from detente.text.normalise import normalise

THRESHOLD = 0.5
"""Jaccard similarity from which two sentences count as copies. On the seeds the copies across pages have 0.77 and
more, all other pairs of different pages less than 0.2."""
CONTAINED = 0.8
"""Share of a text's bigrams in a longer sentence from which that sentence copies it."""
SAME_TEXT = 0.5
"""Share of the shorter page's sentences from which two pages carry one text and form a group."""

_N_PERMUTATIONS = 128
# Low, so that LSH misses next to nothing above THRESHOLD; the exact similarity sorts out the rest.
_CANDIDATE_THRESHOLD = 0.3


@dataclass(frozen=True, slots=True, order=True)
class NearCopy:
    """Two sentences that nearly copy each other, ids in order."""

    first: str
    second: str
    similarity: float


def near_copies(sentences: Sequence[Sentence], threshold: float = THRESHOLD) -> list[NearCopy]:
    """All pairs of sentences with a Jaccard similarity of at least ``threshold``, in order of their ids."""
    from datasketch import MinHash, MinHashLSH

    shingles = {sentence.sentence_id: _shingles(sentence.text) for sentence in sentences}
    index = MinHashLSH(threshold=_CANDIDATE_THRESHOLD, num_perm=_N_PERMUTATIONS)
    pairs = []
    for sentence_id, own in shingles.items():
        sketch = MinHash(num_perm=_N_PERMUTATIONS, seed=0)
        sketch.update_batch([shingle.encode() for shingle in sorted(own)])
        for other in index.query(sketch):
            similarity = _jaccard(own, shingles[other])
            if similarity >= threshold:
                first, second = sorted((other, sentence_id))
                pairs.append(NearCopy(first, second, round(similarity, 4)))
        index.insert(sentence_id, sketch)
    return sorted(pairs)


class CopyFinder:
    """Finds near-copies of a small set of texts in a corpus of any size: exact similarities over an index of the set.

    A sentence copies a text if their Jaccard similarity reaches ``THRESHOLD``, or if it holds four fifths of the text's bigrams
    (a headline within a lead), of five at least.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = [_shingles(text) for text in texts]
        self._holders: dict[str, list[int]] = defaultdict(list)
        for at, shingles in enumerate(self._texts):
            for shingle in shingles:
                self._holders[shingle].append(at)

    def finds(self, sentence: str) -> bool:
        """Whether the sentence nearly copies one of the texts."""
        own = _shingles(sentence)
        shared = Counter(at for shingle in own for at in self._holders.get(shingle, ()))
        return any(
            common >= THRESHOLD * (len(own) + len(self._texts[at]) - common)
            or (len(self._texts[at]) >= 5 and common >= CONTAINED * len(self._texts[at]))
            for at, common in shared.items()
        )


def group_pages(sentences: Sequence[Sentence], copies: Iterable[NearCopy]) -> dict[str, str]:
    """page_id → group_id. Pages that share at least half of the shorter one's sentences are one group.

    A group is named after the first of its pages.
    """
    page_of = {sentence.sentence_id: sentence.page_id for sentence in sentences}
    size: dict[str, int] = defaultdict(int)
    for page_id in page_of.values():
        size[page_id] += 1
    shared: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for copy in copies:
        (a, first), (b, second) = sorted([(page_of[copy.first], copy.first), (page_of[copy.second], copy.second)])
        if a != b:
            shared[a, b][0].add(first)
            shared[a, b][1].add(second)
    group = {page_id: page_id for page_id in sorted(size)}

    def root(page_id: str) -> str:
        while group[page_id] != page_id:
            page_id = group[page_id]
        return page_id

    for (a, b), (in_a, in_b) in sorted(shared.items()):
        if max(len(in_a) / size[a], len(in_b) / size[b]) >= SAME_TEXT:
            low, high = sorted((root(a), root(b)))
            group[high] = low
    return {page_id: root(page_id) for page_id in group}


def _shingles(text: str) -> frozenset[str]:
    syllables = re.findall(r"\w+", normalise(text).casefold())
    if len(syllables) < 2:
        return frozenset(syllables)
    return frozenset(" ".join(pair) for pair in pairwise(syllables))


def _jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0
