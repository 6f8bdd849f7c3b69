"""Vietnamese in an encoding of before Unicode that was stored as if it were Unicode, and how to have it back.

Such text is valid UTF-8, and every letter of it another one: TCVN3 (ABC, the .Vn fonts) writes "nèi l¹i ®èi tho¹i" for "nối
lại đối thoại", VNI "noái laïi ñoái thoaïi", Windows-1258 "nôìi laòi ðôìi thoaòi", and UTF-8 that was read as Windows-1252 or
the like, mojibake, "ná»‘i láº¡i". It is told by its words: few are syllables of Vietnamese as they stand, and most are when the
letters are exchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from detente.text.tones import ONSETS

_MIN_WORDS = 2
_FEW = 0.4
"""The share of syllables, among the words with a letter beyond ASCII, up to which a text may be in another encoding."""
_MOST = 0.75
_SOME = 0.3
"""The share to reach when letters are exchanged; misread bytes often lost some on the way, and give no words by chance."""

_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et ê êch êm
ên ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap
oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u
ua uân uâng uât uây uc uê uêch uên uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt uyn uynh uyp
uyt uyu uơ ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu
"""
_SYLLABLE = re.compile(f"(?:{ONSETS}|gi|qu)?(?:{'|'.join(_RIMES.split())})")
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_CHUNK = re.compile(r"[^\s!-/:-@\[-`{-~“”‘’…–—]+")

# TCVN 5712-3, by the characters that its bytes are in Latin-1.
_TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
# VNI for Windows: a letter, and behind it a second one that stands for its marks.
_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323", "â": "\u0302",
    "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303", "ä": "\u0302\u0323", "ê": "\u0306",
    "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = dict(zip("ôöñíìæóòîÔÖÑÍÌÆÓÒÎ", "ơưđíìỉĩịỵƠƯĐÍÌỈĨỊỴ", strict=True))
_VNI = re.compile("([aeouyôöAEOUYÔÖ])([ùøûõïâáàåãäêéèúüëÙØÛÕÏÂÁÀÅÃÄÊÉÈÚÜË])|([ôöñíìæóòîÔÖÑÍÌÆÓÒÎ])")


def legacy_encoding(text: str) -> str | None:
    """The encoding that a text seems to be in: ``TCVN3``, ``VNI`` or ``... read as ...``; None for any other text.

    At least two words must tell. Pure ASCII, other languages and proper Vietnamese give None.
    """
    if text.isascii():
        return None
    raw = _words(text)
    n_raw = sum(map(_is_syllable, raw))
    if raw and n_raw > _FEW * len(raw):
        return None
    n_good = {encoding: _n_telling(decoded(text), encoding) for encoding, decoded in DECODERS.items()}
    likeliest = max(n_good, key=n_good.__getitem__)
    return likeliest if n_good[likeliest] >= max(_MIN_WORDS, n_raw + 1) else None


def to_unicode(text: str, encoding: str) -> str:
    """A text that ``legacy_encoding`` told the encoding of, in Unicode.

    TCVN3 has no capitals of its own with tone marks: a headline set in a font of capitals comes out in small letters.

    >>> to_unicode("nèi l¹i ®èi tho¹i", "TCVN3")
    'nối lại đối thoại'
    """
    return DECODERS[encoding](text)


@dataclass
class LegacyTexts:
    """How many texts of each encoding were met, and where the first one stands."""

    n_texts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, encoding: str, place: str) -> None:
        """Count a text."""
        self.n_texts[encoding] += 1
        self.first.setdefault(encoding, place)

    def add_all(self, found: Iterable[tuple[str, str]]) -> None:
        """Count texts by encoding and place."""
        for encoding, place in found:
            self.add(encoding, place)

    def warnings(self, unit: str) -> list[str]:
        """A line an encoding: how many units, where the first, and what to do."""
        return [
            f"warning: {n:,} {unit}{'s look' if n > 1 else ' looks'} like {encoding} stored as Unicode, the first is "
            f"{self.first[encoding]}: to a model its letters are other ones. Convert the text first, with UniKey's toolkit or "
            f"in Python: detente.text.legacy.to_unicode(text, {encoding!r})"
            for encoding, n in self.n_texts.items()
        ]


def _n_telling(decoded: str, encoding: str) -> int:
    """How many words are syllables in a decoded text; 0 if they are too few of its words."""
    words = _words(decoded)
    n_good = sum(map(_is_syllable, words))
    return n_good if n_good >= (_SOME if encoding.startswith(_MISREAD) else _MOST) * len(words) else 0


def _words(text: str) -> list[str]:
    return [chunk for chunk in _CHUNK.findall(text) if not chunk.isascii()]


@lru_cache(maxsize=65536)
def _is_syllable(word: str) -> bool:
    """Whether a word with a letter beyond ASCII is one syllable of Vietnamese, with one tone at most."""
    bare, n_tones = _TONE.subn("", unicodedata.normalize("NFD", word.casefold()))
    return n_tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", bare)) is not None


def _from_tcvn3(text: str) -> str:
    return "".join(_TCVN3.get(char, char) for char in text)


def _from_vni(text: str) -> str:
    return _VNI.sub(_vni_letter, text)


def _vni_letter(match: re.Match[str]) -> str:
    letter, marks, alone = match.groups()
    if alone:
        return _VNI_LETTERS[alone]
    return unicodedata.normalize("NFC", _VNI_LETTERS.get(letter, letter) + _VNI_MARKS[marks.lower()])


def _from_misread(*encodings: str) -> Callable[[str], str]:
    """Reads the bytes again that single-byte encodings took for letters, where they are UTF-8."""
    codes: dict[str, int] = {}
    for encoding in encodings:
        for byte in range(0x80, 0x100):
            codes.setdefault(bytes([byte]).decode(encoding, "ignore"), byte)
    codes.pop("", None)
    run = re.compile(f"[{re.escape(''.join(codes))}]+")

    def again(match: re.Match[str]) -> str:
        return bytes(codes[char] for char in match.group()).decode("utf-8", "replace")

    return lambda text: run.sub(again, text)


def _from_windows_1258(text: str) -> str:
    """Reads again what takes a byte each in Windows-1252; the tones of Windows-1258 follow their letters."""
    again = (bytes([code]).decode("cp1258", "replace") for code in range(0xC0, 0x100))
    return unicodedata.normalize("NFC", text.translate(dict(zip(range(0xC0, 0x100), again, strict=True))))


_MISREAD = "UTF-8 read as "
_misread_as_1252 = _from_misread("cp1252", "latin-1")
DECODERS: dict[str, Callable[[str], str]] = {
    f"{_MISREAD}Windows-1252": _misread_as_1252,
    f"{_MISREAD}Windows-1252 twice": lambda text: _misread_as_1252(_misread_as_1252(text)),
    f"{_MISREAD}Windows-1258": _from_misread("cp1258", "latin-1"),
    f"{_MISREAD}Mac Roman": _from_misread("mac_roman"),
    "TCVN3": _from_tcvn3,
    "VNI": _from_vni,
    "Windows-1258 read as Windows-1252": _from_windows_1258,
}
"""Encoding → a function that exchanges the letters."""
