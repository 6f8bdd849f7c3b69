"""The report of a model in one task, as sections; markdown, html and json are written from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detente.evaluation.assessment import Assessment
from detente.evaluation.blocks import Block, Paragraph, Picture, Report, Section, Table
from detente.evaluation.pictures import (
    MAX_GROUPS_SHOWN,
    confusion_picture,
    groups_picture,
)
from detente.evaluation.readings import ReadingScore
from detente.evaluation.report_probabilities import (
    abstention_section,
    calibration_section,
    probabilities_section,
    scale_line,
)
from detente.evaluation.scores import Evaluation
from detente.evaluation.tables import (
    confusion_table,
    groups_table,
    interval,
    labels_table,
    models_table,
    short,
    short_names,
    shown,
    smoke_test_line,
)
from detente.evaluation.wording import counted
from detente.intervals import MIN_BOOTSTRAP_GROUPS


@dataclass(frozen=True)
class RunFacts:
    """What a report says of a run besides its scores; ``temperature`` is what the model's probabilities came with."""

    model: str
    untrained: bool
    licence: str
    task: str
    dataset: str
    dataset_version: str
    digest: str
    run_key: str
    version: str
    split: str
    n_left_out: int
    n_truncated: int
    n_texts: int
    seeds: tuple[int, ...]
    temperature: float = 1.0
    notes: tuple[str, ...] = field(default=())


def task_report(facts: RunFacts, assessment: Assessment, more: Sequence[Section] = ()) -> Report:
    """The report of one model in one task; ``more`` sections (slices, mistakes, challenge) stand before what was left out."""
    evaluation, models = assessment.evaluation, {facts.model: assessment.evaluation, **assessment.baselines}
    sections = [
        _summary(facts, evaluation, models, assessment),
        _labels(evaluation),
        _groups(models),
        _ordered(evaluation),
        probabilities_section(evaluation),
        calibration_section(assessment),
        abstention_section(assessment.abstention),
        *more,
        _left_out(facts),
    ]
    return Report(f"{facts.task}: {facts.model}", tuple(section for section in sections if section is not None))


def _summary(facts: RunFacts, evaluation: Evaluation, models: Mapping[str, Evaluation], assessment: Assessment) -> Section:
    blocks: list[Block] = [
        Paragraph(
            f"Dataset {facts.dataset} {facts.dataset_version} ({facts.digest[:19]}), scored on {facts.split}; n = "
            f"{counted(evaluation.n, 'sentence')} in {counted(evaluation.n_groups, 'group')}. détente {facts.version}, run key "
            f"{facts.run_key[:12]}, random seeds {', '.join(map(str, facts.seeds))}."
        ),
        Paragraph(f"Macro-F1 {evaluation.macro_f1}.", "key"),
    ]
    if evaluation.n_groups < MIN_BOOTSTRAP_GROUPS:
        blocks.append(Paragraph(smoke_test_line(evaluation.n_groups), "caution"))
    if facts.untrained:
        text = "The encoder is untrained: random weights, no pretraining. Its score says nothing of a trained one."
        blocks.append(Paragraph(text, "caution"))
    blocks.append(models_table(models))
    blocks.append(
        Paragraph(
            "Macro-F1 is over the labels that occur in gold or prediction. Log loss skill is 1 - loss / loss of the training "
            "side's label shares: 0 is worth no more than knowing them, below 0 less."
            + (" With several random seeds, figures are means over them." if len(facts.seeds) > 1 else "")
        )
    )
    if evaluation.probabilities is not None:
        blocks.append(Paragraph(scale_line(assessment, facts.temperature)))
    blocks += _readings(assessment.readings)
    return Section("Scores", tuple(blocks))


def _readings(readings: Sequence[ReadingScore]) -> list[Block]:
    """One annotator's reading scored against another's, on the same rows."""
    if not readings:
        return []
    rows = tuple(
        (
            " / ".join(f"{name} ({kind})" for name, kind in zip(own.annotators, own.kinds, strict=True)),
            shown(own.macro_f1.value),
            interval(own.macro_f1),
            str(own.n),
            str(own.n_groups),
        )
        for own in readings
    )
    text = "One reading scored against the other on the same sentences, macro-F1:"
    if all(kind == "machine" for own in readings for kind in own.kinds):
        text = (
            "One machine reading scored against the other on the same sentences, macro-F1. The errors of language models "
            "correlate: this is their consistency, not the quality of the labels and no human ceiling."
        )
    return [Paragraph(text), Table(("readings", "macro-F1", "95 %", "n", "groups"), rows)]


def _labels(evaluation: Evaluation) -> Section:
    picture = Picture(
        "confusion",
        f"Confusion of {evaluation.n} sentences: rows gold labels, columns predictions.",
        confusion_picture(evaluation, f"{evaluation.task}, n = {evaluation.n}"),
    )
    seeds = "Confusion is of the first random seed." if len(evaluation.macro_f1_by_seed) > 1 else ""
    blocks: list[Block] = [labels_table(evaluation), confusion_table(evaluation), picture]
    if seeds:
        blocks.insert(1, Paragraph(seeds))
    return Section("Per label", tuple(blocks))


def _groups(models: Mapping[str, Evaluation]) -> Section:
    first = next(iter(models.values()))
    n = len(first.by_group)
    which = f"each of {n} groups" if n <= MAX_GROUPS_SHOWN else f"the first {MAX_GROUPS_SHOWN} of {n} groups"
    picture = groups_picture(models, short_names(first))
    return Section(
        "Per group",
        (
            Paragraph(
                "Right out of total in each group. A group is a page, or the pages that carry one text; of a table, "
                "what it says, or a sentence with its near-copies."
            ),
            Picture("groups", f"Share right in {which}, a mark a model.", picture),
            groups_table(models),
        ),
    )


def _ordered(evaluation: Evaluation) -> Section | None:
    if evaluation.ordered is None:
        return None
    scores, first, last = evaluation.ordered, evaluation.labels[0], evaluation.labels[-1]
    rate = "not defined" if scores.flip_rate is None else f"{scores.n_flips}/{scores.n_ends} = {scores.flip_rate:.3f}"
    return Section(
        f"{evaluation.task} as an ordered scale",
        (
            Paragraph(
                f"A working assumption: {' < '.join(evaluation.labels)}, with equal steps. So these figures come second."
            ),
            Table(
                ("figure", "value"),
                (
                    ("quadratic weighted kappa", short(scores.weighted_kappa)),
                    (f"flips ({first} taken for {last} or the reverse) a sentence of either label", rate),
                ),
            ),
        ),
    )


def _left_out(facts: RunFacts) -> Section:
    lines = [
        f"Left out of a training side because they nearly copy a held-out sentence: {counted(facts.n_left_out, 'sentence')}.",
        f"{facts.n_truncated} of {facts.n_texts} texts were longer than the model reads and were cut.",
        *facts.notes,
    ]
    if facts.licence:
        lines.append(f"The encoder's licence is {facts.licence}; it holds for the fine-tuned model too.")
    return Section("What was left out or cut", tuple(Paragraph(line) for line in lines))
