"""What a call of the tokenizer hands out beside ids: encodings in PhoBERT's own notation, made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


class PhobertEncoding:
    """An encoding of the backend that shows ids and tokens as PhoBERT has them; everything else is the backend's own."""

    def __init__(self, encoding: Any, ids: list[int], tokens: Mapping[int, str]) -> None:
        self._encoding = encoding
        self.ids = ids
        self._names = tokens

    @property
    def tokens(self) -> list[str]:
        """The tokens, every piece but a word's last with ``@@``."""
        return [self._names[token_id] for token_id in self.ids]

    def __len__(self) -> int:
        return len(self.ids)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_encoding":
            raise AttributeError(name)
        return getattr(self._encoding, name)


class LazyEncodings(Sequence[PhobertEncoding]):
    """The encodings of a batch whose ids are known already; most callers never look at one, and offsets cost most of a call."""

    def __init__(self, n: int, encode: Callable[[int], PhobertEncoding]) -> None:
        self._encode = encode
        self._found: list[PhobertEncoding | None] = [None] * n

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        found = self._found[at]
        if found is None:
            found = self._found[at] = self._encode(range(len(self))[at])
        return found

    def __reduce__(self) -> Any:
        return list, (list(self),)
