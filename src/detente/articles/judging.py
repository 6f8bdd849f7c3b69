"""What a line's neighbours decide: repetitions, picture links, questions, lists inside the body, wrapped lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detente.articles.lines import Line, alt_text
from detente.articles.shapes import Shape, folded

_SIGHT = 50
"""How many lines up and down a question is judged by."""

_ABOVE_COMMENTS = 2
"""Paragraphs that stand above comments at least."""
_TEXTUAL = {Shape.BODY, Shape.HEADLINE, Shape.QUESTION, Shape.LABEL}


def judge(lines: Sequence[Line]) -> tuple[list[Line], dict[int, str]]:
    """The lines that stay in play, with the shapes their neighbours give them, and start → reason for those that do not."""
    settled = _settle(lines)
    kept: list[Line] = []
    reasons: dict[int, str] = {}
    seen: set[str] = set()
    in_body = False
    comments = _comments(settled)
    for before, line in zip([None, *settled], settled, strict=False):
        key = folded(line.text)
        if line.shape in _TEXTUAL and line.shape is not Shape.BODY and before and key == alt_text(before):
            reasons[line.start] = "headline of a picture link"
        # A sentence may come back as a refrain, and a title may stand in a box above its article.
        elif line.shape in _TEXTUAL and (
            (before is not None and folded(before.text) == key)
            or (in_body and line.shape in {Shape.HEADLINE, Shape.QUESTION} and key in seen)
        ):
            reasons[line.start] = "repeated line"
        elif line.start in comments:
            reasons[line.start] = "comment"
        else:
            kept.append(line)
        seen.add(key)
        in_body = in_body or line.shape is Shape.BODY
    return kept, reasons


def _comments(lines: Sequence[Line]) -> set[int]:
    """Where the paragraphs below the article begin under each of which stands when it was written, or that one may reply."""
    body = [at for at, line in enumerate(lines) if line.shape is Shape.BODY]
    replied = {at for at in body[_ABOVE_COMMENTS:] if at + 1 < len(lines) and lines[at + 1].shape is Shape.REPLY}
    return {lines[at].start for at in replied}


def _settle(lines: Sequence[Line]) -> list[Line]:
    settled: list[Line] = []
    in_body = False
    for at, line in enumerate(lines):
        before = settled[-1] if settled else None
        after = lines[at + 1] if at + 1 < len(lines) else None
        shape = line.shape
        if shape is Shape.QUESTION:
            shape = _question(lines, at, settled, in_body=in_body)
        elif shape in {Shape.LIST_ITEM, Shape.HEADLINE, Shape.LABEL}:
            shape = _shape_among(line, before, after, in_body=in_body)
        settled.append(replace(line, shape=shape))
        in_body = in_body or shape is Shape.BODY
    return settled


def _shape_among(line: Line, before: Line | None, after: Line | None, *, in_body: bool) -> Shape:
    opened = before is not None and before.shape is Shape.BODY and (before.text.endswith(":") or before.is_marked)
    if line.shape is Shape.LIST_ITEM and opened:
        return Shape.BODY
    if line.shape in {Shape.HEADLINE, Shape.LABEL} and after is not None:
        # "Ông tuyên bố:" above what he said, and a line that the scraper broke in the middle of a sentence.
        if in_body and line.text.endswith(":") and after.shape in {Shape.BODY, Shape.LIST_ITEM}:
            return Shape.BODY
        if line.shape is Shape.HEADLINE and after.shape is Shape.BODY and after.text[:1].islower():
            return Shape.BODY
    return line.shape


def _question(lines: Sequence[Line], at: int, before: Sequence[Line], *, in_body: bool) -> Shape:
    """Prose asks beside paragraphs; a headline asks above the first of them, or among headlines, dates and pictures."""
    if not in_body:
        return Shape.HEADLINE
    since_body: list[Shape] = []
    for earlier in before[: -_SIGHT - 1 : -1]:
        if earlier.shape is Shape.BODY:
            break
        since_body.append(earlier.shape)
    if all(shape is Shape.CAPTION for shape in since_body):
        return Shape.BODY
    ahead = (line.shape for line in lines[at + 1 : at + 1 + _SIGHT])
    below = next((shape for shape in ahead if shape not in {Shape.QUESTION, Shape.CAPTION}), None)
    return Shape.BODY if below is Shape.BODY and Shape.SECTION not in since_body else Shape.HEADLINE
