"""Word segmentation: the syllables of a word joined by "_", as PhoBERT's pre-training text had them.

A segmenter only joins and parts: it must not rewrite tone marks, which is why the normalisers that some bring are off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec

from detente.errors import TextError

Segmenter = Callable[[str], str]

PACKAGES = {"underthesea": "underthesea", "pyvi": "pyvi", "rdrsegmenter": "python-rdrsegmenter", "syllables": "underthesea"}
"""Segmenter → the package on PyPI whose model it is; "none" and "raw" have no package."""
_BESIDE = {
    "underthesea": ("underthesea-core",),
    "pyvi": ("sklearn-crfsuite", "python-crfsuite"),
    "rdrsegmenter": ("underthesea",),
}
"""Segmenter → the other packages that decide what it makes of a text."""


def _underthesea() -> Segmenter:
    from underthesea import word_tokenize

    def segment(text: str) -> str:
        # Its own normaliser would rewrite the tone marks into the spelling that PhoBERT's vocabulary lacks.
        segmented: str = word_tokenize(text, format="text", use_token_normalize=False)
        return segmented

    return segment


def _pyvi() -> Segmenter:
    _require("pyvi", "pyvi")
    from pyvi.ViTokenizer import tokenize

    def segment(text: str) -> str:
        # A text of nothing it takes for a token comes back as it is.
        segmented: str = tokenize(text)
        return segmented

    return segment


def _rdrsegmenter() -> Segmenter:
    _require("rdrsegmenter", "python_rdrsegmenter")
    _require("rdrsegmenter", "jpype")
    from detente.text.rdrsegmenter import load

    return load()


def _syllables() -> Segmenter:
    from underthesea.pipeline.word_tokenize.regex_tokenize import tokenize

    return lambda text: " ".join(tokenize(text, use_token_normalize=False))


def _none() -> Segmenter:
    return lambda text: text


SEGMENTERS: dict[str, Callable[[], Segmenter]] = {
    "underthesea": _underthesea,
    "pyvi": _pyvi,
    "rdrsegmenter": _rdrsegmenter,
    "syllables": _syllables,
    "none": _none,
    "raw": _none,
}
"""Name → a function that loads the segmenter.

"none" is for text that arrives segmented, "raw" for encoders that read text as it is written. "syllables" parts punctuation and
joins nothing, for experiments on what segmentation is worth.
"""


def segmenter_version(name: str) -> str | None:
    """The version of the package behind a segmenter; None where there is no package. Raises TextError if it is missing."""
    if name not in PACKAGES:
        return None
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PACKAGES[name])
    except PackageNotFoundError:
        raise _missing(name) from None


def deciding_versions(name: str) -> dict[str, str]:
    """Package → version, of all that decide what a segmenter makes of a text. Raises TextError if its own is missing."""
    own = segmenter_version(name)
    if own is None:
        return {}
    return {PACKAGES[name]: own} | {package: _version_or_none(package) for package in _BESIDE.get(name, ())}


def _version_or_none(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


# The patterns of underthesea's tokenizer take the square of the length of a chunk without a space, and for an address twice the
# time for every further mark at its end; no word is as long as the one, no address has as many of the other.
_LONG = re.compile(r"\S{1001,}")
_PIECE = 100
_MARKS = re.compile(r"[`!;:'\".,?«»“”‘’]{9,}")
_ADDRESS = re.compile(r"(?:ftp|http)s?:|\.[a-z]{2,13}/")
_CHUNK = re.compile(r"\S+")


def parted(text: str) -> str:
    """The text with spaces where a tokenizer would not come to an end; any other text comes back as it is.

    That is in more than a thousand characters without one, and before nine marks in an address.
    """
    text = _LONG.sub(_cut, text)
    return _CHUNK.sub(_marks_parted, text) if _MARKS.search(text) else text


def _cut(chunk: re.Match[str]) -> str:
    return " ".join(chunk.group()[at : at + _PIECE] for at in range(0, len(chunk.group()), _PIECE))


def _marks_parted(chunk: re.Match[str]) -> str:
    return _MARKS.sub(r" \g<0>", chunk.group()) if _ADDRESS.search(chunk.group()) else chunk.group()


def _require(name: str, module: str) -> None:
    if find_spec(module) is None:
        raise _missing(name)


def _missing(name: str) -> TextError:
    return TextError(
        f"text.segmenter={name}: its package is not installed. Install it (pip install 'detente[{name}]'), or train "
        "with the default, text.segmenter=underthesea."
    )
