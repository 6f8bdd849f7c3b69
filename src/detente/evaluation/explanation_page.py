"""Explanations as a page: .html."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from detente.atomic import write_text
from detente.errors import UsageError
from detente.evaluation.blocks import Report
from detente.evaluation.explanations import Explanation, section
from detente.evaluation.html import page
from detente.outputs import check_outputs


def check_page(out: Path, inputs: Iterable[Path | None] = ()) -> None:
    """Raise UsageError for another ending than .html, or an output that would overwrite what is read: texts, model."""
    if out.suffix != ".html":
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected .html.")
    check_outputs(inputs, files=[out])


def write_page(explanations: Sequence[Explanation], model: str, out: Path, inputs: Iterable[Path | None] = ()) -> None:
    """Write the page of what a model, so called, leans on, whole or not at all. Raises what ``check_page`` raises."""
    check_page(out, inputs)
    tasks = " and ".join(dict.fromkeys(each.task for each in explanations))
    write_text(out, page(Report(f"{tasks}: what {model} leans on", (section(explanations),))))
