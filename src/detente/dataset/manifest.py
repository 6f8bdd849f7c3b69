"""manifest.json: what identifies a dataset, and every count; no text of the articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from detente import strict_json
from detente._version import __version__
from detente.articles.told import PageOptions
from detente.dataset.anchoring import AnchoredReadings
from detente.dataset.corpus import Corpus, SkippedPage
from detente.dataset.digest import rows_digest
from detente.dataset.duplicates import THRESHOLD
from detente.dataset.parquet import HASH, PARTLY, TEXT
from detente.dataset.splits import DroppedPair, SplitOptions, n_left_out
from detente.dataset.tables.options import TableFacts
from detente.errors import DatasetError
from detente.records import Example
from detente.tasks import Task, Tasks, first_tasks

FORMAT = 1
MANIFEST = "manifest.json"
_SPLIT = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset was told to be. ``method`` is how it was split in the end, ``tasks`` what its rows are labelled in, and
    ``pages`` what was said of its pages; ``table`` is the one that its sentences came in, if they came in one."""

    name: str
    version: str
    label_licence: str
    split: SplitOptions
    method: str
    tasks: Tasks
    pages: PageOptions = field(default_factory=PageOptions)
    table: TableFacts | None = None


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """Rows and groups of a split, and how often each label stands there: task → label → rows."""

    n: int
    n_groups: int
    labels: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class LostSentence:
    """A sentence that was read and is gone from its page: who read it, and what is like it."""

    sentence_id: str
    annotators: tuple[str, ...]
    nearest: str | None = None
    elsewhere: str | None = None
    page_is_there: bool = True


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """The readings that were kept; old id → new id of those that moved; what was lost."""

    n: int = 0
    moved: dict[str, str] = field(default_factory=dict)
    lost: tuple[LostSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Pages that share their text, and sentences left out of a training side because they nearly copy a held-out one."""

    n_groups: int = 0
    n_groups_of_several_pages: int = 0
    n_pages_in_them: int = 0
    n_sentences_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """manifest.json as it stands in a dataset folder.

    ``digest`` is over all rows, ``files`` has the hash of each file beside them (none in folders of older versions). ``tasks``
    are those that the rows are labelled in, in the order of their columns. ``pages``: what was said of the pages, by which they
    are read again; ``table``: the table that they came in, where each page is a sentence.
    ``published_without_text``: hashes stand in place of texts, of all, or only of the sentences whose ids begin with one of
    ``withheld``.
    """

    name: str
    version: str
    format: int
    detente_version: str
    digest: str
    tasks: dict[str, Task]
    splits: dict[str, SplitCounts]
    dropped_pairs: tuple[DroppedPair, ...]
    label_licence: str = ""
    guideline_version: tuple[int, ...] = ()
    split: SplitOptions = field(default_factory=SplitOptions)
    near_copy_threshold: float = THRESHOLD
    sources: dict[str, int] = field(default_factory=dict)
    pages: PageOptions = field(default_factory=PageOptions)
    table: TableFacts | None = None
    n_pages: int = 0
    n_articles: int = 0
    n_sentences: int = 0
    n_unlabelled: int = 0
    n_dropped_lines: int = 0
    skipped_pages: tuple[SkippedPage, ...] = ()
    files_not_read: dict[str, int] = field(default_factory=dict)
    readings: ReadingCounts = field(default_factory=ReadingCounts)
    near_duplicates: NearDuplicates = field(default_factory=NearDuplicates)
    files: dict[str, str] = field(default_factory=dict)
    published_without_text: bool = False
    withheld: tuple[str, ...] = ()

    @property
    def text_columns(self) -> tuple[str, ...]:
        """The columns of a split that hold texts or their hashes."""
        if not self.published_without_text:
            return (TEXT,)
        return PARTLY if self.withheld else (HASH,)

    def withholds(self, sentence_id: str) -> bool:
        """Whether the text of a sentence was left out when the dataset was published."""
        return self.published_without_text and (not self.withheld or sentence_id.startswith(self.withheld))

    def __post_init__(self) -> None:
        """Raise ValueError for a split that could not be the name of a file, for none, or for labels that are not counted."""
        wrong = next((name for name in self.splits if not _SPLIT.fullmatch(name)), None)
        if wrong is not None or not self.splits:
            raise ValueError(f"expected splits named by letters, digits, '_', '.' and '-', got {strict_json.shown(wrong)}")
        if not self.tasks or any(name != task.name for name, task in self.tasks.items()):
            raise ValueError("'tasks': expected one or more, each under its own name")
        for split, counts in self.splits.items():
            if wrong := next((each for each in {*counts.labels} ^ {*self.tasks}), None):
                raise ValueError(
                    f"'splits.{split}.labels': expected {', '.join(self.tasks)}, of {wrong} it has another account"
                )
            for name, task in self.tasks.items():
                if {*counts.labels[name]} != {*task.labels}:
                    raise ValueError(
                        f"'splits.{split}.labels.{name}': expected how often each label stands there, {task.listed}"
                    )


def dataset_manifest(
    facts: Facts,
    splits: Mapping[str, Sequence[Example]],
    pairs: Sequence[DroppedPair],
    corpus: Corpus,
    anchored: AnchoredReadings,
) -> Manifest:
    """The manifest of a dataset that was just built; the hashes of its files come when they are written."""
    rows = [row for rows in splits.values() for row in rows]
    n_examples = len({row.sentence_id for row in rows} | {pair.left_out for pair in pairs})
    return Manifest(
        name=facts.name,
        version=facts.version,
        format=FORMAT,
        detente_version=__version__,
        digest=rows_digest(splits, facts.tasks),
        tasks=dict(facts.tasks),
        splits={name: _counts(rows, facts.tasks) for name, rows in splits.items()},
        dropped_pairs=tuple(pairs),
        label_licence=facts.label_licence,
        guideline_version=tuple(sorted({reading.guideline_version for reading in anchored.readings})),
        split=replace(facts.split, method=facts.method),
        sources=dict(sorted(corpus.sources.items())),
        pages=facts.pages,
        table=facts.table,
        n_pages=sum(corpus.sources.values()),
        n_articles=len(corpus.articles),
        n_sentences=corpus.n_sentences,
        n_unlabelled=corpus.n_sentences - n_examples,
        n_dropped_lines=corpus.n_dropped_lines,
        skipped_pages=tuple(corpus.skipped),
        files_not_read=corpus.others,
        readings=_readings(anchored),
        near_duplicates=_near_duplicates(corpus.groups, pairs),
    )


def read_manifest(folder: Path) -> Manifest:
    """What a dataset folder says of itself. Raises DatasetError."""
    path = folder / MANIFEST
    if not path.is_file():
        raise DatasetError(f"{folder}: not a dataset folder (no manifest.json). Make one with: detente build")
    remedy = "Build the dataset again."
    facts = strict_json.read_object(path, error=DatasetError)
    if "format" in facts and facts["format"] != FORMAT:
        given = strict_json.shown(facts["format"])
        raise DatasetError(f"{path}: dataset format {given}; this version reads {FORMAT}. Build it again.")
    if "tasks" not in facts:
        facts = _with_first_tasks(facts)
    return strict_json.convert(facts, Manifest, str(path), error=DatasetError, remedy=remedy)


def _with_first_tasks(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest of before tasks were data: its splits count the labels of each task under the task's name."""
    tasks, splits = first_tasks(), facts.get("splits")
    if isinstance(splits, dict) and all(isinstance(counts, dict) for counts in splits.values()):
        splits = {name: _with_labels(counts, tasks) for name, counts in splits.items()}
    return {**facts, "tasks": {name: asdict(task) for name, task in tasks.items()}, "splits": splits}


def _with_labels(counts: Mapping[str, Any], tasks: Tasks) -> dict[str, Any]:
    others = {key: value for key, value in counts.items() if key not in tasks}
    return {**others, "labels": {task: counts[task] for task in tasks if task in counts}}


def _counts(rows: Sequence[Example], tasks: Tasks) -> SplitCounts:
    found = {name: Counter(row.label(name) for row in rows) for name in tasks}
    by_task = {name: {label: found[name][label] for label in task.labels} for name, task in tasks.items()}
    return SplitCounts(n=len(rows), n_groups=len({row.group_id for row in rows}), labels=by_task)


def _readings(anchored: AnchoredReadings) -> ReadingCounts:
    lost = [
        LostSentence(
            sentence_id=each.sentence_id,
            annotators=each.annotators,
            nearest=each.nearest.sentence_id if each.nearest else None,
            elsewhere=each.elsewhere,
            page_is_there=each.page_is_there,
        )
        for each in anchored.lost
    ]
    return ReadingCounts(len(anchored.readings), anchored.moved, tuple(lost))


def _near_duplicates(groups: Mapping[str, str], pairs: Sequence[DroppedPair]) -> NearDuplicates:
    sizes = Counter(groups.values())
    return NearDuplicates(
        n_groups=len(sizes),
        n_groups_of_several_pages=sum(n > 1 for n in sizes.values()),
        n_pages_in_them=sum(n for n in sizes.values() if n > 1),
        n_sentences_left_out=n_left_out(pairs),
    )
