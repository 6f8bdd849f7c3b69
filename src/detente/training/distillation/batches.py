"""A shard of sentences as batches of ids, words and targets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from detente.model.families import Tokenizer
    from detente.training.distillation.teacher import TeacherOutputs

MAX_TOKENS = 256


@dataclass(frozen=True)
class Batch:
    """``input_ids`` and ``attention_mask`` (n, longest) int64; ``sentences`` (n, width) float32.

    ``word_of`` (n, longest) int64 is the word that a token is a piece of, counted over the batch, -1 for none; ``words``
    (n_words, width) float32 are the targets of those words, None where the teacher has none.
    """

    input_ids: Any
    attention_mask: Any
    sentences: Any
    word_of: Any
    words: Any

    def to(self, device: Any) -> Batch:
        """The batch on a device."""
        found = {name: getattr(self, name) for name in ("input_ids", "attention_mask", "sentences", "word_of", "words")}
        return Batch(**{name: None if tensor is None else tensor.to(device) for name, tensor in found.items()})


class Shard:
    """The sentences of one shard, encoded word by word, beside the teacher's outputs."""

    def __init__(self, tokenizer: Tokenizer, segmented: Sequence[str], outputs: TeacherOutputs) -> None:
        import numpy as np

        self._words = tokenizer.words(segmented)
        self._outputs = outputs
        self._first_word = np.concatenate([[0], np.cumsum([len(words) for words in self._words])])
        self._prefix, self._suffix = tokenizer.prefix, tokenizer.suffix
        self._pad_id, self._mask_id = tokenizer.pad_token_id, tokenizer.mask_token_id
        self.lengths = [sum(map(len, words)) for words in self._words]

    def __len__(self) -> int:
        return len(self._words)

    def batches(self, rows: Sequence[int], size: int, mask: float, generator: np.random.Generator) -> Iterator[Batch]:
        """The rows in batches of similar length, in random order; each word is masked with the probability ``mask``."""
        noisy = {row: self.lengths[row] + generator.uniform(0, 2) for row in rows}
        ordered = sorted(rows, key=noisy.__getitem__)
        starts = list(range(0, len(ordered), size))
        for start in generator.permutation(starts):
            yield self.batch(ordered[start : start + size], mask, generator)

    def batch(self, rows: Sequence[int], mask: float, generator: np.random.Generator) -> Batch:
        """One batch."""
        import numpy as np
        import torch

        n_last = len(self._suffix)
        longest = min(max(self.lengths[row] for row in rows) + len(self._prefix) + n_last, MAX_TOKENS)
        ids = np.full((len(rows), longest), self._pad_id)
        word_of = np.full((len(rows), longest), -1)
        lengths = np.zeros(len(rows), dtype=np.int64)
        kept: list[int] = []
        for at, row in enumerate(rows):
            end = len(self._prefix)
            ids[at, :end] = self._prefix
            masked = generator.random(len(self._words[row])) < mask
            for number, word in enumerate(self._words[row]):
                if end + len(word) > longest - n_last:
                    break
                ids[at, end : end + len(word)] = self._mask_id if masked[number] else word
                word_of[at, end : end + len(word)] = len(kept)
                kept.append(int(self._first_word[row]) + number)
                end += len(word)
            ids[at, end : end + n_last] = self._suffix
            lengths[at] = end + n_last
        words = self._outputs.words
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy((np.arange(longest) < lengths[:, None]).astype(np.int64)),
            torch.from_numpy(np.asarray(self._outputs.sentences[rows], dtype=np.float32)),
            torch.from_numpy(word_of),
            None if words is None else torch.from_numpy(np.asarray(words[kept], dtype=np.float32)),
        )
