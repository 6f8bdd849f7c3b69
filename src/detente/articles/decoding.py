"""The bytes of a saved page → its text, and the markup that no page of news has refused before it is parsed."""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

from detente.errors import ArticleError

MAX_ATTRIBUTES = 300
"""Attributes of one element; parsing takes time with the square of their number."""

_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_WESTERN = {"ascii", "utf-8", "iso8859-1", "cp1252", "iso8859-15"}
"""Encodings that pages declare by default and Vietnamese text cannot be in, UTF-8 aside, which is tried first."""
_NO_CHARSETS = re.compile(r"undefined|idna|punycode|.*unicode.escape|utf-?7|utf-?16.*|utf-?32.*|mbcs|oem")
"""Codecs that are no character set of a page, or would show in its first bytes."""
_TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
_TAG = re.compile(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*""")
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')


def decode_html(data: bytes, path: Path) -> str:
    """The text of an HTML file, whatever encoding it declares: UTF-8 if it is that, else the declared one, else windows-1258.

    A few broken characters in UTF-8 become U+FFFD. Raises ArticleError if none of them fits.
    """
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        patched = data.decode("utf-8", errors="replace")
    declared = _declared_encoding(data)
    if declared and declared not in _WESTERN:
        try:
            return unicodedata.normalize("NFC", data.decode(declared))
        except (UnicodeError, LookupError):
            pass
    if sum(ord(c) > 0x7F for c in patched) > 10 * patched.count("\ufffd"):
        return patched
    text = data.decode("cp1258", errors="replace")
    marked = sum(b in _TONE_MARKS and a.isalpha() for a, b in pairwise(text))
    if 20 * marked > sum(ord(c) > 0x7F for c in text):
        return unicodedata.normalize("NFC", text)
    raise ArticleError(
        f"{path}: neither UTF-8 nor what it declares ({declared or 'nothing'}) nor windows-1258. Convert it to UTF-8 first.",
        reason="unknown encoding",
    )


def check_markup(html: str, where: str) -> None:
    """Raise ArticleError for an element with more attributes than a parser gets through in time."""
    for tag in _TAG.finditer(html):
        # An attribute takes two characters at least; pictures inside their tags are one long value.
        if tag.end() - tag.start() > 2 * MAX_ATTRIBUTES:
            n = len(re.split(r"[\s/]+", _QUOTED.sub("", tag.group()))) - 1
            if n > MAX_ATTRIBUTES:
                raise ArticleError(
                    f"{where}: an element with {n:,} attributes; expected a news page with at most {MAX_ATTRIBUTES:,} on one.",
                    reason="too many attributes",
                )


def _declared_encoding(data: bytes) -> str | None:
    match = _DECLARED.search(data[:4096])
    try:
        name = codecs.lookup(match[1].decode("ascii")).name if match else None
    except (LookupError, ValueError):
        return None
    return None if name is None or _NO_CHARSETS.fullmatch(name) else name
