"""What a model makes of sentences whose actors are masked: whether it reads the act, or the names.

Every mention of an actor gives way to one word (``detente.text.actors.mask``). The label is of the act, whoever does it, so a
model that has learnt acts should keep its prediction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detente.errors import InputError
from detente.evaluation.blocks import Block, Paragraph, Section, Table
from detente.evaluation.counts import counts_by_group, macro_f1, macro_f1_of_counts
from detente.evaluation.predictions import Predictions, Row, predictions_of
from detente.evaluation.wording import counted
from detente.intervals import MIN_BOOTSTRAP_GROUPS, Estimate, interval_over_sums
from detente.tasks import Task
from detente.text.actors import MASK, Actor, mask

MAX_SHOWN = 50
"""Changed sentences in the section's table."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A sentence whose prediction changed when its actors were masked."""

    sentence_id: str
    text: str
    gold: str
    predicted: str
    predicted_masked: str


@dataclass(frozen=True, slots=True)
class MaskedEffect:
    """Scores as they are and with the actors masked; a change is masked minus as it is.

    ``n_named`` counts the sentences that name an actor: only those can change. ``change`` is of macro-F1, with an interval over
    groups only from ``MIN_BOOTSTRAP_GROUPS`` groups on.
    """

    n: int
    n_groups: int
    n_named: int
    macro_f1: float
    macro_f1_masked: float
    accuracy: float
    accuracy_masked: float
    change: Estimate
    changed: tuple[Changed, ...]


def masked_texts(rows: Sequence[Row], actors: Sequence[Actor]) -> list[str]:
    """The texts of the rows with their actors masked, in order: what is to be predicted for ``masked_effect``."""
    return [mask(row["text"], actors) for row in rows]


def masked_effect(rows: Sequence[Row], masked_pred: Sequence[str], task: Task, actors: Sequence[Actor]) -> MaskedEffect:
    """Compare the predictions of the rows with those of their masked texts, ``masked_pred``, one a row in the same order.

    Labelled rows of the first random seed count. Out-of-fold rows need masked predictions of the model that held them out.
    Raises InputError for unequal lengths or a label that is none, and as ``predictions_of`` does.
    """
    if len(masked_pred) != len(rows):
        raise InputError(f"{len(masked_pred)} predictions of masked texts for {len(rows)} rows; expected one a row.")
    pairs = [{**row, "masked_pred": predicted} for row, predicted in zip(rows, masked_pred, strict=True)]
    predictions = predictions_of(pairs, task)
    used, name = predictions.rows, task.name
    gold, whole = [row[name] for row in used], [row[f"{name}_pred"] for row in used]
    masked = [row["masked_pred"] for row in used]
    unknown = next((label for label in masked if label not in predictions.labels), None)
    if unknown is not None:
        raise InputError(f"a masked text was predicted {unknown!r}; expected {', '.join(predictions.labels)}.")
    texts = masked_texts(used, actors)
    return MaskedEffect(
        n=len(used),
        n_groups=len({row["group_id"] for row in used}),
        n_named=sum(text != row["text"] for text, row in zip(texts, used, strict=True)),
        macro_f1=macro_f1(gold, whole),
        macro_f1_masked=macro_f1(gold, masked),
        accuracy=_accuracy(gold, whole),
        accuracy_masked=_accuracy(gold, masked),
        change=_change(predictions, masked),
        changed=tuple(
            Changed(str(row["sentence_id"]), row["text"], row[name], row[f"{name}_pred"], row["masked_pred"])
            for row in used
            if row["masked_pred"] != row[f"{name}_pred"]
        ),
    )


def section(effect: MaskedEffect, task: str) -> Section:
    """The effect of masking as a section."""
    table = Table(
        ("", "as it is", "actors masked", "change"),
        (
            ("macro-F1", *_shown(effect.macro_f1, effect.macro_f1_masked)),
            ("accuracy", *_shown(effect.accuracy, effect.accuracy_masked)),
        ),
    )
    blocks: list[Block] = [
        Paragraph(
            f"Every name of a state, an organisation or a person of seeds/actors.jsonl was replaced by “{MASK}”, and {task} "
            f"predicted again. n = {counted(effect.n, 'sentence')} in {counted(effect.n_groups, 'group')}; {effect.n_named:,} "
            "of them name an actor. The label is of what is done, whoever does it: a model that loses much by the mask has "
            "learnt names."
        ),
        table,
        Paragraph(f"{counted(len(effect.changed), 'prediction')} of {effect.n_named:,} changed.", "key"),
    ]
    if effect.n_groups < MIN_BOOTSTRAP_GROUPS:
        blocks.append(
            Paragraph(f"{counted(effect.n_groups, 'group')} cannot tell such a change from chance: none is claimed.", "caution")
        )
    else:
        blocks.append(Paragraph(f"Change of macro-F1: {effect.change}."))
    blocks.append(Paragraph("The mask is odd text besides: part of a loss may be the model's surprise at it."))
    if effect.changed:
        shown = effect.changed[:MAX_SHOWN]
        rows = tuple((c.sentence_id, c.gold, c.predicted, c.predicted_masked, c.text) for c in shown)
        header = ("sentence", "gold", "as it is", "masked", "text")
        caption = "Sentences whose prediction changed"
        if len(shown) < len(effect.changed):
            caption += f": the first {len(shown)} of {len(effect.changed):,} by their ids"
        blocks.append(Table(header, rows, prose=header, caption=caption))
    return Section("Actors masked", tuple(blocks))


def _accuracy(gold: Sequence[str], predicted: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(gold, predicted, strict=True)) / len(gold)


def _change(predictions: Predictions, masked: Sequence[str]) -> Estimate:
    """Macro-F1 masked minus as it is, with an interval over groups."""
    import numpy as np

    sides = (predictions.predicted[0], masked)
    counts = [counts_by_group(predictions.gold, own, predictions.groups, predictions.labels) for own in sides]

    def difference(sums: np.ndarray) -> np.ndarray:
        return np.asarray(macro_f1_of_counts(sums[:, 1]) - macro_f1_of_counts(sums[:, 0]))

    stacked = np.stack(counts, axis=1)
    value, k = float(difference(stacked.sum(axis=0)[None])[0]), predictions.n_groups
    if k < MIN_BOOTSTRAP_GROUPS:
        return Estimate(value, reason=f"{counted(k, 'group')}, {MIN_BOOTSTRAP_GROUPS} needed")
    return interval_over_sums(value, difference, stacked, bounds=(-1.0, 1.0))


def _shown(whole: float, masked: float) -> tuple[str, str, str]:
    return f"{whole:.3f}", f"{masked:.3f}", f"{masked - whole:+.3f}"
