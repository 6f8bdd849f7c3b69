"""A report as data: sections of paragraphs, tables and pictures. Markdown, HTML and JSON are written from the same one."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text, never markup. ``kind`` is ``plain``, ``key`` (the one line to remember) or ``caution``."""

    text: str
    kind: str = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; every row has as many as the header. The first column is set to the left, the others right.

    A column named in ``prose`` holds running text and is set to the left too.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    prose: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG; ``alt`` says in words what it shows, ``name`` is its file's stem."""

    name: str
    alt: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Marked:
    """A text whose pieces carry a weight from -1 (against) to 1 (for), as an explanation gives; 0 is unmarked."""

    pieces: tuple[tuple[str, float], ...]
    caption: str = ""


Block = Paragraph | Table | Picture | Marked


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A title and its sections."""

    title: str
    sections: tuple[Section, ...]
