"""Word segmentation: the syllables of a word joined by "_", as PhoBERT's pre-training text had them."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

Segmenter = Callable[[str], str]


def _underthesea() -> Segmenter:
    from underthesea import word_tokenize

    def segment(text: str) -> str:
        # Its own normaliser would rewrite the tone marks into the spelling that PhoBERT's vocabulary lacks.
        segmented: str = word_tokenize(text, format="text", use_token_normalize=False)
        return segmented

    return segment


def _none() -> Segmenter:
    return lambda text: text


SEGMENTERS: dict[str, Callable[[], Segmenter]] = {"underthesea": _underthesea, "none": _none}
"""Name → a function that loads the segmenter. "none" is for text that arrives segmented."""


def segmenter_version(name: str) -> str | None:
    """The version of the package behind a segmenter; None where there is no package."""
    return None if name == "none" else version(name)
