"""A report as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from detente.evaluation.blocks import Block, Marked, Paragraph, Picture, Report, Table

_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_MARKS = "\\`*_[]#|"


def markdown(report: Report, pictures: str = "") -> str:
    """The report as Markdown; pictures are linked as ``<pictures>/<name>.png``, or told in words where no folder is given."""
    parts = [f"# {escape(report.title)}"]
    for section in report.sections:
        parts.append(f"## {escape(section.title)}")
        parts += [_block(block, pictures) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def markdown_table(table: Sequence[Sequence[str]]) -> str:
    """A table with its first row as header; cells are plain text."""
    header, *rows = table
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def escape(text: str) -> str:
    """Text that no Markdown reader takes for markup: scraped sentences stand in a report."""
    for mark, entity in _ENTITIES:
        text = text.replace(mark, entity)
    text = "".join(f"\\{char}" if char in _MARKS else char for char in text)
    return " ".join(text.split())


def _block(block: Block, pictures: str) -> str:
    if isinstance(block, Paragraph):
        text = escape(block.text)
        return {"key": f"**{text}**", "caution": f"*{text}*"}.get(block.kind, text)
    if isinstance(block, Table):
        lines = [block.header, ("---",) * len(block.header), *block.rows]
        body = "\n".join(
            "| " + " | ".join(cell if line is lines[1] else escape(cell) for cell in line) + " |" for line in lines
        )
        return f"{escape(block.caption)}\n\n{body}" if block.caption else body
    if isinstance(block, Picture):
        alt = escape(block.alt)
        return f"![{alt}]({pictures}/{block.name}.png)" if pictures else f"*{alt}*"
    return _marked(block)


def _marked(block: Marked) -> str:
    words = " ".join(
        f"{escape(text)} ({weight:+.2f})" if weight else escape(text) for text, weight in block.pieces if text.strip()
    )
    return f"{escape(block.caption)}\n\n> {words}" if block.caption else f"> {words}"
