"""A comparison of runs as a report: scores, differences with what the groups can bear, the winner's optimism, the sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detente.evaluation.blocks import Block, Paragraph, Report, Section, Table
from detente.evaluation.comparison import Comparison
from detente.evaluation.counts import group_counts, mean_macro_f1
from detente.evaluation.predictions import Predictions
from detente.evaluation.selection import Selection
from detente.evaluation.tables import interval, shown, smoke_test_line
from detente.intervals import MIN_BOOTSTRAP_GROUPS

MAX_SENTENCES = 50


@dataclass(frozen=True)
class Compared:
    """Runs of one task, by name; ``n_tried`` is how many configurations the store has on the same data."""

    task: str
    split: str
    runs: Mapping[str, Predictions] = field(repr=False)
    comparisons: tuple[Comparison, ...]
    selection: Selection
    n_tried: int
    notes: tuple[str, ...] = ()


SPLIT_NAMES = {"oof": "out-of-fold predictions"}


def comparison_report(compared: Compared, *, sentences: bool = True) -> Report:
    """The report of a comparison; without ``sentences`` it says only on how many of them runs differ."""
    first = next(iter(compared.runs.values()))
    blocks: list[Block] = [
        Paragraph(
            f"Pooled macro-F1 in {compared.task} on {SPLIT_NAMES.get(compared.split, compared.split)}, n = {len(first.gold)} "
            f"sentences in {first.n_groups} "
            "groups; "
            "with several random seeds, means over them."
        ),
    ]
    if first.n_groups < MIN_BOOTSTRAP_GROUPS:
        blocks.append(Paragraph(_few_groups_line(compared.comparisons, first.n_groups), "caution"))
    blocks.append(_scores(compared.runs))
    blocks += [Paragraph(note, "caution") for note in compared.notes]
    sections = [
        Section("Scores", tuple(blocks)),
        Section("Differences", tuple(_differences(compared.comparisons))),
        Section("The best of those tried", tuple(_best(compared))),
        *(_sentences(own, compared, listed=sentences) for own in compared.comparisons if own.differing),
    ]
    return Report(f"{compared.task}: {len(compared.runs)} runs compared", tuple(sections))


def _few_groups_line(comparisons: Sequence[Comparison], n_groups: int) -> str:
    """What few groups bear, in agreement with the verdicts: where none can be given the scores show nothing either."""
    if all(own.p_holm is None for own in comparisons):
        return smoke_test_line(n_groups)
    return (
        f"{n_groups} groups of articles are few: intervals are rough, and groups unlike these are not spoken of. Which run is "
        "better is for the verdicts below: the exchange test holds for few groups too."
    )


def _scores(runs: Mapping[str, Predictions]) -> Table:

    rows = tuple(
        (name, shown(float(mean_macro_f1(group_counts(own).sum(axis=0)))), ", ".join(map(str, own.seeds)))
        for name, own in runs.items()
    )
    return Table(("run", "macro-F1", "random seeds"), rows)


def _differences(comparisons: Sequence[Comparison]) -> list[Block]:
    rows = tuple(
        (
            f"{own.second} - {own.first}",
            "" if own.difference.value is None else f"{own.difference.value:+.3f}",
            interval(own.difference),
            "" if own.p is None else f"{own.p:.3g}",
            "" if own.p_holm is None else f"{own.p_holm:.3g}",
            own.verdict,
        )
        for own in comparisons
    )
    text = (
        "p is of an exchange test: the two runs' predictions are exchanged group by group, in all ways (a sample of ways "
        "from 15 "
        f"groups on). It is corrected (Holm) for a family of {len(comparisons)}. Where even the most extreme outcome would not "
        "reach the level, the difference is not testable, however large it is."
    )
    header = ("difference of macro-F1", "value", "95 %", "p", "p, corrected", "verdict")
    return [Table(header, rows, prose=("verdict",)), Paragraph(text)]


def _best(compared: Compared) -> list[Block]:
    best = compared.selection
    tried = (
        f"{best.n_configurations} configurations are compared here; {compared.n_tried} were tried on this data, as far as "
        "the store "
        "knows."
        if compared.n_tried > best.n_configurations
        else f"{best.n_configurations} configurations were tried, as far as is known here."
    )
    blocks: list[Block] = [
        Paragraph(tried),
        Paragraph(f"{best.best} has the highest score, {best.reported:.3f}, and was chosen by that very score."),
        Paragraph(f"Corrected for the choice among the {best.n_configurations}: {best.corrected}.", "key"),
        Paragraph(
            "The correction (bootstrap bias-corrected cross-validation) scores, in each resample of the groups, the "
            "configuration "
            "that is best inside it on the groups outside it."
        ),
    ]
    if compared.n_tried > best.n_configurations:
        blocks.append(Paragraph("Configurations that are not compared here are not corrected for.", "caution"))
    return blocks


def _sentences(comparison: Comparison, compared: Compared, *, listed: bool) -> Section:
    one, other = compared.runs[comparison.first], compared.runs[comparison.second]
    rows = tuple(
        (
            one.sentence_ids[at],
            str(one.gold[at]),
            str(one.predicted[0, at]),
            str(other.predicted[0, at]),
            str(one.rows[at].get("text", "")),
        )
        for at in comparison.differing[:MAX_SENTENCES]
    )
    n = len(comparison.differing)
    right = sum(one.gold[at] == one.predicted[0, at] for at in comparison.differing)
    right_other = sum(one.gold[at] == other.predicted[0, at] for at in comparison.differing)
    which = "" if n <= MAX_SENTENCES or not listed else f" The first {MAX_SENTENCES} of them:"
    text = (
        f"{n} of {len(one.gold)} sentences, first random seed: {comparison.first} is right on {right} of them, "
        f"{comparison.second} on {right_other}.{which}"
    )
    if not listed:
        return Section(f"Where {comparison.first} and {comparison.second} differ", (Paragraph(text),))
    header = ("sentence", "gold", comparison.first, comparison.second, "text")
    return Section(
        f"Where {comparison.first} and {comparison.second} differ", (Paragraph(text), Table(header, rows, prose=header))
    )
