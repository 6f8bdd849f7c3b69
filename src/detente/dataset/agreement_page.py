"""What `detente label agreement` shows and writes: the same figures as tables, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from detente import places
from detente.atomic import write_text
from detente.dataset.agreement import Agreement, agreement
from detente.dataset.annotations import ADJUDICATED, read_annotations, tasks_read
from detente.dataset.disagreement import Confusion, Dispute, confusions, most_disputed
from detente.dataset.folder import read_dataset
from detente.errors import AnnotationError, UsageError
from detente.intervals import MIN_BOOTSTRAP_GROUPS, MIN_JACKKNIFE_GROUPS, Estimate
from detente.outputs import check_outputs
from detente.records import Annotation
from detente.tasks import Tasks, known_tasks

Table = list[list[str]]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """Agreement, confusions and disputes of a file of annotations, with each annotator's kind."""

    kinds: Mapping[str, str]
    rows: tuple[Agreement, ...]
    confusions: tuple[Confusion, ...]
    disputes: tuple[Dispute, ...]

    @property
    def caution(self) -> str:
        """What kind of agreement this is."""
        kinds = {kind for name, kind in self.kinds.items() if name != ADJUDICATED}
        if kinds == {"machine"}:
            return "Consistency of machine readings: their errors correlate, this is no human ceiling."
        if any("machine" in kind for kind in kinds):
            return "Human and machine readings are compared: only the pairs of humans say how well people agree."
        return "Agreement of human readings."

    def tables(self) -> dict[str, Table]:
        """Heading → header and rows, in the order of the page."""
        found = {
            "Annotators": [["annotator", "kind"], *([name, kind] for name, kind in self.kinds.items())],
            "Agreement": _agreement_table([row for row in self.rows if row.rule is None], intervals=True),
        }
        found |= self._by_rule(intervals=False)
        estimates = {(row.task, row.annotators): row.on_labels for row in self.rows if row.rule is None}
        found["Agreement on each label, 2·both / (first + second)"] = _specific_table(
            [row for row in self.confusions if row.rule is None], estimates
        )
        for confusion in self.confusions:
            if confusion.rule is None:
                labels = confusion.labels
                title = f"{confusion.task}: {confusion.first} (rows) and {confusion.second} (columns)"
                rows = [[label, *map(str, row)] for label, row in zip(labels, confusion.counts, strict=True)]
                found[title] = [["", *labels], *rows]
        return found

    def _by_rule(self, *, intervals: bool) -> dict[str, Table]:
        """The rows by rule: of the decision, and of the sentences on which an annotator names it."""
        found = {}
        for title, named in (
            ("Agreement by rule of the decision", False),
            ("Agreement by rule, where one of them names it", True),
        ):
            if rows := [row for row in self.rows if row.rule is not None and row.named == named]:
                found[title] = _agreement_table(rows, intervals=intervals)
        return found

    def disputed(self) -> list[str]:
        """The sentences most in dispute, each with who gave what."""
        found = []
        for dispute in self.disputes:
            by_task = [
                f"{task}: " + ", ".join(f"{label} ({name})" for name, label in labels.items())
                for task, labels in dispute.labels.items()
                if len(set(labels.values())) > 1
            ]
            found.append(f"{dispute.sentence_id}  {'; '.join(by_task)}\n{' '.join(dispute.text.split())}")
        return found

    def markdown(self) -> str:
        """The page in Markdown, with intervals and labels by rule too."""
        tables = self.tables()
        if by_rule := self._by_rule(intervals=True):
            tables |= by_rule
            tables["Agreement on each label by rule"] = _specific_table(
                [row for row in self.confusions if row.rule is not None]
            )
        parts = ["# Agreement", self.caution, intervals_line(self.rows)]
        parts += [f"## {title}\n\n{_pipes(table)}" for title, table in tables.items()]
        if self.disputes:
            listed = [f"- {_escaped(entry)}".replace("\n", "  \n  ") for entry in self.disputed()]
            parts.append("## Sentences most in dispute\n\n" + "\n".join(listed))
        return "\n\n".join(parts) + "\n"

    def json(self) -> str:
        """Everything as JSON."""
        values = {
            "caution": self.caution,
            "kinds": dict(self.kinds),
            "agreement": [asdict(row) for row in self.rows],
            "confusions": [{**asdict(row), "specific": row.specific()} for row in self.confusions],
            "disputes": [asdict(row) for row in self.disputes],
        }
        return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def agreement_page(
    readings: Sequence[Annotation], groups: Mapping[str, str] | None, n_disputes: int, tasks: Tasks | None = None
) -> AgreementPage:
    """The page of a file of annotations, of all known tasks by default.

    Raises AnnotationError if no two annotators labelled a common sentence.
    """
    tasks = tasks_read(readings, known_tasks() if tasks is None else tasks)
    rows = [*agreement(readings, groups, tasks), *agreement(readings, groups, tasks, named=True)]
    if not rows:
        raise AnnotationError("no two annotators labelled a common sentence; agreement takes two that read the same.")
    kinds: dict[str, set[str]] = {}
    for reading in readings:
        kinds.setdefault(reading.annotator, set()).add(reading.annotator_kind)
    return AgreementPage(
        {name: " and ".join(sorted(own)) for name, own in sorted(kinds.items())},
        tuple(rows),
        tuple(confusions(readings, tasks)),
        tuple(most_disputed(readings, tasks, n_disputes)),
    )


