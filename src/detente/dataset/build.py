"""Articles and annotations → the dataset folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from detente import places
from detente.articles.dates import line_date
from detente.articles.told import PageOptions
from detente.atomic import new_folder
from detente.dataset.anchoring import AnchoredReadings, anchor_readings, check_mode, page_of
from detente.dataset.annotations import read_annotations, tasks_read
from detente.dataset.corpus import Corpus, SourceOptions, Wanted, read_corpus
from detente.dataset.duplicates import NearCopy, near_copies
from detente.dataset.folder import LabelledDataset, digest_in, read_dataset, write_rows
from detente.dataset.joining import labelled_rows
from detente.dataset.manifest import Facts, dataset_manifest
from detente.dataset.outcome import say_moved, summary
from detente.dataset.shipped.corpus import read_corpus_file, shipped_tables
from detente.dataset.splits import (
    GIVEN,
    DroppedPair,
    SplitOptions,
    assign_folds,
    assign_given,
    assign_holdout,
    check_split_options,
    choose_method,
    leave_out_copies,
    pairs_across_folds,
)
from detente.dataset.tables.corpus import TableSource, read_table_corpus
from detente.dataset.tables.options import TableFacts, TableOptions, check_table_options, paths_given
from detente.dataset.tables.reading import Table, read_tables, table_files
from detente.errors import ConfigError, DatasetError
from detente.markers import check_replaceable
from detente.outputs import check_outputs
from detente.records import Annotation, Example, Sentence
from detente.tasks import Task, known_tasks, tasks_named, usable

_NAME = re.compile(r"[^\W.][\w.-]*")
_VERSION = re.compile(r"(?:(?:0|[1-9]\d*)\.){2}(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


@dataclass(frozen=True)
class DataOptions(TableOptions, PageOptions):
    """Where the articles and their annotations lie. An empty path means the seeds that come with the package.

    ``articles`` is a folder of pages (.txt, .html, .htm) and tables (.jsonl, .csv, .tsv: an article a row), or one such table,
    and what can be said of pages is said of them. ``name`` names the dataset and its folder; ``label_licence`` goes into the
    card. ``bad_page`` says what happens to a page without an article: ``error`` stops, ``skip`` counts it and
    goes on. ``stale_labels`` says what happens to labels whose sentence is not where it was: see ``detente.dataset.anchoring``.
    ``tasks`` are those to take, by default every known one of which the annotations hold a label.

    ``sentences`` in place of articles: tables of labelled sentences, a file, a folder of files or several, and what is said of
    their columns (``TableOptions``). ``corpus``: the labelled corpus of that name that comes with the package, whose texts of
    ``vietnews`` lie there (``shipped.vietnews``); ``sentences`` are then other files in its form.
    """

    name: str = "seeds"
    articles: str = ""
    annotations: str = ""
    label_licence: str = ""
    bad_page: str = "skip"
    stale_labels: str = "move"
    tasks: tuple[str, ...] | None = None
    sentences: Any = None
    corpus: str = ""
    vietnews: str = ""


@dataclass(frozen=True)
class _Material:
    """What rows are made of; ``given``: sentence_id → split, where a table says it."""

    corpus: Corpus
    anchored: AnchoredReadings
    tasks: dict[str, Task]
    given: Mapping[str, str] | None = None
    table: TableFacts | None = None


@dataclass(frozen=True)
class BuildOptions:
    """Everything ``detente build`` can be told. ``out`` is datasets/<name> when empty."""

    data: DataOptions = field(default_factory=DataOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    out: str = ""
    version: str = "1.0.0"


def build_dataset(
    options: BuildOptions | None = None, say: Callable[[str], None] = lambda line: None, *, progress: bool = False
) -> LabelledDataset:
    """Build a dataset folder and return what stands in it.

    The folder appears whole or not at all; one that is there already is replaced if it is a dataset and nothing else. ``say``
    is told what happens, a line at a time. Raises ArticleError, AnnotationError, DatasetError or ConfigError; InputError or
    UsageError where the folder would overwrite anything but a dataset.
    """
    options = options or BuildOptions()
    if options.data.corpus:
        return _build_shipped(options, say)
    if options.data.vietnews:
        raise ConfigError(
            "data.vietnews: holds the texts of a corpus that comes with the package; expected data=dispute with it."
        )
    if options.data.sentences:
        files = table_files(paths_given(options.data.sentences))
        return build_from_tables(read_tables(files, by_name=takes_names(options)), options, say)
    check_build(options)
    data = options.data
    out = folder_of(options)
    annotations = _annotations(data)
    source = _source(data, annotations)
    check_outputs([annotations], pages=source.articles, folders=[out])
    check_replaceable(out, "dataset")
    readings, tasks = _readings(annotations, data.tasks, say)
    wanted = Wanted({page_of(reading.sentence_id) for reading in readings}, {reading.text for reading in readings})

    def material(folder: Path) -> _Material:
        corpus = read_corpus(source, wanted, folder, say, progress=progress)
        anchored = anchor_readings(readings, corpus.sentences, data.stale_labels, corpus.elsewhere)
        say_moved(anchored, say)
        return _Material(corpus, anchored, tasks)

    return _built(options, out, material, say)


def _build_shipped(options: BuildOptions, say: Callable[[str], None]) -> LabelledDataset:
    """The same of a labelled corpus of the package; without its held-out sentences, all of it in folds."""
    check_build(options)
    data, corpus = options.data, read_corpus_file(options.data.corpus)
    files = table_files(paths_given(data.sentences)) if data.sentences else [corpus.folder / name for name in corpus.files]
    vietnews = Path(data.vietnews) if data.vietnews else None
    check_outputs([*files, vietnews], folders=[folder_of(options)])
    shipped = shipped_tables(corpus, files, vietnews, say)
    if shipped.n_without_text and options.split.method == "auto":
        options = replace(options, data=replace(data, split_column=""), split=replace(options.split, method="folds"))
    return build_from_tables(shipped.tables, options, say, shipped.told)


def build_from_tables(
    tables: Sequence[Table],
    options: BuildOptions,
    say: Callable[[str], None],
    told: Callable[[TableFacts], TableFacts] = lambda facts: facts,
) -> LabelledDataset:
    """The same of tables of labelled sentences; ``told`` adds to their facts what else is known of them.

    Raises InputError, DatasetError, ConfigError, UsageError.
    """
    check_build(options)
    check_table_options(options.data)
    if options.data.articles or options.data.annotations:
        raise ConfigError("data.sentences: a table has its labels in it; leave data.articles and data.annotations out.")
    data, out = options.data, folder_of(options)
    if data.split_column and options.split.method != "auto":
        raise ConfigError(
            f"data.split_column={data.split_column} and split.method={options.split.method}: either the table says the splits, "
            "or the build makes them; leave one of the two out."
        )
    check_outputs([table.path for table in tables], folders=[out])
    check_replaceable(out, "dataset")

    def material(folder: Path) -> _Material:
        source = TableSource(data, data.said, data.tasks, data.bad_page)
        found = read_table_corpus(tables, source, folder, say)
        anchored = AnchoredReadings(found.sentences.readings, {}, [])
        return _Material(found.corpus, anchored, found.sentences.tasks, found.splits, told(found.facts))

    return _built(options, out, material, say)


def folder_of(options: BuildOptions) -> Path:
    """Where the dataset is written."""
    return Path(options.out) if options.out else places.DATASETS / options.data.name


def takes_names(options: BuildOptions) -> bool:
    """Whether the names of several tables may say the splits."""
    return not options.data.split_column and options.split.method == "auto"


def _built(
    options: BuildOptions, out: Path, material: Callable[[Path], _Material], say: Callable[[str], None]
) -> LabelledDataset:
    data, before = options.data, digest_in(out)
    with new_folder(out, "dataset") as folder:
        made = material(folder)
        corpus, readings = made.corpus, made.anchored.readings
        examples = labelled_rows(corpus.sentences.values(), corpus.articles, readings, corpus.groups)
        splits, pairs, method = _split(examples, options.split, corpus.sentences, made.given)
        facts = Facts(
            data.name, options.version, _label_licence(data), options.split, method, made.tasks, data.said, made.table
        )
        manifest = dataset_manifest(facts, splits, pairs, corpus, made.anchored)
        write_rows(folder, splits, manifest, corpus.articles, readings)
    built = read_dataset(out)
    say(summary(built, corpus, pairs, before))
    return built


def check_build(options: BuildOptions) -> None:
    """Raise ConfigError for a value that cannot be."""
    data = options.data
    if not _NAME.fullmatch(data.name):
        raise ConfigError(f"data.name: expected letters, digits, '-', '_' and '.', got '{data.name}'. A path goes into out=.")
    if not _VERSION.fullmatch(options.version):
        raise ConfigError(
            f"version: expected a semantic version, three numbers as in 1.0.0, got '{options.version}'. Raise the first where "
            "labels or rows changed so that results cannot be compared, the second for more data, the third for a correction."
        )
    if data.date and line_date(data.date) is None:
        raise ConfigError(f"data.date: expected a day, as in 2025-03-12 or 12/3/2025, got '{data.date}'.")
    check_mode(data.stale_labels)
    check_split_options(options.split)


def _annotations(data: DataOptions) -> Path:
    if data.annotations:
        return Path(data.annotations)
    if data.articles:
        raise ConfigError(
            "data.annotations: not set; a dataset is made of labelled sentences. To label some of these articles' sentences:\n"
            f"  detente label export {data.articles} --sample 300 -o sentences.xlsx\n"
            "then `detente label import` makes the annotations of it: data.annotations=FILE."
        )
    return places.SEEDS / "annotations.jsonl"


def _readings(path: Path, wanted: Sequence[str] | None, say: Callable[[str], None]) -> tuple[list[Annotation], dict[str, Task]]:
    """The readings with their labels in the tasks that are taken, and those tasks. Raises AnnotationError, UsageError."""
    chosen = None if wanted is None else {task.name: task for task in tasks_named(wanted)}
    known = known_tasks()
    readings = read_annotations(path, known)
    there = tasks_read(readings, known)
    if missing := [name for name in chosen or () if name not in there]:
        raise DatasetError(f"{path}: no label of {', '.join(missing)} (data.tasks); it has {', '.join(there) or 'none'}.")
    if chosen is None:
        return readings, there or usable(known)
    if left := [name for name in there if name not in chosen]:
        say(f"labels of {', '.join(left)} are left out (data.tasks)")
    kept = [replace(each, labels={t: label for t, label in each.labels.items() if t in chosen}) for each in readings]
    return kept, chosen


def _source(data: DataOptions, annotations: Path) -> SourceOptions:
    articles = Path(data.articles) if data.articles else places.SEEDS / "articles"
    # A file of labels among the pages is none of them.
    return SourceOptions(
        articles,
        data.bad_page,
        leave=(annotations,),
        pages=data.said,
    )


def _label_licence(data: DataOptions) -> str:
    own = data.articles or (data.sentences and not data.corpus)
    return data.label_licence or ("" if own else "Apache-2.0")


def _split(
    examples: Sequence[Example], options: SplitOptions, sentences: dict[str, Sentence], given: Mapping[str, str] | None
) -> tuple[dict[str, list[Example]], list[DroppedPair], str]:
    """The splits, what they leave out as near-copies, and the method that was chosen."""
    copies: list[NearCopy] = near_copies([sentences[example.sentence_id] for example in examples])
    if given is not None:
        splits, pairs = leave_out_copies(assign_given(examples, given, options), copies)
        return splits, pairs, GIVEN
    method = choose_method(options, len({example.group_id for example in examples}))
    if method == "folds":
        rows = assign_folds(examples, options)
        return {"train": rows}, pairs_across_folds(rows, copies), method
    splits, pairs = leave_out_copies(assign_holdout(examples, options), copies)
    return splits, pairs, method
