"""Tokens with their place in the raw text, through segmentation and normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


def align_tokens(tokenizer: Any, text_path: TextPath, text: str, offset: int = 0) -> list[Token]:
    """The tokens the model reads of a raw text, without <s> and </s>, cut where the model cuts.

    ``offset`` is where the text begins in its article (``Sentence.start``), so that ``article.text[token.start:token.end]`` is
    what the token stands for.
    """
    aligned = text_path.align(text)
    encoded = tokenizer(aligned.text, add_special_tokens=False, return_offsets_mapping=True)
    tokens = []
    rows = zip(encoded.tokens(), encoded["input_ids"], encoded.word_ids(), encoded["offset_mapping"], strict=True)
    for token, token_id, word, (first, last) in list(rows)[: text_path.max_tokens - 2]:
        start, end = aligned.span(first, last)
        tokens.append(Token(token, token_id, word, offset + start, offset + end))
    return tokens
