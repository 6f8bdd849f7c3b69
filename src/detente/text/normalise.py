"""One spelling for one text: Unicode, invisible characters, tone marks, white space.

PhoBERT's pre-training text was composed (NFC) and carried its tone marks in the old style ("hoà", "thuỷ"); what arrives
otherwise falls into pieces its vocabulary never saw together.
"""

from __future__ import annotations

import re
import unicodedata

from detente.text.alignment import Aligned
from detente.text.tones import old_tone_marks

VERSION = 2
"""Changes whenever any text would come out differently; stored in every model folder."""

# Format characters (zero-width, directional, soft hyphen) vanish, control characters part words.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_WHITE_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
# Half a character, as broken JSON escapes leave it; no file and no tokenizer can hold it.
_SURROGATE = re.compile("[\ud800-\udfff]")


def normalise(text: str) -> str:
    """NFC, no invisible characters, old-style tone marks, single spaces, stripped. Idempotent.

    One line for any PhoBERT code, to be called before word segmentation.

    >>> normalise("hòa bình, thỏa thuận,  ỦY BAN")
    'hoà bình, thoả thuận, UỶ BAN'
    """
    return old_tone_marks(clean_unicode(text))


def clean_unicode(text: str) -> str:
    """NFC, no invisible, control or half characters, single spaces, stripped; tone marks stay where they are."""
    whole = _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))
    return _WHITE_SPACE.sub(" ", unicodedata.normalize("NFC", whole)).strip(" ")


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
    """The visible characters in NFC, each with the span of the characters that compose it."""
    visible = [(char, at) for at, char in enumerate(_SURROGATE.sub("\ufffd", text)) if not _INVISIBLE.match(char)]
    found: list[tuple[str, int, int]] = []
    cluster, start, end = "", 0, 0
    for char, at in visible:
        if cluster and _begins(cluster, char):
            found += [(composed, start, end) for composed in unicodedata.normalize("NFC", cluster)]
            cluster = ""
        if not cluster:
            start = at
        cluster, end = cluster + char, at + 1
    return found + [(composed, start, end) for composed in unicodedata.normalize("NFC", cluster)]


def _begins(cluster: str, char: str) -> bool:
    """Whether a character starts a new cluster, for it neither combines nor composes with what stands before it."""
    if char.isascii():
        return True
    if unicodedata.combining(char):
        return False
    before, own = unicodedata.normalize("NFC", cluster), unicodedata.normalize("NFC", char)
    return unicodedata.normalize("NFC", cluster + char) == before + own
