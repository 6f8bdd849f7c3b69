"""Rows of tables → sentences with their readings, and what was left out or is odd."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from detente.articles.tables import day_in, words_in
from detente.articles.told import PageOptions
from detente.dataset.annotations import decisions
from detente.dataset.tables.again import title_in
from detente.dataset.tables.beside import reading_cells
from detente.dataset.tables.cells import LabelReader, cell_text, label_reader
from detente.dataset.tables.deciding import decide
from detente.dataset.tables.options import TableOptions, cell_labels, label_columns
from detente.dataset.tables.reading import (
    TWICE,
    UNLABELLED,
    BadRow,
    SentenceRow,
    Table,
    check_columns,
    check_same_sentence,
    sentence_rows,
)
from detente.errors import ConfigError, DatasetError, near_miss
from detente.records import Annotation, Article
from detente.rows import listed
from detente.strict_json import shown
from detente.tasks import Task, known_tasks, tasks_named

_SHOWN = 5


@dataclass
class Sentences:
    """What stands in the tables: every sentence by its id, in their order, and its readings.

    ``conflicts``: places of rows that have one text and other labels. ``left``: columns called as a task that is not
    taken. ``split_by``: what says the splits, if anything does. ``undated``: places of dates that cannot be read.
    """

    tasks: dict[str, Task]
    columns: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]]
    rows: dict[str, SentenceRow] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    readings: list[Annotation] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    conflicts: list[tuple[str, ...]] = field(default_factory=list)
    disputed: tuple[str, ...] = ()
    undated: list[str] = field(default_factory=list)
    left: tuple[str, ...] = ()
    split_by: str = ""
    n_rows: int = 0


def read_sentences(
    tables: Sequence[Table],
    options: TableOptions,
    pages: PageOptions,
    wanted: Sequence[str] | None,
    bad: Callable[[BadRow], None],
) -> Sentences:
    """Read the tables; ``wanted`` are the tasks to take, ``bad`` is told of every row that cannot be used.

    Raises InputError for a column that is not there, DatasetError for a label or a split that is not known, for a second
    sentence of one id, where annotators differ, and where no row has a label.
    """
    readers = _readers(tables, options, wanted)
    found = Sentences(
        tasks={reader.task.name: reader.task for reader in readers},
        columns={reader.task.name: reader.columns for reader in readers},
        values={reader.task.name: dict(reader.values) for reader in readers if reader.values},
        left=_left(tables, readers),
        split_by=options.split_column or ("files" if tables[0].split else ""),
    )
    for table in tables:
        check_columns(table, pages.text_column, options, [column for reader in readers for column in reader.columns])
        found.sources[table.kind] += 0
    readings: dict[tuple[str, str], tuple[Annotation, str]] = {}
    for kind, row in _told_apart(tables, pages.text_column, options):
        found.n_rows += 1
        if isinstance(row, BadRow):
            found.bad.append(row)
            bad(row)
            continue
        found.sources[kind] += 1
        _add(row, found, options)
        if row.sentence_id not in found.articles:
            article = found.articles[row.sentence_id] = _article(row, pages)
            found.undated += _undated(row, pages) if article.date is None else []
        labels = _labels(row, readers, options)
        if not labels:
            empty = BadRow(row.origin, f"{row.place}: no label in {_columns_of(readers)}.", UNLABELLED)
            found.bad.append(empty)
            bad(empty)
        for annotator, given in labels.items():
            _read(row, annotator, given, readings, found, options)
    places = {sentence_id: row.place for sentence_id, row in found.rows.items()}
    decided = decide([reading for reading, _ in readings.values()], options.disputed, places)
    found.readings, found.disputed = decided.readings, decided.disputed
    found.conflicts = _conflicts(decisions(found.readings), found.rows)
    if not found.readings:
        raise DatasetError(f"{tables[0].path or tables[0].name}: no row has a text and a label in {_columns_of(readers)}.")
    return found


def _told_apart(tables: Sequence[Table], text: str, options: TableOptions) -> Iterator[tuple[str, SentenceRow | BadRow]]:
    several = len(tables) > 1
    for table in tables:
        for row in sentence_rows(table, text, options, f"{table.stem}-" if several else ""):
            yield table.kind, row


def _add(row: SentenceRow, found: Sentences, options: TableOptions) -> None:
    first = found.rows.setdefault(row.sentence_id, row)
    if first is row:
        return
    if not options.annotator_column:
        raise DatasetError(
            f"{row.place}: a second sentence '{row.sentence_id}' (the first is {first.place}); expected every id once. If its "
            "rows are readings of several annotators, name the column that says whose: data.annotator_column=NAME."
        )
    check_same_sentence(row, first)


def _read(
    row: SentenceRow,
    annotator: str,
    labels: Mapping[str, str],
    readings: dict[tuple[str, str], tuple[Annotation, str]],
    found: Sentences,
    options: TableOptions,
) -> None:
    """Add one annotator's reading; the same one twice is counted as a row that adds nothing."""
    text = found.rows[row.sentence_id].text
    beside = reading_cells(row, options.reading_columns or (), [found.tasks[task] for task in labels])
    reading = Annotation(row.sentence_id, text, annotator, options.annotator_kind, dict(labels), **beside)
    first, place = readings.setdefault((row.sentence_id, annotator), (reading, row.place))
    if first is reading:
        return
    if first.labels != reading.labels or first.guideline_version != reading.guideline_version:
        raise DatasetError(
            f"{row.place}: '{annotator}' reads the sentence of {place} again, and otherwise; expected one reading a sentence "
            "and annotator. Remove one of the rows, or give rows ids: data.id_column=NAME."
        )
    found.bad.append(BadRow(row.origin, f"{row.place}: the same reading as in {place}.", TWICE))


