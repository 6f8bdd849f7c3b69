"""Files → pages of decoded text."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from detente.errors import ArticleError, InputError


@dataclass(frozen=True, slots=True)
class Page:
    """A scraped page: its id, its text as decoded (newlines untouched) and the file it came from."""

    page_id: str
    text: str = field(repr=False)
    path: Path


def read_page(path: Path) -> Page:
    """Read one page of plain text. Raises ArticleError if it is empty, InputError if it is not UTF-8."""
    text = decode(path)
    if not text.strip():
        raise ArticleError(f"{path}: the file is empty; expected the text of a news page. Remove it or scrape it again.")
    return Page(page_id=path.stem, text=text, path=path)


def read_pages(folder: Path) -> list[Page]:
    """Read all pages of a folder, in the order of their names."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; expected one with .txt pages. Set data.articles=FOLDER.")
    paths = sorted(path for path in folder.iterdir() if path.suffix == ".txt" and path.is_file())
    if not paths:
        raise InputError(f"{folder}: holds no .txt file; expected one page a file. Set data.articles=FOLDER.")
    return [read_page(path) for path in paths]


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
