"""Which spelling of tone marks a vocabulary was made for: that of which it takes fewer pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.model.families.family import Tokenizer
from detente.text.path import ToneMarks
from detente.text.tones import new_tone_marks

# As scraped, in the new spelling where there are two, and as PhoBERT's vocabulary has them.
WORDS = {
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
_CLEARLY_FEWER = 0.9
"""Of two spellings one fits better if it takes at most so many of the other's pieces."""


def pieces_by_spelling(tokenizer: Tokenizer, *, joined: bool) -> dict[str, float]:
    """Pieces a word under ``old`` and ``new``, of the words that the two write differently; ``joined`` as a segmenter does."""
    words = [word for word in WORDS.values() if new_tone_marks(word) != word]
    shown = words if joined else [word.replace("_", " ") for word in words]
    return {
        "old": mean_pieces(tokenizer, shown),
        "new": mean_pieces(tokenizer, [new_tone_marks(word) for word in shown]),
    }


def fitting_spelling(pieces: Mapping[str, float]) -> ToneMarks | None:
    """The spelling that takes clearly fewer pieces; None where both do equally well."""
    old, new = pieces["old"], pieces["new"]
    if old <= _CLEARLY_FEWER * new:
        return "old"
    return "new" if new <= _CLEARLY_FEWER * old else None


def mean_pieces(tokenizer: Tokenizer, words: Sequence[str]) -> float:
    """Pieces a word."""
    return sum(map(len, tokenizer.ids(words))) / len(words)
