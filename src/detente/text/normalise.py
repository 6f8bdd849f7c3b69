"""One spelling for one text: Unicode, invisible characters, tone marks, white space.

PhoBERT's pre-training text was composed (NFC) and carried its tone marks in the old style ("hoà", "thuỷ"); what arrives
otherwise falls into pieces its vocabulary never saw together. The tone rule is the one PhoBERT's authors publish
(VietnameseToneNormalization in the BARTpho repository): in the vowel groups oa, oe and uy the mark stands on the second
vowel.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = 1
"""Changes whenever any text would come out differently; stored in every model folder."""

_TONES = {"a": "àáảãạ", "e": "èéẻẽẹ", "o": "òóỏõọ", "u": "ùúủũụ", "y": "ỳýỷỹỵ"}


def _tone_table() -> dict[str, str]:
    table = {}
    for first, second in (("o", "a"), ("o", "e"), ("u", "y")):
        for marked, moved in zip(_TONES[first], _TONES[second], strict=True):
            for upper_first in (False, True):
                for upper_second in (False, True):
                    new = (marked.upper() if upper_first else marked) + (second.upper() if upper_second else second)
                    old = (first.upper() if upper_first else first) + (moved.upper() if upper_second else moved)
                    table[new] = old
    return table


_OLD_STYLE = _tone_table()
_NEW_STYLE_GROUP = re.compile("|".join(_OLD_STYLE))
# Format characters (zero-width, directional, soft hyphen) vanish, control characters part words.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_WHITE_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def normalise(text: str) -> str:
    """NFC, no invisible characters, old-style tone marks, single spaces, stripped. Idempotent.

    >>> normalise("hòa bình, thỏa thuận,  ỦY BAN")
    'hoà bình, thoả thuận, UỶ BAN'
    """
    return old_tone_marks(clean_unicode(text))


def clean_unicode(text: str) -> str:
    """NFC, no invisible or control characters, single spaces, stripped; tone marks stay where they are."""
    visible = _INVISIBLE.sub("", text)
    return _WHITE_SPACE.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def old_tone_marks(text: str) -> str:
    """Move the tone marks of oa, oe and uy to the second vowel; expects NFC and touches nothing else."""
    return _NEW_STYLE_GROUP.sub(lambda match: _OLD_STYLE[match.group()], text)
