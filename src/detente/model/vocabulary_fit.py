"""Whether text reaches the tokenizer in the form its vocabulary was made for, and which step is wrong where it does not.

A subword vocabulary hides such faults: misspelt or unsegmented words still get ids, only more of them, that the encoder never
saw together. The words of the sample are whole in PhoBERT's vocabulary, so each piece more is a loss; of a vocabulary made from
raw text it is the spelling of the tone marks that is looked at.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from detente.model.families import Tokenizer
from detente.model.families.spelling import WORDS, fitting_spelling, mean_pieces, pieces_by_spelling
from detente.text import TextPath
from detente.text.tones import new_tone_marks, old_tone_marks

# A segmenter needs a sentence around a word.
_BEFORE, _AFTER = "Hai nước nói về ", " trong cuộc họp hôm qua."
SAMPLE = 2000
_TOO_MANY_PIECES = 2.0
_TOO_MANY_WORDS = 0.25


@dataclass(frozen=True)
class VocabularyFit:
    """Pieces a word, over words of the news and over a dataset.

    ``word_pieces`` is the mean over the words as the text path leaves them, ``word_pieces_at_best`` in the form the
    vocabulary should have them in; ``pieces`` and ``unknown`` (share of pieces) are over ``n_texts`` texts, None without any.
    ``misspelt`` and ``unjoined`` are the words that the tone rule and the segmenter let through. ``spellings`` has the pieces
    a word, of those that the two spellings of tone marks write differently, under ``old`` and ``new``.
    """

    word_pieces: float
    word_pieces_at_best: float
    misspelt: tuple[str, ...]
    unjoined: tuple[str, ...]
    spellings: Mapping[str, float]
    n_texts: int
    pieces: float | None
    unknown: float | None
    segmenter: str
    tone_marks: str
    toneless: bool = False

    @property
    def best_spelling(self) -> str | None:
        """The spelling that takes clearly fewer pieces; None where both do equally well."""
        return fitting_spelling(self.spellings)

    def lines(self, name: str) -> Iterator[str]:
        """What the commands print of the encoder ``name``: one line, and a warning for each step that is wrong."""
        over = f", {self.pieces:.2f} over {self.n_texts:,} texts ({self.unknown:.2%} unknown)" if self.n_texts else ""
        yield f"vocabulary fit of {name}: {self.word_pieces:.2f} pieces a word of the news{over}"
        if self.toneless:
            yield (
                "warning: tone marks: the tokenizer takes them away, so that 'hoà bình' and 'hoa binh' are one to the encoder. "
                "It is not made for Vietnamese; take another."
            )
        if self.misspelt:
            yield (
                f"warning: tone marks: {len(self.misspelt)} words reach the tokenizer in a spelling that its vocabulary "
                f"shreds, first '{self.misspelt[0]}'. Train with text.tone_marks=old."
            )
        elif (best := self.best_spelling) not in (None, self.tone_marks):
            other = "new" if best == "old" else "old"
            yield (
                f"warning: tone marks: the vocabulary takes {self.spellings[best]:.2f} pieces a word in the {best} spelling "
                f"({_EXAMPLES[best]}), {self.spellings[other]:.2f} in the {other} one ({_EXAMPLES[other]}). Train "
                f"with text.tone_marks={best}."
            )
        if len(self.unjoined) > _TOO_MANY_WORDS * len(WORDS):
            cure = "Segment the texts first" if self.segmenter == "none" else "Train with another text.segmenter"
            yield (
                f"warning: word segmentation: {len(self.unjoined)} of {len(WORDS)} words are not joined, first "
                f"'{self.unjoined[0]}'. {cure}, or train with text.segmenter=underthesea."
            )
        if self.word_pieces_at_best > _TOO_MANY_PIECES * (1 if self.segmenter != "raw" else 2):
            yield (
                f"warning: vocabulary: even in their best form words fall into {self.word_pieces_at_best:.2f} pieces "
                f"({_USUAL[self.segmenter == 'raw']}). This vocabulary is too small, or was not made for Vietnamese."
            )


_EXAMPLES = {"old": "hoà", "new": "hòa"}
_USUAL = {False: "PhoBERT's vocabulary: 1.00", True: "that of XLM-R: about 2"}


def vocabulary_fit(tokenizer: Tokenizer, text_path: TextPath, segmented: Sequence[str] = ()) -> VocabularyFit:
    """Measure the fit of a text path, and of texts it has segmented (the first 2,000 of them), to a tokenizer."""
    forms, best, misspelt, unjoined = _raw_forms(text_path) if text_path.segmenter == "raw" else _joined_forms(text_path)
    sample = list(islice((text for text in segmented if text), SAMPLE))
    if text_path.segmenter == "none" and sample and not any("_" in text for text in sample):
        unjoined = list(WORDS)
    ids = [token_id for own in tokenizer.ids(sample) for token_id in own]
    n_words = sum(len(text.split()) for text in sample)
    spellings = pieces_by_spelling(tokenizer, joined=text_path.segmenter != "raw")
    return VocabularyFit(
        word_pieces=mean_pieces(tokenizer, forms),
        word_pieces_at_best=min(mean_pieces(tokenizer, each) for each in best),
        misspelt=tuple(misspelt),
        unjoined=tuple(unjoined),
        spellings=spellings,
        n_texts=len(sample),
        pieces=len(ids) / n_words if n_words else None,
        unknown=ids.count(-1 if tokenizer.unk_token_id is None else tokenizer.unk_token_id) / len(ids) if ids else None,
        segmenter=text_path.segmenter,
        tone_marks=text_path.tone_marks,
        toneless=_takes_marks_away(tokenizer),
    )


_Forms = tuple[list[str], list[list[str]], list[str], list[str]]
"""The words as they arrive, and in what forms they should; those that are misspelt, and those that are not joined."""


def _raw_forms(text_path: TextPath) -> _Forms:
    forms = [text_path(raw) for raw in WORDS]
    return forms, [[mark(form) for form in forms] for mark in (old_tone_marks, new_tone_marks)], [], []


def _joined_forms(text_path: TextPath) -> _Forms:
    misspelt, unjoined, forms = [], [], []
    for raw, best in WORDS.items():
        # Text that arrives segmented has its words joined already, in whatever spelling.
        arrives = raw.replace(" ", "_") if text_path.segmenter == "none" else raw
        form = text_path(_BEFORE + arrives + _AFTER)
        if best in form.split():
            forms.append(best)
        elif best.replace("_", " ") in form.replace("_", " "):
            unjoined.append(raw)
            forms.append(best.replace("_", " "))
        else:
            misspelt.append(raw)
            forms.append(raw.replace(" ", "_"))
    return forms, [list(WORDS.values())], misspelt, unjoined


def _takes_marks_away(tokenizer: Tokenizer) -> bool:
    """Whether words with and without their marks get the same ids, all of them."""
    words = [best.replace("_", " ") for best in WORDS.values()]
    bare = [unicodedata.normalize("NFD", word) for word in words]
    stripped = ["".join(char for char in word if not unicodedata.combining(char)) for word in bare]
    return tokenizer.ids(words) == tokenizer.ids(stripped)
