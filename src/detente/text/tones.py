"""Where the tone mark of a syllable stands: the new style (hòa, khỏe, thủy) and the old one (hoà, khoẻ, thuỷ).

The rule is the one PhoBERT's authors publish (VietnameseToneNormalization, in the BARTpho repository): in the vowel groups oa,
oe and uy the mark stands on the second vowel. It is applied to Vietnamese syllables only: the letters around the group must be
an onset and a rime that the language has, so that *Balbóa*, *Chlóe* and *óeuvre* stay as they are. A foreign word of the shape
of a syllable (*Góa*) cannot be told from one and is changed.
"""

from __future__ import annotations

import re

_TONES = {"a": "àáảãạ", "e": "èéẻẽẹ", "o": "òóỏõọ", "u": "ùúủũụ", "y": "ỳýỷỹỵ"}
_GROUPS = (("o", "a"), ("o", "e"), ("u", "y"))
ONSETS = "b|ch|c|d|đ|gh|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|q|r|s|th|tr|t|v|x"
# What may follow the group within the syllable; a mark before these is misplaced in either style, and goes to the same place.
_RIMES = {"oa": "i|y|o|nh|ng|n|ch|c|m|p|t", "oe": "o|ng|n|m|t", "uy": "u|a|nh|n|ch|p|t"}


def _moves() -> dict[str, str]:
    """Every new-style pair of letters, in every mixture of capitals → the old-style pair."""
    table = {}
    for first, second in _GROUPS:
        for marked, moved in zip(_TONES[first], _TONES[second], strict=True):
            for one in (str.lower, str.upper):
                for two in (str.lower, str.upper):
                    table[one(marked) + two(second)] = one(first) + two(moved)
    return table


def _syllable() -> re.Pattern[str]:
    letter, mark = r"[^\W\d_]", "[\u0300-\u036f]"
    groups = "|".join(f"(?:[{_TONES[first]}]{second})(?:{_RIMES[first + second]})?" for first, second in _GROUPS)
    return re.compile(f"(?<!{letter})(?<!{mark})(?:{ONSETS})?(?:{groups})(?!{letter}|{mark})", re.IGNORECASE)


def _open_syllable() -> re.Pattern[str]:
    """Syllables that the two styles write differently: those that end with the group, but not *quý*, whose u is no vowel."""
    letter, mark = r"[^\W\d_]", "[\u0300-\u036f]"
    groups = "|".join(f"{first}[{_TONES[second]}]" for first, second in _GROUPS)
    onsets = "|".join(onset for onset in ONSETS.split("|") if onset != "q")
    return re.compile(f"(?<!{letter})(?<!{mark})(?:{onsets})?(?:{groups})(?!{letter}|{mark})", re.IGNORECASE)


_MOVES = _moves()
_BACK = {old: new for new, old in _MOVES.items()}
_OLD_STYLE = re.compile("|".join(_BACK))
_OPEN_SYLLABLE = _open_syllable()
_NEW_STYLE = re.compile("|".join(_MOVES))
_SYLLABLE = _syllable()


def old_tone_marks(text: str) -> str:
    """Move the tone marks of oa, oe and uy to the second vowel. Expects NFC, and changes no length.

    >>> old_tone_marks("hòa_bình, THỎA THUẬN, Thúy, qúy, Balbóa")
    'hoà_bình, THOẢ THUẬN, Thuý, quý, Balbóa'
    """
    return _SYLLABLE.sub(lambda syllable: _NEW_STYLE.sub(lambda pair: _MOVES[pair.group()], syllable.group(), 1), text)


def new_tone_marks(text: str) -> str:
    """Move the tone marks of oa, oe and uy at the end of a syllable to the first vowel. Expects NFC, and changes no length.

    >>> new_tone_marks("hoà_bình, THOẢ THUẬN, Thuý, quý, hoàn toàn")
    'hòa_bình, THỎA THUẬN, Thúy, quý, hoàn toàn'
    """
    return _OPEN_SYLLABLE.sub(lambda syllable: _OLD_STYLE.sub(lambda pair: _BACK[pair.group()], syllable.group(), 1), text)
