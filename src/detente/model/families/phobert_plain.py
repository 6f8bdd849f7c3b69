"""PhoBERT's tokenizer as the loops need it, without transformers, whose import takes longer than a small prediction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from detente.model.families.family import Piece, encodable
from detente.model.families.phobert_bpe import build_backend, read_merges, read_vocabulary, symbols_of
from detente.model.families.phobert_words import WordIds

_FIRST = ("<s>", "<pad>", "</s>", "<unk>")
_UNK, _MASK = "<unk>", "<mask>"


def backend_and_words(
    ids: Mapping[str, int], merges: list[tuple[str, str]], added: Mapping[str, Any], unk: str
) -> tuple[Any, WordIds]:
    """The encoder of `tokenizers` over a vocabulary, and the memory of words in front of it; ``added`` are AddedTokens."""
    symbols = symbols_of(ids, merges, unk)
    backend = build_backend(symbols, merges, {token: ids[token] for token in added}, unk, added.values())
    return backend, WordIds(partial(_encode_bare, backend), symbols.fillers, added)


def _encode_bare(backend: Any, texts: Sequence[str]) -> list[Any]:
    backend.no_truncation()
    backend.no_padding()
    encodings: list[Any] = backend.encode_batch(list(texts), add_special_tokens=False)
    return encodings


def ids_by_words(ids_of: Any, texts: Iterable[str]) -> list[list[list[int]]]:
    """The ids of each text by its words, which white space parts; ``ids_of`` gives those of many texts."""
    lines = [text.split() for text in texts]
    distinct = sorted(set().union(*lines))
    known = dict(zip(distinct, ids_of(distinct), strict=True))
    return [[known[word] for word in line] for line in lines]


class PlainPhobertTokenizer:
    """The ids, pieces and words of ``PhobertTokenizerFast`` from the same two files."""

    tokenizer_class: str | None = "PhobertTokenizer"

    def __init__(self, vocab_file: str, merges_file: str) -> None:
        from tokenizers import AddedToken

        self._files = (vocab_file, merges_file)
        self._ids = read_vocabulary(Path(vocab_file), _FIRST, _MASK)
        self._tokens = {token_id: token for token, token_id in self._ids.items()}
        added = {token: AddedToken(token, special=True, normalized=False) for token in (*_FIRST, _MASK)}
        self._backend, self._words = backend_and_words(self._ids, read_merges(Path(merges_file)), added, _UNK)
        self.prefix: tuple[int, ...] = (self._ids["<s>"],)
        self.suffix: tuple[int, ...] = (self._ids["</s>"],)
        self.pad_token_id = self._ids["<pad>"]
        self.unk_token_id: int | None = self._ids[_UNK]
        self.mask_token_id: int | None = self._ids[_MASK]

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special tokens around them and uncut."""
        return self._words(texts)

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text with their places in it, without special ones around them and uncut."""
        self._backend.no_truncation()
        self._backend.no_padding()
        encoding = self._backend.encode(encodable(text), add_special_tokens=False)
        rows = zip(self._words.final(encoding.ids), encoding.word_ids, encoding.offsets, strict=True)
        return [Piece(self._tokens[token_id], token_id, word, start, end) for token_id, word, (start, end) in rows]

    def words(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The ids of each text by its words, which white space parts."""
        return ids_by_words(self.ids, texts)

    def write(self, folder: Path) -> None:
        """Write PhoBERT's two files, and the configuration that transformers reads."""
        from detente.model.families.phobert_tokenizer import PhobertTokenizerFast

        PhobertTokenizerFast(*self._files).write(folder)
