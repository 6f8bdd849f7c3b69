"""Tokens with their place in the raw text, through segmentation and normalisation."""

from __future__ import annotations

from dataclasses import dataclass

from detente.model.families import Tokenizer
from detente.text import TextPath


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text; ``start`` and ``end`` are code points of the raw text, moved by the offset of the sentence.

    ``word`` counts the words of the segmented text. A token for something the segmenter put in has an empty span.
    """

    token: str
    token_id: int
    word: int
    start: int
    end: int


def align_tokens(tokenizer: Tokenizer, text_path: TextPath, text: str, offset: int = 0) -> list[Token]:
    """The tokens the model reads of a raw text, without the special ones around it, cut where the model cuts.

    ``offset`` is where the text begins in its article (``Sentence.start``), so that ``article.text[token.start:token.end]`` is
    what the token stands for.
    """
    aligned = text_path.align(text)
    n_special = len(tokenizer.prefix) + len(tokenizer.suffix)
    tokens = []
    for piece in tokenizer.pieces(aligned.text)[: text_path.max_tokens - n_special]:
        start, end = aligned.span(piece.start, piece.end)
        tokens.append(Token(piece.token, piece.token_id, piece.word, offset + start, offset + end))
    return tokens
