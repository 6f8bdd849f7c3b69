"""Ids by words: a word is encoded once and remembered, for words repeat."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from detente.model.families.family import encodable
from detente.model.families.phobert_bpe import FIRST_FILLER

# Words remembered at most, and texts looked at together: they bound memory over a corpus of any length.
MAX_WORDS = 1 << 17
BATCH = 1024
_WORDS_A_CALL = 256

Encode = Callable[[Sequence[str]], Sequence[Any]]
"""Texts → the backend's encodings of them, uncut and bare."""


class WordIds:
    """The ids of texts, word by word, out of a memory that the backend fills.

    White space alone parts a text into words, but for a newline, which belongs to the word before it, and the special tokens; a
    text that holds one of those goes to the backend whole.
    """

    def __init__(self, encode: Encode, fillers: Mapping[int, int], special: Collection[str]) -> None:
        self.known: dict[str, tuple[int, ...]] = {}
        self._encode = encode
        self._fillers = fillers
        self._special = tuple(special)
        self._marks = {"\n", *(token[0] for token in special)}

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text."""
        found: list[list[int]] = []
        for start in range(0, len(texts), BATCH):
            found += self._batch(texts[start : start + BATCH])
        return found

    def final(self, ids: list[int]) -> list[int]:
        """Exchange fillers for the ids they stand for."""
        if ids and max(ids) >= FIRST_FILLER:
            return [self._fillers.get(token_id, token_id) for token_id in ids]
        return ids

    def _batch(self, texts: Sequence[str]) -> list[list[int]]:
        broken = self._broken(texts)
        encodings = self._encode([encodable(texts[at]) for at in broken])
        whole = {at: self.final(encoding.ids) for at, encoding in zip(broken, encodings, strict=True)}
        lines = [[] if at in whole else text.split() for at, text in enumerate(texts)]
        known = self._learned(set().union(*lines)).__getitem__
        ids = [list(chain.from_iterable(map(known, line))) for line in lines]
        for at, own in whole.items():
            ids[at] = own
        return ids

    def _broken(self, texts: Sequence[str]) -> list[int]:
        """The texts that hold a newline or a special token."""
        together = "".join(texts)
        if not any(mark in together for mark in self._marks):
            return []
        return [at for at, text in enumerate(texts) if "\n" in text or any(token in text for token in self._special)]

    def _learned(self, words: set[str]) -> dict[str, tuple[int, ...]]:
        """A memory that holds all of the words. A full one is exchanged, not emptied: another thread may be reading in it."""
        known = self.known
        if len(known) + len(words) > MAX_WORDS:
            known = self.known = {}
        new = list(words.difference(known))
        bare = [encodable(word) for word in new]
        # Many words as one text, for a call costs more than a word; several texts, for they run on all cores.
        calls = [" ".join(bare[at : at + _WORDS_A_CALL]) for at in range(0, len(bare), _WORDS_A_CALL)]
        found: list[tuple[int, ...]] = []
        for encoding in self._encode(calls):
            pairs = zip(encoding.word_ids, self.final(encoding.ids), strict=True)
            found += [tuple(token_id for _, token_id in group) for _, group in groupby(pairs, key=itemgetter(0))]
        known.update(zip(new, found, strict=True))
        return known
