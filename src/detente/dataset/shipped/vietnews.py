"""The vietnews corpus as its public repository has it → the lines of its articles, as raw text."""

from __future__ import annotations

import lzma
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from detente import strict_json
from detente.articles.readers import decode
from detente.errors import InputError
from detente.formats import COMPRESSED, opened
from detente.rows import check_regular

REPOSITORY = "https://github.com/ThanhChinhBK/vietnews"
COMMIT = "a20d9b7f5d37b95f39f28f08999092f9fa400983"
CLONE = f"git clone {REPOSITORY} && git -C vietnews checkout {COMMIT}"
"""The commands that bring the texts."""
_ARTICLE = re.compile(r"(train|val|test)/(\d{6})", re.ASCII)
_BEFORE, _AFTER = re.compile(r" ([,.;:!?)”])"), re.compile(r"([(“]) ")


@dataclass(frozen=True, slots=True)
class _Article:
    """A line of such a file."""

    article: str
    lines: tuple[str, ...]


def article_lines(source: Path, wanted: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Article (``train/000001``) → its lines, title first, of those that are wanted and there.

    ``source`` is a clone of the repository (``data/<split>_tokenized/<number>.txt.seg``), or JSON Lines of ``article`` and
    ``lines`` (.jsonl, also .gz, .zst, .xz). Raises InputError where it is neither.
    """
    if source.is_dir():
        return dict(_in_folder(source, wanted))
    check_regular(source)
    if not source.is_file():
        raise InputError(f"{source}: no such folder; expected a clone of vietnews: {CLONE}")
    return {each.article: each.lines for each in _in_file(source, wanted)}


def raw_line(line: str) -> str:
    """A segmented line as it was before: syllables apart, no space before a closing mark or after an opening one."""
    return _AFTER.sub(r"\1", _BEFORE.sub(r"\1", line.replace("_", " ")))


def _in_folder(clone: Path, wanted: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    folder = clone / "data" if (clone / "data").is_dir() else clone
    if not any((folder / f"{split}_tokenized").is_dir() for split in ("train", "val", "test")):
        raise InputError(
            f"{clone}: no clone of vietnews; expected data/train_tokenized/000001.txt.seg and its like in it: {CLONE}"
        )
    for article in wanted:
        if named := _ARTICLE.fullmatch(article):
            path = folder / f"{named[1]}_tokenized" / f"{named[2]}.txt.seg"
            if path.is_file():
                lines = (line.strip() for line in decode(path).split("\n"))
                yield article, tuple(raw_line(line) for line in lines if line)


def _in_file(path: Path, wanted: Collection[str]) -> Iterator[_Article]:
    """The wanted articles of a file of rows. Raises InputError for a row that is no object, or a file that is damaged."""
    suffix = path.suffix.lower().removeprefix(".")
    try:
        with lzma.open(path) if suffix == "xz" else opened(path, suffix if suffix in COMPRESSED else "") as file:
            for number, line in enumerate(file, start=1):
                where = f"{path}:{number}"
                row = strict_json.parse_object(line.decode("utf-8", "surrogateescape"), where) if line.strip() else {}
                if row and (not isinstance(article := row.get("article"), str) or article in wanted):
                    yield strict_json.convert(row, _Article, where)
    except (lzma.LZMAError, EOFError) as error:
        raise InputError(f"{path}: the compressed data are damaged or cut short ({error}). Copy it again.") from error
