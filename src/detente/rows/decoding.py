"""Bytes → text: which encoding it is, whether it is text at all, and lines of bounded length."""

from __future__ import annotations

import codecs
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from detente.errors import InputError
from detente.rows import entries

_HEAD = 65_536
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"\x1f\x8b": "gzip (name it .gz)",
    b"\x28\xb5\x2f\xfd": "zstd (name it .zst)",
    b"PK\x03\x04": "a zip archive, as .xlsx and .docx are",
    b"PAR1": "parquet",
    b"%PDF-": "PDF",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
    b"{\\rtf": "RTF",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
}
# Controls of ASCII that no text has, but for what ends and indents lines, and the escape of coloured terminals.
_CONTROLS = bytes(n for n in (*range(32), 127) if n not in b"\t\n\v\f\r\x1b")
_FEW = 3


def _as_halves(error: UnicodeError) -> tuple[str | bytes, int]:
    """Half characters of UTF-16 and UTF-32 as they are, and one for bytes that are none, as those of a file cut short."""
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeDecodeError as wrong:
        return "\ud800", wrong.end


_HALVES = "detente.halves"
codecs.register_error(_HALVES, _as_halves)


def text_stream(stream: io.BufferedReader, path: Path, newline: str | None, *, every_line_counts: bool) -> io.TextIOWrapper:
    """A stream of bytes as text; bytes that cannot be decoded pass as half characters, so that only their row is left out.

    ``every_line_counts``: any line would pass for a row, as in plain text. Raises InputError for what is no text.
    """
    head = stream.peek(_HEAD)[:_HEAD]
    encoding = _encoding(head)
    if encoding == "utf-8":
        _check_text(head, path, every_line_counts)
    errors = "surrogateescape" if encoding.startswith("utf-8") else _HALVES
    return io.TextIOWrapper(stream, encoding, errors=errors, newline=newline)


def bounded_lines(stream: io.TextIOBase, path: Path) -> Iterator[str | None]:
    """The lines with their ends; None for one that is too long to be held.

    Raises InputError for one that is so long that to look for its end would take minutes.
    """
    limit = entries.MAX_LINE
    readline, number = stream.readline, 0
    while line := readline(limit):
        number += 1
        if len(line) == limit and line[-1] not in "\r\n":
            n_characters = limit
            while (rest := readline(limit)) and rest[-1] not in "\r\n":
                n_characters += len(rest)
                if n_characters > entries.MAX_DRAINED:
                    raise InputError(
                        f"{path}:{number}: more than {entries.MAX_DRAINED:,} characters in one line; expected a row a line."
                    )
            yield None
        else:
            yield line


def too_long(number: int) -> entries.Entry:
    """What a line is that was too long to be held."""
    reason = f"more than {entries.MAX_LINE:,} characters in one line; expected a sentence."
    return entries.Entry(number, f":{number}", None, reason, entries.TOO_LARGE)


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    return _utf16(head) if b"\0" in head else "utf-8"


def _utf16(head: bytes) -> str:
    """UTF-16 without a mark: every second byte of what is ASCII is zero, and the others are not."""
    n = len(head) // 2
    even, odd = head[: 2 * n : 2].count(0), head[1 : 2 * n : 2].count(0)
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.3 * n and others < 0.05 * n and _reads(head[: 2 * n], name):
            return name
    return "utf-8"


def _reads(head: bytes, encoding: str) -> bool:
    text = head.decode(encoding, "replace")
    odd = sum(character == "\ufffd" or unicodedata.category(character) in ("Cn", "Co", "Cs", "Cc") for character in text)
    return odd - sum(map(text.count, "\r\n\t")) < 0.05 * len(text)


def _check_text(head: bytes, path: Path, every_line_counts: bool) -> None:
    magic = next((name for mark, name in _MAGIC.items() if head.startswith(mark)), "")
    n_controls = len(head) - len(head.translate(None, _CONTROLS)) if every_line_counts else 0
    if magic or (n_controls >= _FEW and n_controls > 0.05 * len(head)):
        what = f"this is {magic}" if magic else "most of it is no text"
        raise InputError(f"{path}: binary data ({what}); expected text. Give it the ending of what it is, or convert it.")
