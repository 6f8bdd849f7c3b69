"""What every classifier is to the rest of the code, whatever stands behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from detente._version import __version__
from detente.errors import ModelError
from detente.tasks import Poles
from detente.text import TextPath, normalise

if TYPE_CHECKING:
    import numpy as np

Tasks = Mapping[str, tuple[str, ...]]
"""Task → its labels in order."""


SMALLEST_PROB = 1e-6
"""Stored probabilities have six places; 0 stands for anything below, and its log must be a number."""


@dataclass(frozen=True)
class TextScores:
    """What a classifier says of a batch of texts.

    Shapes, for n texts: ``probs[task]`` (n, n_labels) float64, rows sum to 1; ``n_tokens`` (n,) with the special tokens,
    before any cut; ``truncated`` (n,) bool.
    """

    probs: Mapping[str, np.ndarray]
    n_tokens: np.ndarray
    truncated: np.ndarray

    def __post_init__(self) -> None:
        """Raise ModelError for a probability that is none: nobody is to write it down as a prediction."""
        for task, probs in self.probs.items():
            wrong = ~((probs >= 0) & (probs <= 1 + SMALLEST_PROB)).all(axis=1)  # true of NaN too
            if wrong.any():
                first = int(wrong.argmax())
                raise ModelError(
                    f"the model gives {probs[first].tolist()} for {task} of text {first + 1} of {len(probs)}; expected "
                    "probabilities. Its weights or its temperature are damaged: copy the model folder again, or train again."
                )


@dataclass(frozen=True)
class ModelInfo:
    """What a model folder says of its model, apart from weights and text path.

    ``ordered`` are the tasks whose labels are a scale, ``poles`` the two labels between which an index measures a direction, of
    the tasks that have them; None in a folder of before, which does not say. ``intended_use`` says what the model is for and
    what it must not be used for; commands pass it on. ``label_counts`` are those of the training sentences, task → label → n;
    ``temperature`` divides the logits of a task. ``verified`` is False for a folder of a format that knows no hashes of its
    files.
    """

    kind: str
    name: str
    tasks: Tasks
    ordered: tuple[str, ...] = ()
    poles: Mapping[str, Poles] | None = None
    untrained: bool = False
    licence: str = ""
    intended_use: str = ""
    temperature: Mapping[str, float] = field(default_factory=dict)
    threshold: Mapping[str, float | None] = field(default_factory=dict)
    data_digest: str = ""
    training_hashes: frozenset[str] = field(default=frozenset(), repr=False)
    label_counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    run_key: str = ""
    version: str = __version__
    verified: bool = True

    @property
    def display_name(self) -> str:
        """The name, with the word "untrained" where the encoder carries no pretrained knowledge."""
        return display_name(self.name, untrained=self.untrained)


def display_name(name: str, *, untrained: bool) -> str:
    """How a model is called wherever it shows."""
    return f"{name} (untrained encoder)" if untrained else name


def tempered(probs: np.ndarray, temperature: float | np.ndarray) -> np.ndarray:
    """Probabilities (..., n_labels) at a temperature, or at one a row (..., 1): the softmax of their logs divided by it."""
    import numpy as np

    return softmax(np.log(np.clip(probs, SMALLEST_PROB, 1.0)) / temperature)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Logits (..., n_labels) → probabilities, as scipy's, whose import takes longer than a small prediction."""
    import numpy as np

    exponents = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(exponents / np.sum(exponents, axis=-1, keepdims=True))


class Classifier(Protocol):
    """A fitted classifier of sentences."""

    info: ModelInfo
    text_path: TextPath

    def score(self, texts: Sequence[str], batch_size: int = 32) -> TextScores:
        """Probabilities for raw texts, in their order."""
        ...

    def score_segmented(self, segmented: Sequence[str], batch_size: int = 32, batch_tokens: int = 0) -> TextScores:
        """Probabilities for texts that the text path has been over already, in their order.

        A batch has at most ``batch_tokens`` tokens with the padding, 0 for the classifier's own limit.
        """
        ...

    def encode(self, texts: Sequence[str]) -> list[list[int]] | None:
        """Token ids as the model would read them; None for a model without a tokenizer."""
        ...

    def save_weights(self, folder: Path) -> None:
        """Write what this kind needs to be loaded again."""
        ...


def sentence_hash(text: str) -> str:
    """A short fingerprint of a sentence, equal for its spellings: how a model remembers what it was trained on."""
    return hashlib.sha256(normalise(text).casefold().encode()).hexdigest()[:16]


def sentence_hashes(texts: Iterable[str]) -> frozenset[str]:
    """The fingerprints of many sentences."""
    return frozenset(map(sentence_hash, texts))
