"""A report on disk: report.html for reading, report.md with its pictures beside it, report.json for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detente.evaluation.blocks import Block, Marked, Paragraph, Picture, Report, Section, Table
from detente.evaluation.html import page
from detente.evaluation.markdown import markdown

PICTURES = "pictures"
FILES = ("report.html", "report.md", "report.json")


def write_report(report: Report, metrics: Mapping[str, float], folder: Path) -> None:
    """Write the three files and the pictures into a folder that is there."""
    (folder / "report.html").write_text(page(report), encoding="utf-8")
    (folder / "report.md").write_text(markdown(report, PICTURES), encoding="utf-8")
    content = json.dumps(as_json(report, metrics), ensure_ascii=False, indent=1)
    (folder / "report.json").write_text(content + "\n", encoding="utf-8")
    (folder / PICTURES).mkdir(exist_ok=True)
    for picture in pictures_of(report):
        (folder / PICTURES / f"{picture.name}.png").write_bytes(picture.png)


def joined(reports: Sequence[Report]) -> Report:
    """Several tasks' reports as one; where there are several, each section names its task."""
    if len(reports) == 1:
        return reports[0]
    sections = [
        Section(f"{report.title.split(':')[0]}: {section.title}", _named(section.blocks, report.title.split(":")[0]))
        for report in reports
        for section in report.sections
    ]
    return Report(" and ".join(report.title for report in reports), tuple(sections))


def as_json(report: Report, metrics: Mapping[str, float]) -> dict[str, Any]:
    """The same content as data, with the metrics under the names that MLflow has them by."""
    sections = [{"title": own.title, "blocks": [_block(block) for block in own.blocks]} for own in report.sections]
    return {"title": report.title, "metrics": dict(metrics), "sections": sections}


def pictures_of(report: Report) -> list[Picture]:
    """All pictures of a report."""
    return [block for section in report.sections for block in section.blocks if isinstance(block, Picture)]


def _named(blocks: Sequence[Block], task: str) -> tuple[Block, ...]:
    """Pictures of two tasks must not share a file."""
    return tuple(
        Picture(f"{task}-{block.name}", block.alt, block.png) if isinstance(block, Picture) else block for block in blocks
    )


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"paragraph": block.text, "kind": block.kind}
    if isinstance(block, Table):
        return {"table": {"caption": block.caption, "header": list(block.header), "rows": [list(row) for row in block.rows]}}
    if isinstance(block, Picture):
        return {"picture": {"file": f"{PICTURES}/{block.name}.png", "alt": block.alt}}
    assert isinstance(block, Marked)
    return {"marked": {"caption": block.caption, "pieces": [[text, weight] for text, weight in block.pieces]}}
