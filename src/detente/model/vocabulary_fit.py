"""Whether text reaches the tokenizer in the form its vocabulary was made for, and which step is wrong where it does not.

A subword vocabulary hides such faults: misspelt or unsegmented words still get ids, only more of them, that the encoder never
saw together. Words that carry stance are whole in PhoBERT's vocabulary, so each piece more is a loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from detente.text import TextPath

# As scraped, in the new spelling where there are two, and as PhoBERT's vocabulary has them.
STANCE_WORDS = {
    "hòa bình": "hoà_bình",
    "thỏa thuận": "thoả_thuận",
    "đe dọa": "đe_doạ",
    "hòa giải": "hoà_giải",
    "ủy ban": "uỷ_ban",
    "hủy bỏ": "huỷ_bỏ",
    "xóa bỏ": "xoá_bỏ",
    "bình thường hóa": "bình_thường_hoá",
    "đàm phán": "đàm_phán",
    "đối thoại": "đối_thoại",
    "ngoại giao": "ngoại_giao",
    "hợp tác": "hợp_tác",
    "ngừng bắn": "ngừng_bắn",
    "nhượng bộ": "nhượng_bộ",
    "kiềm chế": "kiềm_chế",
    "trừng phạt": "trừng_phạt",
    "leo thang": "leo_thang",
    "xung đột": "xung_đột",
    "căng thẳng": "căng_thẳng",
    "tấn công": "tấn_công",
    "chiến tranh": "chiến_tranh",
    "cấm vận": "cấm_vận",
    "khiêu khích": "khiêu_khích",
    "trả đũa": "trả_đũa",
    "răn đe": "răn_đe",
    "cảnh báo": "cảnh_báo",
    "lên án": "lên_án",
    "đối đầu": "đối_đầu",
}
# A segmenter needs a sentence around a word.
_BEFORE, _AFTER = "Hai nước nói về ", " trong cuộc họp hôm qua."
SAMPLE = 2000
_TOO_MANY_PIECES = 2.0
_TOO_MANY_WORDS = 0.25


@dataclass(frozen=True)
class VocabularyFit:
    """Pieces a word, over stance words and over a dataset.

    ``stance_pieces`` is the mean over the stance words as the text path leaves them, ``stance_pieces_at_best`` in the form the
    vocabulary should have them in; ``pieces`` and ``unknown`` (share of pieces) are over ``n_texts`` texts, None without any.
    ``misspelt`` and ``unjoined`` are the stance words that the tone rule and the segmenter let through.
    """

    stance_pieces: float
    stance_pieces_at_best: float
    misspelt: tuple[str, ...]
    unjoined: tuple[str, ...]
    n_texts: int
    pieces: float | None
    unknown: float | None
    segmenter: str

    def lines(self, name: str) -> Iterator[str]:
        """What the commands print of the encoder ``name``: one line, and a warning for each step that is wrong."""
        over = f", {self.pieces:.2f} over {self.n_texts:,} texts ({self.unknown:.2%} unknown)" if self.n_texts else ""
        yield f"vocabulary fit of {name}: {self.stance_pieces:.2f} pieces a stance word{over}"
        if self.misspelt:
            yield (
                f"warning: tone marks: {len(self.misspelt)} stance words reach the tokenizer in a spelling that its vocabulary "
                f"shreds, first '{self.misspelt[0]}'. Train with text.tone_marks=old."
            )
        if len(self.unjoined) > _TOO_MANY_WORDS * len(STANCE_WORDS):
            cure = "Segment the texts first" if self.segmenter == "none" else "Train with another text.segmenter"
            yield (
                f"warning: word segmentation: {len(self.unjoined)} of {len(STANCE_WORDS)} stance words are not joined, first "
                f"'{self.unjoined[0]}'. {cure}, or train with text.segmenter=underthesea."
            )
        if self.stance_pieces_at_best > _TOO_MANY_PIECES:
            yield (
                f"warning: vocabulary: even in their best form stance words fall into {self.stance_pieces_at_best:.2f} pieces "
                "(PhoBERT's vocabulary: 1.00). This vocabulary is too small, or was not made from word-segmented text."
            )


def vocabulary_fit(tokenizer: Any, text_path: TextPath, segmented: Sequence[str] = ()) -> VocabularyFit:
    """Measure the fit of a text path, and of texts it has segmented (the first 2,000 of them), to a tokenizer."""
    misspelt, unjoined, forms = [], [], []
    for raw, best in STANCE_WORDS.items():
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
    sample = list(islice((text for text in segmented if text), SAMPLE))
    if text_path.segmenter == "none" and sample and not any("_" in text for text in sample):
        unjoined = list(STANCE_WORDS)
    ids = [token_id for own in tokenizer.ids(sample) for token_id in own]
    n_words = sum(len(text.split()) for text in sample)
    return VocabularyFit(
        stance_pieces=_mean_pieces(tokenizer, forms),
        stance_pieces_at_best=_mean_pieces(tokenizer, list(STANCE_WORDS.values())),
        misspelt=tuple(misspelt),
        unjoined=tuple(unjoined),
        n_texts=len(sample),
        pieces=len(ids) / n_words if n_words else None,
        unknown=ids.count(tokenizer.unk_token_id) / len(ids) if ids else None,
        segmenter=text_path.segmenter,
    )


def _mean_pieces(tokenizer: Any, forms: Sequence[str]) -> float:
    return sum(map(len, tokenizer.ids(forms))) / len(forms)