def annotations_page(annotations: Path | None, out: Path | None = None, n_disputes: int = 10, split: str = "") -> AgreementPage:
    """The page of annotations (a file or a dataset folder; None: the seeds'), written to ``out`` as well: .json or .md.

    ``split`` takes the sentences of one split of a dataset. Raises UsageError for another ending, or an output that would
    overwrite what is read; what reading them raises, and AnnotationError if no two annotators labelled a common sentence.
    """
    if out is not None:
        if out.suffix not in (".json", ".md"):
            raise UsageError(f"{out}: unknown format '{out.suffix}'; expected .json or .md.")
        check_outputs([annotations], files=[out])
    groups: dict[str, str] | None = None
    tasks: Tasks = {}
    if annotations is not None and annotations.is_dir():
        dataset = read_dataset(annotations)
        rows = dataset.labelled(list(dataset.tasks), split) if split else dataset.rows
        groups, tasks = {row.sentence_id: row.group_id for row in rows}, dataset.tasks
        readings = [reading for reading in dataset.readings if not split or reading.sentence_id in groups]
    elif split:
        raise UsageError("--split: a file of annotations has no splits; expected a dataset folder.")
    else:
        readings = read_annotations(annotations or places.SEEDS / "annotations.jsonl")
    page = agreement_page(readings, groups, n_disputes, tasks or None)
    if out is not None:
        write_text(out, page.json() if out.suffix == ".json" else page.markdown())
    return page


def intervals_line(rows: Sequence[Agreement]) -> str:
    """How the intervals were made."""
    n_groups = max(row.n_groups for row in rows)
    if n_groups < MIN_JACKKNIFE_GROUPS:
        return f"No intervals: {n_groups} group{'s' * (n_groups != 1)} of articles, at least {MIN_JACKKNIFE_GROUPS} are needed."
    if n_groups >= MIN_BOOTSTRAP_GROUPS:
        few = f"; rough where fewer than {MIN_BOOTSTRAP_GROUPS} are concerned"
        return f"Intervals: 95 %, bootstrap over groups of articles, of which there are {n_groups}{few}."
    return f"Intervals: rough 95 %, by leaving out each of {n_groups} groups of articles in turn."


def _agreement_table(rows: Sequence[Agreement], *, intervals: bool) -> Table:
    table = [["task", "annotators", "rule", "sentences", "groups", "equal", "raw", "kappa", "alpha", "alpha, ordinal"]]
    for row in rows:
        figures = (row.raw, row.kappa, row.alpha, row.alpha_ordinal)
        shown = [_figure(estimate, intervals=intervals and row.n_groups >= MIN_JACKKNIFE_GROUPS) for estimate in figures]
        table.append(
            [row.task, " / ".join(row.annotators), _rule(row.rule), str(row.n), str(row.n_groups), str(row.n_equal), *shown]
        )
    return table


def _figure(estimate: Estimate, *, intervals: bool) -> str:
    if estimate.value is None:
        return f"not defined: {estimate.reason}"
    if not intervals:
        return f"{estimate.value:.3f}"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (no interval: {estimate.reason})"
    return f"{estimate.value:.3f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _specific_table(
    rows: Sequence[Confusion], estimates: Mapping[tuple[str, tuple[str, ...]], Mapping[str, Estimate]] | None = None
) -> Table:
    """Agreement on each label; with intervals where there is an estimate of it, as of two annotators overall."""
    table = [["task", "annotators", "rule", "label", "agreement"]]
    for row in rows:
        for label, value in row.specific().items():
            estimate = (estimates or {}).get((row.task, (row.first, row.second)), {}).get(label)
            shown = "not defined: given by neither" if value is None else f"{value:.3f}"
            if estimate is not None and estimate.low is not None:
                shown = _figure(estimate, intervals=True)
            table.append([row.task, f"{row.first} / {row.second}", _rule(row.rule), label, shown])
    return table


def _rule(rule: str | None) -> str:
    return "all" if rule is None else rule or "none named"


def _pipes(table: Table) -> str:
    lines = ["| " + " | ".join(_escaped(cell) for cell in row) + " |" for row in table]
    return "\n".join([lines[0], "|" + " --- |" * len(table[0]), *lines[1:]])


def _escaped(cell: str) -> str:
    for character in "\\|<>*_`[]":
        cell = cell.replace(character, f"\\{character}")
    return cell
