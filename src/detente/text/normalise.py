"""One spelling for one text: Unicode, styled letters, invisible characters, tone marks, white space.

PhoBERT's pre-training text was composed (NFC) and carried its tone marks in the old style ("hoà", "thuỷ"); what arrives
otherwise falls into pieces its vocabulary never saw together. Of Unicode's compatibility forms only those go that are plain
letters in another dress (bold, mathematical, full-width); NFKC would also turn m² into m2, ½ into 1⁄2 and … into three dots.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from detente.text.alignment import Aligned
from detente.text.tones import old_tone_marks

VERSION = 3
"""Changes whenever any text would come out differently; stored in every model folder."""

# Format characters (zero-width, directional, soft hyphen, joiners, variation selectors) vanish, control characters part words.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_WHITE_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Half a character, as broken JSON escapes leave it; no file and no tokenizer can hold it.
_SURROGATE = re.compile("[\ud800-\udfff]")
_TONES = "\u0300\u0301\u0303\u0309"


_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_MAX_MARKS = 30
"""As many as Unicode's stream-safe format has on one letter; composing takes the square of their number."""
_PILED = re.compile(f"(?<={_MARK}{{{_MAX_MARKS}}}){_MARK}")
_IS_MARK = re.compile(_MARK)


def _plain_letters() -> dict[str, str]:
    """Letters and digits in another font (letterlike and mathematical symbols) → plain ones, full-width ASCII last."""
    symbols = map(chr, [*range(0x2100, 0x2150), *range(0x1D400, 0x1D800)])
    styled = [symbol for symbol in symbols if unicodedata.decomposition(symbol).startswith("<font>")]
    fonts = {symbol: unicodedata.normalize("NFKC", symbol) for symbol in styled}
    return fonts | {chr(0xFEE0 + code): chr(code) for code in range(ord("!"), ord("~") + 1)}


def _tone_first() -> dict[str, str]:
    """A letter whose tone mark stands before its circumflex or breve, composed as far as it goes → the Vietnamese letter.

    Unicode keeps the order of marks that stand above a letter; a horn and the dot below find their places by themselves.
    """
    shaped = [(letter, "\u0302") for letter in "aeoAEO"] + [(letter, "\u0306") for letter in "aA"]
    return {
        unicodedata.normalize("NFC", letter + tone + shape): unicodedata.normalize("NFC", letter + shape + tone)
        for letter, shape in shaped
        for tone in _TONES
    }


def _one_of(characters: Iterable[str]) -> re.Pattern[str]:
    """One of the characters, in ranges: a thousand single ones beyond U+FFFF are compared one by one, at every place."""
    codes = sorted(map(ord, characters))
    starts = [code for code, before in zip(codes, [-1, *codes], strict=False) if code != before + 1]
    ends = [code for code, after in zip(codes, [*codes[1:], -1], strict=True) if code + 1 != after]
    return re.compile(f"[{''.join(f'{chr(start)}-{chr(end)}' for start, end in zip(starts, ends, strict=True))}]")


_PLAIN = _plain_letters()
_STYLED_LETTER = _one_of(char for char in _PLAIN if char.isalnum())
_STYLED = _one_of(_PLAIN)
_REORDERED = _tone_first()
_TONE_FIRST = re.compile("|".join(_REORDERED))


def normalise(text: str) -> str:
    """NFC, no invisible characters, old-style tone marks, single spaces, stripped. Idempotent.

    One line for any PhoBERT code, to be called before word segmentation.

    >>> normalise("hòa bình, thỏa thuận,  ỦY BAN")
    'hoà bình, thoả thuận, UỶ BAN'
    """
    return old_tone_marks(clean_unicode(text))


def clean_unicode(text: str) -> str:
    """NFC, no styled, invisible, control or half characters, single spaces, stripped; tone marks stay on their letters."""
    whole = _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", _unstyled(text)))
    return _WHITE_SPACE.sub(" ", _composed_form(_PILED.sub("", whole))).strip(" ")


def _unstyled(text: str) -> str:
    """Plain letters and, where a text has styled ones, plain marks beside them; changes no length.

    Full-width marks alone belong to a quotation in Chinese or Japanese.
    """
    if text.isascii() or not _STYLED_LETTER.search(text):
        return text
    return _STYLED.sub(lambda char: _PLAIN[char.group()], text)


def _composed_form(text: str) -> str:
    """NFC, with circumflex and breve before the tone mark."""
    return _TONE_FIRST.sub(lambda letter: _REORDERED[letter.group()], unicodedata.normalize("NFC", text))


def align_normalised(source: str, normalised: str) -> Aligned:
    """Tie each character of ``normalised``, which the functions above made of ``source``, to where it came from."""
    characters: list[tuple[str, int, int]] = []
    for composed, start, end in _composed(source):
        blank = _WHITE_SPACE.fullmatch(composed) is not None
        if blank and (not characters or characters[-1][0] == " "):
            if characters:
                characters[-1] = (" ", characters[-1][1], end)
            continue
        characters.append((" " if blank else composed, start, end))
    if characters and characters[-1][0] == " ":
        characters.pop()
    # Moving a tone mark changes no length.
    return Aligned(normalised, tuple(start for _, start, _ in characters), tuple(end for _, _, end in characters))


def _composed(text: str) -> list[tuple[str, int, int]]:
    """The visible characters in composed form, each with the span of the characters that compose it."""
    visible: list[tuple[str, int]] = []
    n_marks = 0
    for at, char in enumerate(_SURROGATE.sub("\ufffd", _unstyled(text))):
        if _INVISIBLE.match(char):
            continue
        n_marks = n_marks + 1 if _IS_MARK.match(char) else 0
        if n_marks <= _MAX_MARKS:
            visible.append((char, at))
    found: list[tuple[str, int, int]] = []
    cluster, start, end = "", 0, 0
    for char, at in visible:
        if cluster and _begins(cluster, char):
            found += [(composed, start, end) for composed in _composed_form(cluster)]
            cluster = ""
        if not cluster:
            start = at
        cluster, end = cluster + char, at + 1
    return found + [(composed, start, end) for composed in _composed_form(cluster)]


def _begins(cluster: str, char: str) -> bool:
    """Whether a character starts a new cluster, for it neither combines nor composes with what stands before it."""
    if char.isascii():
        return True
    if unicodedata.combining(char):
        return False
    before, own = unicodedata.normalize("NFC", cluster), unicodedata.normalize("NFC", char)
    return unicodedata.normalize("NFC", cluster + char) == before + own
