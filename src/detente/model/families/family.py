"""What a family of encoders is to the rest of the code: how text becomes ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from detente.model.architectures import Pooling
from detente.model.encoder_config import EncoderConfig
from detente.text.path import ToneMarks


@dataclass(frozen=True, slots=True)
class Piece:
    """A token of a text with its place: ``word`` counts the text's words, ``start`` and ``end`` its code points."""

    token: str
    token_id: int
    word: int
    start: int
    end: int


class Tokenizer(Protocol):
    """Texts as the text path leaves them → ids.

    ``prefix`` and ``suffix`` are the special ids around a text; ``tokenizer_class`` is what config.json tells other programs to
    read texts with, None where the tokenizer's own files say it.
    """

    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad_token_id: int
    unk_token_id: int | None
    mask_token_id: int | None
    tokenizer_class: str | None

    def __len__(self) -> int:
        """How many ids there are."""
        ...

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, without special ones around them and uncut."""
        ...

    def pieces(self, text: str) -> list[Piece]:
        """The tokens of a text with their places in it, without special ones around them and uncut."""
        ...

    def words(self, texts: Sequence[str]) -> list[list[list[int]]]:
        """The ids of each text by its words, which white space parts; joined they are ``ids``."""
        ...

    def write(self, folder: Path) -> None:
        """Write the tokenizer's files."""
        ...


@dataclass(frozen=True)
class Family:
    """How the encoders of a family read text.

    ``files`` is what the tokenizer needs in a folder, ``described`` what a message calls such an encoder. ``segmenter`` and
    ``tone_marks`` are the text path that its encoders were made on (None: the spelling that the vocabulary takes clearly fewer
    pieces for, else text as it is), ``max_tokens`` where it cuts at most, 0 for the encoder's positions; ``pooling`` is what a
    probe reads of its states. ``load`` raises ModelError.
    """

    name: str
    described: str
    files: tuple[str, ...]
    segmenter: str
    tone_marks: ToneMarks | None
    max_tokens: int
    pooling: Pooling
    load: Callable[[Path, EncoderConfig], Tokenizer]


def encodable(text: Any) -> Any:
    """Lone surrogates, which UTF-8 and so Rust cannot hold, as U+FFFF: a code point that is no character in any vocabulary."""
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError:
            return "".join("\uffff" if "\ud800" <= char <= "\udfff" else char for char in text)
        return text
    if isinstance(text, list | tuple):
        return type(text)(encodable(each) for each in text)
    return text
