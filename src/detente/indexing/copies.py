"""Wire copies: how much a sentence weighs that stands in the corpus several times."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable

from detente.model.classifier import sentence_hash

Place = tuple[str, str]
"""A period and a group."""


class CopyCounter:
    """Counts equal texts a place in 8 bytes a sentence; texts are equal as ``sentence_hash`` has it."""

    def __init__(self) -> None:
        self._keys = array("Q")

    def add(self, text: str, places: Iterable[Place]) -> None:
        """Count a sentence at each of its places."""
        digest = sentence_hash(text)
        self._keys.extend(_key(digest, place) for place in places)

    def weights(self) -> CopyWeights:
        """What was counted, as weights."""
        import numpy as np

        keys, counts = np.unique(np.array(self._keys, dtype=np.uint64), return_counts=True)
        return CopyWeights(dict(zip(keys[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True)))


class CopyWeights:
    """1 / number of copies of a text at a place, so that its copies there together weigh as much as one sentence."""

    def __init__(self, copies: dict[int, int]) -> None:
        self._copies = copies

    def of(self, text: str, places: Iterable[Place]) -> dict[Place, float]:
        """The weight of a sentence at each of its places."""
        digest = sentence_hash(text)
        return {place: 1.0 / self._copies.get(_key(digest, place), 1) for place in places}


def _key(digest: str, place: Place) -> int:
    packed = "\n".join((digest, *place)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest())