def _readers(tables: Sequence[Table], options: TableOptions, wanted: Sequence[str] | None) -> list[LabelReader]:
    """What reads the labels of each task: of the columns that are named, else of those called as a task."""
    named, values = label_columns(options.labels), cell_labels(options.values)
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    if named:
        names = [task for task in named if wanted is None or task in wanted]
    elif wanted is not None:
        names = [task.name for task in tasks_named(wanted)]
    else:
        names = [task for task in known_tasks() if task in columns]
    if not names:
        where = tables[0].path or tables[0].name
        known = ", ".join(known_tasks())
        raise DatasetError(
            f"{where}: no column is called as a task ({known}); it has {listed(columns)}. Say which column holds labels of "
            "which task: data.labels={stance: my_column}. A task of your own is a file configs/task/NAME.yaml with its labels."
        )
    if unknown := next((task for task in values if task not in names), None):
        raise ConfigError(
            f"data.values: no labels of '{unknown}' are taken; expected {', '.join(names)}.{near_miss(unknown, names)}"
        )
    tasks = tasks_named(tuple(names))
    return [label_reader(task, named.get(task.name, (task.name,)), values.get(task.name, {})) for task in tasks]


def _left(tables: Sequence[Table], readers: Iterable[LabelReader]) -> tuple[str, ...]:
    """The columns that are called as a known task, and are read for none."""
    read = {name for reader in readers for name in (reader.task.name, *reader.columns)}
    return tuple(name for name in known_tasks() if name not in read and any(name in table.columns for table in tables))


def _labels(row: SentenceRow, readers: Iterable[LabelReader], options: TableOptions) -> dict[str, dict[str, str]]:
    """Annotator → task → label. Where a task has several columns, each is an annotator of its name."""
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for reader in readers:
        for column in reader.columns:
            label = reader.label(row.cells.get(column), f"{row.place}: '{column}'")
            if label is not None:
                by_column = column if len(reader.columns) > 1 else options.annotator
                labels[row.annotator or by_column][reader.task.name] = label
    return labels


def _article(row: SentenceRow, pages: PageOptions) -> Article:
    """What is known of the sentence's article; without a column of articles it is one of its own."""
    columns = pages.known_columns()
    article = Article(
        article_id=row.article_id or row.sentence_id,
        page_id=row.sentence_id,
        text=row.text,
        paragraphs=(),
        title=title_in(row, pages),
        date=day_in(row.cells.get(columns.date)),
        outlet=words_in(row.cells, columns.outlet),
        url=words_in(row.cells, columns.url),
    )
    return pages.told.of(article)


def _undated(row: SentenceRow, pages: PageOptions) -> list[str]:
    """The place of a date that is filled in and cannot be read, with what stands there."""
    column = pages.known_columns().date
    value = row.cells.get(column)
    return [f"{row.place}: '{column}' is {shown(value)}"] if cell_text(value) else []


def _conflicts(decided: Mapping[str, Annotation], rows: Mapping[str, SentenceRow]) -> list[tuple[str, ...]]:
    """Places of the sentences of one text whose labels differ, for every such text."""
    by_text: dict[str, list[Annotation]] = defaultdict(list)
    for sentence_id, reading in decided.items():
        by_text[rows[sentence_id].text].append(reading)
    return [
        tuple(rows[each.sentence_id].place for each in same)
        for same in by_text.values()
        if any(len({each.label(task) for each in same} - {None}) > 1 for task in same[0].labels)
    ]


def conflict_lines(conflicts: Sequence[tuple[str, ...]]) -> str:
    """The first texts that have several labels, for a terminal."""
    lines = [f"  {', '.join(places[:_SHOWN])}{' and more' if len(places) > _SHOWN else ''}" for places in conflicts[:_SHOWN]]
    lines += [f"  and {len(conflicts) - _SHOWN} more"] * (len(conflicts) > _SHOWN)
    n = len(conflicts)
    return f"note: {n} text{'s stand' if n > 1 else ' stands'} there with different labels:\n" + "\n".join(lines)


def _columns_of(readers: Iterable[LabelReader]) -> str:
    return ", ".join(column for reader in readers for column in reader.columns)
