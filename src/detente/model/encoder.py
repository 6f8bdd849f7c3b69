"""A fine-tuned encoder as a classifier."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.classifier import ModelInfo, TextScores, softmax
from detente.model.encoder_config import encoder_config
from detente.model.families import Encoded, Tokenizer, encode, load_tokenizer
from detente.model.network import load_network, save_network
from detente.model.tokens import Token, align_tokens
from detente.text import TextPath

Forward = Callable[[Sequence[Sequence[int]]], Any]
"""Ids of a batch of texts → logits, (n, n_labels)."""


class EncoderClassifier:
    """An encoder of any family with one head over the labels of all its tasks.

    ``forward`` computes the logits; without it ``network``, a transformers model, does. ``max_padded`` limits a batch by its
    tokens with the padding where a call sets no limit, beside the limit by its texts; 0 is no limit.
    """

    def __init__(
        self,
        network: Any,
        tokenizer: Tokenizer,
        text_path: TextPath,
        info: ModelInfo,
        *,
        forward: Forward | None = None,
        max_padded: int = 0,
    ) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.text_path = text_path
        self.info = info
        self.forward = forward or self._forward
        self.max_padded = max_padded

    @classmethod
    def load(cls, folder: Path, text_path: TextPath, info: ModelInfo) -> EncoderClassifier:
        """Load from a model folder. Raises ModelError."""
        encoder_config(folder).check_length(text_path.max_tokens, folder)
        network = load_network(folder, n_labels=sum(map(len, info.tasks.values())))
        return cls(network.eval(), load_tokenizer(folder), text_path, info)

    def save_weights(self, folder: Path) -> None:
        """Write weights and tokenizer. Raises ModelError for a classifier that runs an export."""
        if self.network is None:
            raise ModelError(f"{folder}: an export has no weights to save; save the model it was made from.")
        self.tokenizer.write(folder)
        save_network(self.network, folder, self.tokenizer.tokenizer_class)

    def prepare(self, texts: Sequence[str]) -> Encoded:
        """Raw texts → ids, with what was cut."""
        return encode(self.tokenizer, self.text_path.batch(texts), self.text_path.max_tokens)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Raw texts → ids."""
        return self.prepare(texts).ids

    def tokens(self, text: str, offset: int = 0) -> list[Token]:
        """The tokens the model reads of a raw text, each with its span in it; ``offset`` is the text's place in its article."""
        return align_tokens(self.tokenizer, self.text_path, text, offset)

    def score(self, texts: Sequence[str], batch_size: int = 32) -> TextScores:
        """Probabilities in the order of the texts; batches are formed by length, so that little is padded."""
        return self.score_segmented(self.text_path.batch(texts), batch_size)

    def score_segmented(self, segmented: Sequence[str], batch_size: int = 32, batch_tokens: int = 0) -> TextScores:
        """The same for texts that the text path has been over already."""
        import numpy as np

        encoded = encode(self.tokenizer, segmented, self.text_path.max_tokens)
        labels = [label for names in self.info.tasks.values() for label in names]
        logits = np.zeros((len(segmented), len(labels)))
        for chosen in batches(list(map(len, encoded.ids)), batch_size, batch_tokens or self.max_padded):
            logits[chosen] = self.forward([encoded.ids[at] for at in chosen])
        return TextScores(
            probs=self._probs(logits),
            n_tokens=np.array(encoded.n_tokens, dtype=int),
            truncated=np.array(encoded.truncated),
        )

    def _forward(self, ids: Sequence[Sequence[int]]) -> Any:
        import torch

        batch = pad(ids, self.tokenizer.pad_token_id)
        self.network.eval()
        with torch.inference_mode():
            found = self.network(**{name: tensor.to(self.network.device) for name, tensor in batch.items()})
        return found.logits.double().cpu().numpy()

    def _probs(self, logits: Any) -> dict[str, Any]:
        """Split the head's logits by task and turn them into probabilities at the task's temperature."""
        probs = {}
        start = 0
        for task, labels in self.info.tasks.items():
            scaled = logits[:, start : start + len(labels)] / self.info.temperature.get(task, 1.0)
            probs[task] = softmax(scaled)
            start += len(labels)
        return probs


def batches(lengths: Sequence[int], batch_size: int, max_padded: int = 0) -> Iterator[list[int]]:
    """Places of texts batch by batch, the shortest first, so that little is padded.

    A batch has at most ``batch_size`` texts and, unless ``max_padded`` is 0, at most so many tokens with the padding; a longer
    text has one to itself.

    >>> list(batches([5, 2, 9, 2], 3, 8))
    [[1, 3], [0], [2]]
    """
    batch: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == batch_size or 0 < max_padded < (len(batch) + 1) * lengths[at]):
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def pad(ids: Sequence[Sequence[int]], pad_id: int) -> dict[str, Any]:
    """Ids → input_ids and attention_mask, both (batch, longest) int64."""
    import torch

    longest = max(map(len, ids))
    return {
        "input_ids": torch.tensor([[*row, *[pad_id] * (longest - len(row))] for row in ids]),
        "attention_mask": torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in ids]),
    }
