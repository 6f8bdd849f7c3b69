"""The families of encoders: how text becomes ids, one small file each.

Files of a hub repository are resolved to a folder first and loaded from there, since weights without safetensors would start
a conversion in the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from detente.errors import ModelError
from detente.model.about import TEXT, read_text_file
from detente.model.encoder_config import encoder_config
from detente.model.families.family import Family, Piece, Tokenizer
from detente.model.families.own_tokenizer import OWN_TOKENIZER
from detente.model.families.phobert import PHOBERT
from detente.model.families.spelling import fitting_spelling, pieces_by_spelling
from detente.text import TextPath
from detente.text.path import ToneMarks

FAMILIES: dict[str, Family] = {each.name: each for each in (PHOBERT, OWN_TOKENIZER)}
"""Name → family, in the order in which a folder is asked for their files: PhoBERT's repositories have a tokenizer.json too."""
BODY_FILES = ("config.json", "model.safetensors")
_SLOW = ("*.model", "vocab.json", "vocab.txt")
"""Names of the vocabularies from which transformers makes a fast tokenizer."""


@dataclass(frozen=True)
class Encoded:
    """Token ids of texts, cut at the limit; ``n_tokens`` counts before the cut."""

    ids: list[list[int]]
    n_tokens: list[int]
    truncated: list[bool]


def family_of(folder: Path) -> Family:
    """The family whose tokenizer files a folder has. Raises ModelError if it has none's whole."""
    for family in FAMILIES.values():
        if all((folder / name).is_file() for name in family.files):
            return family
    choices = " or ".join(f"{', '.join(family.files)} ({family.described})" for family in FAMILIES.values())
    begun = next((each.files for each in FAMILIES.values() if any((folder / name).is_file() for name in each.files)), ())
    missing = [name for name in begun if not (folder / name).is_file()] or ["the files of a tokenizer"]
    raise ModelError(f"{folder}: lacks {', '.join(missing)}; expected {choices}.{_remedy(folder)}")


def _remedy(folder: Path) -> str:
    slow = [path.name for pattern in _SLOW for path in sorted(folder.glob(pattern))]
    if not slow:
        return ""
    return (
        f" Its {slow[0]} is of a slow tokenizer, or PhoBERT's without the other file. A slow one becomes fast, once: "
        f'python -m detente.model.convert "{folder}" OUT, then name OUT in its place.'
    )


def encoder_files(folder: Path) -> tuple[str, ...]:
    """The files that make an encoder. Raises ModelError."""
    return (*BODY_FILES, *family_of(folder).files)


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of an encoder or a model folder. Raises ModelError if it is missing, damaged or another model's."""
    return family_of(folder).load(folder, encoder_config(folder))


def text_path_of(folder: Path) -> TextPath:
    """The text path that an encoder was made on, with as many tokens as it has positions; of a classifier its own.

    Raises ModelError.
    """
    if (folder / TEXT).is_file():
        return TextPath.from_json(read_text_file(folder).path_facts)
    family = family_of(folder)
    n_positions = encoder_config(folder).n_positions
    marks = family.tone_marks or _spelling_of(folder, (folder / family.files[0]).stat().st_mtime_ns)
    return TextPath(family.segmenter, marks, min(family.max_tokens or n_positions, n_positions))


@lru_cache(maxsize=8)
def _spelling_of(folder: Path, mtime: int) -> ToneMarks:
    """The spelling that an encoder's vocabulary was made for; asked for a few times a run, and the tokenizer takes a second."""
    return fitting_spelling(pieces_by_spelling(load_tokenizer(folder), joined=False)) or "keep"


def encode(tokenizer: Tokenizer, texts: Sequence[str], max_tokens: int) -> Encoded:
    """Ids of texts, as the text path leaves them, with the special ones around them, at most ``max_tokens`` a text."""
    first, last = tokenizer.prefix, tokenizer.suffix
    n_special = len(first) + len(last)
    bare = tokenizer.ids(texts)
    n_tokens = [len(ids) + n_special for ids in bare]
    whole = [[*first, *ids[: max_tokens - n_special], *last] for ids in bare]
    return Encoded(whole, n_tokens, [n > max_tokens for n in n_tokens])


__all__ = [
    "BODY_FILES",
    "FAMILIES",
    "Encoded",
    "Family",
    "Piece",
    "Tokenizer",
    "encode",
    "encoder_files",
    "family_of",
    "load_tokenizer",
    "text_path_of",
]
