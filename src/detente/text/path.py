"""The text path: the one way from raw text to the segmented text a tokenizer sees.

It is saved in the model folder, and training, prediction and serving run the same object.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast

from detente.errors import ConfigError, ModelError, TextError, near_miss
from detente.text.alignment import Aligned, align_segmented
from detente.text.normalise import VERSION, align_normalised, clean_unicode
from detente.text.segmentation import SEGMENTERS, Segmenter, deciding_versions, parted, segmenter_version
from detente.text.tones import new_tone_marks, old_tone_marks

ToneMarks = Literal["old", "keep", "new"]
_TONES: dict[str, Callable[[str], str]] = {"old": old_tone_marks, "new": new_tone_marks, "keep": lambda text: text}

AUTO = "auto"

MAX_WORDS_WITHOUT_A_JOINT = 500
"""No Vietnamese text of as many words is without a word of two syllables."""


MAX_TOKENS = 16_384
"""No encoder that is read has more positions."""


@dataclass(frozen=True)
class TextOptions:
    """How text is prepared. What is ``auto``, or 0 tokens, is as the encoder was made on, or else PhoBERT.

    ``segmenter`` is one of words, ``none`` for text that arrives segmented, or ``raw`` for text as it is written;
    ``tone_marks`` is old (hoà), new (hòa) or keep.
    """

    segmenter: str = AUTO
    tone_marks: str = AUTO
    max_tokens: int = 0


@dataclass(frozen=True)
class TextPath:
    """Raw text → normalised → segmented; ``max_tokens`` is where the tokenizer will cut (PhoBERT crashes past 256)."""

    segmenter: str = "underthesea"
    tone_marks: ToneMarks = "old"
    max_tokens: int = 256

    @classmethod
    def from_options(cls, options: TextOptions, usual: TextPath | None = None) -> TextPath:
        """Check the options; what they leave open is as in ``usual``. Raises ConfigError with the near miss."""
        usual = usual or cls()
        if options.segmenter not in (*SEGMENTERS, AUTO):
            known = ", ".join((AUTO, *SEGMENTERS))
            raise ConfigError(
                f"text.segmenter: unknown segmenter '{options.segmenter}'; expected one of {known}."
                + near_miss(options.segmenter, SEGMENTERS)
            )
        if options.tone_marks not in (*_TONES, AUTO):
            raise ConfigError(f"text.tone_marks: expected {', '.join((AUTO, *_TONES))}, got '{options.tone_marks}'.")
        if options.max_tokens and not 4 <= options.max_tokens <= MAX_TOKENS:
            raise ConfigError(
                f"text.max_tokens: expected 4 to {MAX_TOKENS:,}, or 0 for what the encoder reads, got {options.max_tokens}."
            )
        return cls(
            usual.segmenter if options.segmenter == AUTO else options.segmenter,
            usual.tone_marks if options.tone_marks == AUTO else cast(ToneMarks, options.tone_marks),
            options.max_tokens or usual.max_tokens,
        )

    @property
    def options(self) -> TextOptions:
        """The options that say all of it."""
        return TextOptions(self.segmenter, self.tone_marks, self.max_tokens)

    def normalise(self, text: str) -> str:
        """Unicode and tone marks."""
        return _TONES[self.tone_marks](clean_unicode(text))

    def segment(self, text: str) -> str:
        """Segment text that is normalised already. Raises TextError if the segmenter is not installed."""
        return _load(self.segmenter)(text) if text else ""

    def __call__(self, text: str) -> str:
        """Raw text → segmented text, as the tokenizer takes it."""
        return self.segment(self.normalise(text))

    def batch(self, texts: Sequence[str]) -> list[str]:
        """Raw texts → segmented texts, in order, in this process; ``detente.text.pool`` spreads a corpus over all cores.

        Raises TextError if text that should arrive segmented plainly does not.
        """
        segmented = [self(text) for text in texts]
        if self.segmenter == "none":
            _check_segmented(segmented)
        return segmented

    def align(self, text: str) -> Aligned:
        """The segmented text, each of its characters tied to its span in the raw text."""
        normalised = self.normalise(text)
        return align_normalised(text, normalised).then(align_segmented(normalised, self.segment(normalised)))

    def to_json(self) -> dict[str, Any]:
        """What the model folder stores of the path."""
        return {
            "normalise_version": VERSION,
            "tone_marks": self.tone_marks,
            "segmenter": self.segmenter,
            "segmenter_version": segmenter_version(self.segmenter),
            "max_tokens": self.max_tokens,
        }

    def versions(self) -> dict[str, str]:
        """Versions of what decides the segmented text beside détente's own code: an upgrade may give a text other ids."""
        return {"unicode": unicodedata.unidata_version, **deciding_versions(self.segmenter)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> TextPath:
        """Read what ``to_json`` wrote. Raises ModelError where this installation cannot run that path.

        What an older version of the normalisation wrote is read: whether this one gives the model's ids is for the probe
        sentences to say (``detente.model.probes``).
        """
        try:
            path, written = cls(data["segmenter"], data["tone_marks"], data["max_tokens"]), data["normalise_version"]
        except KeyError as error:
            raise ModelError(f"text.json lacks {error}; expected the text path of a detente model.") from error
        if path.segmenter not in SEGMENTERS:
            raise ModelError(f"text.json asks for the segmenter '{path.segmenter}', which this version does not have.")
        if not isinstance(written, int) or written > VERSION:
            raise other_version(written)
        return path


def other_version(written: object) -> ModelError:
    """The error of a model that reads text by another version of the normalisation."""
    return ModelError(
        f"text.json: the model reads text by version {written} of the normalisation, this installation by version "
        f"{VERSION}; the same text could get other ids. Install the detente that trained it, or train again."
    )


def _check_segmented(texts: Sequence[str]) -> None:
    n_words = sum(text.count(" ") + 1 for text in texts if text)
    if n_words >= MAX_WORDS_WITHOUT_A_JOINT and not any("_" in text for text in texts):
        raise TextError(
            f"text.segmenter=none expects text whose words are joined by '_', and {len(texts):,} texts of {n_words:,} words "
            f"hold not one. The first: {next(text for text in texts if text)[:60]!r}. Segment them, or train with "
            "text.segmenter=underthesea."
        )


@cache
def _load(segmenter: str) -> Segmenter:
    segment = SEGMENTERS[segmenter]()
    return segment if segmenter in ("none", "raw") else lambda text: segment(parted(text))
