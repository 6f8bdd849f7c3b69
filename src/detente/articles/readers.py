"""Files → decoded text: pages of plain text, and what the other readers share."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from detente.articles.shapes import Shape
from detente.errors import ArticleError, InputError
from detente.formats import file_name

MAX_BYTES = 10_000_000
MAX_CHARACTERS = 1_000_000
"""No page of news is larger, nor its text longer; what is, is a dump or a mistake, and could hold the reader up for minutes."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its id, its text (newlines untouched) and where it came from.

    ``row`` is the number of its line or row in a file of many. ``is_extracted``: the text is not the decoded file but was taken
    out of HTML or a table, and is kept with the dataset. Title, date, outlet and address are given where the source says them.
    ``is_one``: it holds one article for certain. ``shapes``: start of a line → its shape, where the source's markup says it;
    then the source's reader has chosen the lines, too.
    """

    page_id: str
    text: str = field(repr=False)
    path: Path
    row: int | None = None
    is_extracted: bool = False
    title: str | None = None
    date: date | None = None
    outlet: str | None = None
    url: str | None = None
    is_one: bool = False
    shapes: Mapping[int, Shape] | None = field(default=None, repr=False, hash=False)

    @property
    def place(self) -> str:
        """Where a message points: the file, with the row in a file of many."""
        return _place(str(self.path), self.row)

    @property
    def origin(self) -> str:
        """The same without folders, as it is kept with a dataset."""
        return _place(file_name(self.path), self.row)


@dataclass(frozen=True, slots=True)
class BadPage:
    """A file or row that gives no page, and why."""

    path: Path
    row: int | None
    error: ArticleError

    @property
    def origin(self) -> str:
        """The file's name, with the row in a file of many."""
        return _place(file_name(self.path), self.row)


def _place(file: str, row: int | None) -> str:
    return file if row is None else f"{file}:{row}"


def read_page(path: Path) -> Page:
    """Read one page of plain text. Raises ArticleError if it is empty or too large, InputError if it is not UTF-8."""
    check_size(path)
    text = decode(path)
    if not text.strip():
        raise ArticleError(
            f"{path}: the file is empty; expected the text of a news page. Remove it or scrape it again.", reason="empty"
        )
    return Page(page_id=page_id(path), text=text, path=path)


def page_id(path: Path) -> str:
    """The id of a page that is a file of its own: the name without its ending, composed (macOS stores names decomposed).

    Raises ArticleError for a name that is not UTF-8.
    """
    try:
        path.stem.encode()
    except UnicodeEncodeError as error:
        raise ArticleError(
            f"{path}: the file's name is not UTF-8, and no id can be made of it. Rename it.", reason="name not UTF-8"
        ) from error
    return unicodedata.normalize("NFC", path.stem)


def check_size(path: Path) -> None:
    """Raise ArticleError for a page that no reader should be given."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ArticleError(
            f"{path}: {size / 1e6:.0f} MB; expected one news page of at most {MAX_BYTES / 1e6:.0f} MB. A file of many articles "
            "is read as .jsonl or .csv, an article a row.",
            reason="too large",
        )


def decode(path: Path) -> str:
    """A file's text, without a byte-order mark. Raises InputError that names the first bad byte."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}).") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: UTF-16; expected UTF-8. Convert it first: iconv -f utf-16 -t utf-8 {path.name}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start}); expected UTF-8. "
            f"Convert it first, for example: iconv -f windows-1258 -t utf-8 {path.name}"
        ) from error
