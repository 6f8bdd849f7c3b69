"""The mistakes a model is surest of, with what stands around them: where to look first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detente.evaluation.blocks import Block, Paragraph, Section, Table
from detente.evaluation.predictions import Row, predictions_of
from detente.evaluation.wording import counted
from detente.tasks import Task

N_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong prediction; ``before`` and ``after`` are the neighbours among the rows of its article, empty at its ends."""

    sentence_id: str
    article_id: str
    text: str
    gold: str
    predicted: str
    prob: float
    before: str
    after: str


def mistakes(rows: Sequence[Row], task: Task, n: int = N_SHOWN) -> tuple[Mistake, ...]:
    """The ``n`` wrong predictions of the highest probability, of the first random seed; equals in the order of their ids.

    Neighbours are taken from all rows of the article, those without a label in the task too. Raises InputError as
    ``predictions_of`` does.
    """
    used = predictions_of(rows, task)
    name = task.name
    wrong = [row for row in used.rows if row[name] != row[f"{name}_pred"]]
    wrong.sort(key=lambda row: (-_prob(row, name), str(row["sentence_id"])))
    articles: dict[str, list[Row]] = {}
    first = [row for row in rows if int(row.get("seed") or 0) == used.seeds[0]]
    for row in sorted(first, key=lambda row: (row["start"], str(row["sentence_id"]))):
        articles.setdefault(row["article_id"], []).append(row)
    return tuple(_mistake(row, articles[row["article_id"]], name) for row in wrong[:n])


def section(found: Sequence[Mistake], task: str) -> Section:
    """The mistakes as a section: a table of them all, then each in its context."""
    if not found:
        return Section("Confident mistakes", (Paragraph("No labelled sentence was predicted wrong."),))
    table = Table(
        ("", "gold", "predicted", "probability", "sentence"),
        tuple((str(at), m.gold, m.predicted, f"{m.prob:.3f}", m.text) for at, m in enumerate(found, start=1)),
        prose=("gold", "predicted", "sentence"),
    )
    blocks: list[Block] = [
        Paragraph(
            f"The {counted(len(found), 'wrong prediction')} of {task} with the highest probability. A confident mistake is "
            "the model's or the label's: read the guideline's rule before deciding which. Below the table, each with the "
            "sentences before and after it among the scored ones of its article."
        ),
        table,
    ]
    for at, m in enumerate(found, start=1):
        before, after = m.before or "(none before)", m.after or "(none after)"
        # The second article of a page shares the page's sentence ids.
        place = m.sentence_id if m.sentence_id.startswith(f"{m.article_id}#") else f"{m.sentence_id} ({m.article_id})"
        blocks.append(Paragraph(f"{at}. {place}: {before} ▶ {m.text} ◀ {after}"))
    return Section("Confident mistakes", tuple(blocks))


def _prob(row: Row, task: str) -> float:
    return float(row[f"{task}_prob_{row[f'{task}_pred']}"])


def _mistake(row: Row, article: Sequence[Row], task: str) -> Mistake:
    at = next(at for at, other in enumerate(article) if other["sentence_id"] == row["sentence_id"])
    return Mistake(
        sentence_id=str(row["sentence_id"]),
        article_id=str(row["article_id"]),
        text=row["text"],
        gold=row[task],
        predicted=row[f"{task}_pred"],
        prob=_prob(row, task),
        before=article[at - 1]["text"] if at else "",
        after=article[at + 1]["text"] if at + 1 < len(article) else "",
    )
