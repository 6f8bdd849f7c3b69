"""The report of a model in one task, as sections; markdown, html and json are written from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detente.evaluation.assessment import Assessment
from detente.evaluation.blocks import Block, Paragraph, Picture, Report, Section, Table
from detente.evaluation.calibration import Calibration
from detente.evaluation.pictures import (
    MAX_GROUPS_SHOWN,
    abstention_picture,
    confusion_picture,
    groups_picture,
    reliability_picture,
)
from detente.evaluation.probabilities import ProbabilityScores
from detente.evaluation.readings import ReadingScore
from detente.evaluation.scores import Evaluation
from detente.evaluation.tables import (
    confusion_table,
    groups_table,
    interval,
    labels_table,
    models_table,
    short_names,
    shown,
    smoke_test_line,
)
from detente.evaluation.wording import counted
from detente.intervals import MIN_BOOTSTRAP_GROUPS, Estimate


@dataclass(frozen=True)
class RunFacts:
    """What a report says of a run besides its scores."""

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
    notes: tuple[str, ...] = field(default=())


def task_report(facts: RunFacts, assessment: Assessment, more: Sequence[Section] = ()) -> Report:
    """The report of one model in one task; ``more`` sections (slices, mistakes, challenge) stand before what was left out."""
    evaluation, models = assessment.evaluation, {facts.model: assessment.evaluation, **assessment.baselines}
    sections = [
        _summary(facts, evaluation, models, assessment.readings),
        _labels(evaluation),
        _groups(models),
        _ordered(evaluation),
        _probabilities(evaluation),
        _calibration(assessment.calibration),
        *more,
        _left_out(facts),
    ]
    return Report(f"{facts.task}: {facts.model}", tuple(section for section in sections if section is not None))


def _summary(
    facts: RunFacts, evaluation: Evaluation, models: Mapping[str, Evaluation], readings: Sequence[ReadingScore]
) -> Section:
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
        text = "The encoder is untrained: random weights, no pretraining. Its score says nothing of PhoBERT."
        blocks.append(Paragraph(text, "caution"))
    blocks.append(models_table(models))
    blocks.append(
        Paragraph(
            "Macro-F1 is over the labels that occur in gold or prediction. Log loss skill is 1 - loss / loss of the training "
            "side's label shares: 0 is worth no more than knowing them, below 0 less."
            + (" With several random seeds, figures are means over them." if len(facts.seeds) > 1 else "")
        )
    )
    blocks += _readings(readings)
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
            Paragraph("Right out of total in each group. A group is a page, or the pages that carry one text."),
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
                    ("quadratic weighted kappa", _short(scores.weighted_kappa)),
                    (f"flips ({first} taken for {last} or the reverse) a sentence of either label", rate),
                ),
            ),
        ),
    )


def _probabilities(evaluation: Evaluation) -> Section | None:
    scores = evaluation.probabilities
    if scores is None:
        return None
    losses = Table(
        ("loss", "value", "skill"),
        (
            ("log loss", shown(scores.log_loss), _short(scores.log_loss_skill)),
            ("Brier score", shown(scores.brier), _short(scores.brier_skill)),
        ),
    )
    return Section("Probabilities", (losses, Paragraph(_ranking_text(scores)), _ranking_table(scores)))


def _ranking_text(scores: ProbabilityScores) -> str:
    if scores.within_groups:
        return (
            "Ranking of sentences by a label's probability, within groups: every fold was scored by a model of its own, so "
            "scores of different folds are not ranked together."
        )
    return "Ranking of the split's sentences by a label's probability."


def _ranking_table(scores: ProbabilityScores) -> Table:
    rows = tuple(
        (
            label,
            _short(own.auroc),
            _short(own.average_precision),
            shown(own.base_rate),
            f"{own.n_pairs:,}",
            str(own.n_groups),
        )
        for label, own in scores.ranking.items()
    )
    return Table(("label", "AUROC", "average precision", "of chance", "pairs", "groups"), rows)


def _calibration(calibration: Calibration | None) -> Section | None:
    if calibration is None:
        return None
    at_bound = " It is at the end of the range that was searched." if calibration.at_bound else ""
    verdict = (
        "It lowers the loss, and the model keeps it."
        if calibration.helps
        else "It does not lower the loss there, so the model keeps its probabilities as they are."
    )
    rows = (
        ("log loss", shown(calibration.log_loss_before), _short(calibration.log_loss_after)),
        ("Brier score", shown(calibration.brier_before), _short(calibration.brier_after)),
        ("calibration error", _short(calibration.error_before), _short(calibration.error_after)),
    )
    return Section(
        "Calibration",
        (
            Paragraph(
                f"Temperature {calibration.fitted:.2f}, fitted on all {calibration.n} sentences in {calibration.n_groups} "
                f"groups; above 1 it makes a model less sure.{at_bound} In the column “after” every group's "
                f"temperature is fitted on the other groups. {verdict}"
            ),
            Table(("figure", "before", "after"), rows),
            Picture(
                "reliability",
                "Reliability: sentences in bins of equal counts by their highest probability, and how many of them are right.",
                reliability_picture(calibration),
            ),
            Picture(
                "abstention",
                "Abstention: scores when the model answers only the sentences it is surest of.",
                abstention_picture(calibration),
            ),
            Table(
                ("share answered", "sentences", "lowest probability", "macro-F1", "accuracy"),
                tuple(
                    (f"{own.coverage:.0%}", str(own.n), f"{own.threshold:.3f}", f"{own.macro_f1:.3f}", f"{own.accuracy:.3f}")
                    for own in calibration.abstention
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


def _short(estimate: Estimate) -> str:
    return shown(estimate.value) if estimate.value is not None else str(estimate)
