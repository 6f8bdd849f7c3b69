"""Sentences to label → a file for annotators, in the format of its suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from detente.articles.told import PageOptions
from detente.atomic import new_file, write_text
from detente.dataset.annotations import ADJUDICATED, read_annotations
from detente.dataset.folder import READINGS
from detente.dataset.labelling.adjudication import Case, describe, disputes
from detente.dataset.labelling.csv_file import write_csv
from detente.dataset.labelling.importing import FORMATS
from detente.dataset.labelling.items import Blank, Item, version_for
from detente.dataset.labelling.jsonl_file import write_jsonl
from detente.dataset.labelling.label_studio import interface, is_interface, write_tasks
from detente.dataset.labelling.sampling import DESIGNS, Sample, simple_sample
from detente.dataset.labelling.sources import SourceOptions, is_dataset, predicted_labels, read_items
from detente.dataset.labelling.xlsx_file import write_xlsx
from detente.dataset.manifest import read_manifest
from detente.errors import InputError, UsageError
from detente.outputs import check_outputs
from detente.records import Annotation
from detente.tasks import Task, Tasks, check_same, known_names, known_tasks, task_named, task_names, tasks_named


@dataclass(frozen=True)
class ExportOptions(PageOptions):
    """Which sentences go out, and what is asked of them; ``detente label export --help`` says it of each."""

    sample: int | None = None
    audit: int | None = None
    design: str | None = None
    strata: str = ""
    seed: int = 0
    disputed: bool = False
    annotations: Path | None = None
    annotator: str = ""
    guideline_version: int | None = None
    tasks: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    bad_page: str = "skip"
    overwrite: bool = False


def export_sentences(source: Path, out: Path, options: ExportOptions, say: Callable[[str], None] = lambda line: None) -> str:
    """Write sentences of a source to label, whole or not at all, and return what was done in a line.

    ``.json`` is for Label Studio, with its interface beside it in an ``.xml`` of the same name; ``.csv``, ``.xlsx`` and
    ``.jsonl`` are sheets. A file that is there may hold labels and is replaced only with ``overwrite``. Raises UsageError for
    options that clash or a file that would overwrite what is read, InputError where nothing is left to label.
    """
    _check(options)
    tasks = _tasks(source, options)
    _check_out(source, out, options)
    items: Iterable[Item] = read_items(source, _source(options), say)
    if options.disputed:
        cases = disputes(_readings(source, options), [task.name for task in tasks])
        tasks = _disputed_ones(tasks, cases.values())
        items = _disputed(items, cases)
    elif options.annotations is not None:
        items = _unread(items, _readings(source, options), options.annotator)
    sample = _draw(items, options)
    version = version_for(tasks) if options.guideline_version is None else options.guideline_version
    annotator = ADJUDICATED if options.disputed else options.annotator
    blank = Blank(tasks, annotator, version, options.free, decides=options.disputed)
    n = _write(sample.items if sample else items, blank, out)
    drawn = f" of {sample.n_population}, a {sample.design} random sample with seed {options.seed}" if sample else ""
    beside = f"; the interface is {out.with_suffix('.xml')}" if out.suffix == ".json" else ""
    return f"{out}: {n} sentence{'s' * (n != 1)} to label{drawn}{beside}"


def _tasks(source: Path, options: ExportOptions) -> tuple[Task, ...]:
    """The tasks to ask for: those said, a dataset's own, or all known ones, with the labels that a sheet is imported by.

    Raises UsageError and ConfigError, InputError where predictions are of a task without a file, or of other labels.
    """
    if is_dataset(source):
        return _tasks_of_dataset(read_manifest(source).tasks, options.tasks)
    known, predicted = known_tasks(), predicted_labels(source)
    if not options.tasks and (unknown := next((name for name in predicted if name not in known), None)):
        raise InputError(
            f"{source}: predictions of '{unknown}', of which there is no configs/task/{unknown}.yaml here; a sheet would ask "
            f"for {', '.join(known)}. Write it (labels: {', '.join(predicted[unknown])}), or say what to ask for: --task."
        )
    chosen = task_names(tuple(dict.fromkeys(options.tasks))) if options.tasks else tuple(known)
    tasks_named(chosen)  # which says what is wrong with one that is not known
    tasks = tuple(known[name] for name in known if name in chosen)
    for task in tasks:
        if labels := predicted.get(task.name):
            check_same(task, f"configs/task/{task.name}.yaml", labels, f"the columns of {source}")
    return tasks


def _tasks_of_dataset(tasks: Tasks, chosen: Sequence[str]) -> tuple[Task, ...]:
    """A dataset's own tasks; of those that are chosen the files, which may be of a new guideline, where there are any."""
    if not chosen:
        return tuple(tasks.values())
    names = task_names(tuple(dict.fromkeys(chosen)))
    return tuple(tasks[name] if name in tasks and name not in known_names() else task_named(name) for name in names)


def _disputed_ones(tasks: Sequence[Task], cases: Iterable[Case]) -> tuple[Task, ...]:
    """The tasks in which any case is disputed; all of them where there is none, which is told later."""
    disputed = {name for case in cases for name in case.disputed_tasks()}
    return tuple(task for task in tasks if task.name in disputed) or tuple(tasks)


def _source(options: ExportOptions) -> SourceOptions:
    """The readings may stand among the pages, and are none."""
    leave = (options.annotations,) if options.annotations is not None else ()
    whole = options.design == "clustered"
    return SourceOptions(
        **asdict(options.said), bad_page=options.bad_page, strata=options.strata, leave=leave, needs_articles=whole
    )


def _check(options: ExportOptions) -> None:
    for name in ("sample", "audit"):
        if (n := getattr(options, name)) is not None and n < 1:
            raise UsageError(f"--{name}: expected at least 1, got {n}.")
    if options.design is not None and options.design not in DESIGNS:
        raise UsageError(f"--design: expected {', '.join(DESIGNS)}, got '{options.design}'.")
    kinds = [name for name in ("sample", "audit", "disputed") if getattr(options, name)]
    if len(kinds) > 1:
        raise UsageError(f"--{kinds[0]} and --{kinds[1]} exclude each other. Choose one.")
    if options.audit is None and (options.design or options.strata):
        raise UsageError("--design and --strata are of --audit N; without it they say nothing.")
    if (options.design == "stratified") != bool(options.strata):
        raise UsageError("--design stratified and --strata COLUMN go together: the column says the stratum of each sentence.")
    if options.audit is not None and options.annotations is not None:
        raise UsageError("--audit draws from the whole corpus; what --annotations leaves out would be missing from it.")
    if options.disputed and options.annotator:
        raise UsageError("--annotator is of readings; what is --disputed goes out to be decided, whoever does it.")
    if options.annotator == ADJUDICATED:
        raise UsageError(f"--annotator {ADJUDICATED} is the decision's name. Choose another, or export --disputed.")


def _check_out(source: Path, out: Path, options: ExportOptions) -> None:
    if out.suffix.lower() not in FORMATS:
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected {', '.join(FORMATS)}.")
    written = [out, out.with_suffix(".xml")] if out.suffix == ".json" else [out]
    check_outputs([source, options.annotations], files=written)
    for path in written:
        if path.exists() and not options.overwrite:
            raise InputError(
                f"{path}: exists, and may hold labels; it is left as it is. Choose another name, or say --overwrite."
            )
    if len(written) > 1 and written[1].exists() and not is_interface(written[1]):
        raise InputError(f"{written[1]}: is no labelling interface of détente's; it is left as it is. Choose another name.")


def _readings(source: Path, options: ExportOptions) -> list[Annotation]:
    """The readings that decide what is left out or disputed: those said, or a dataset's own."""
    if options.annotations is not None:
        return read_annotations(options.annotations)
    if is_dataset(source):
        return read_annotations(source / READINGS, read_manifest(source).tasks)
    raise UsageError("--disputed needs readings. Say which with --annotations FILE.")


def _disputed(items: Iterable[Item], cases: dict[str, Case]) -> Iterator[Item]:
    for item in items:
        case = cases.pop(item.sentence_id, None)
        if case is not None:
            yield replace(item, readings=describe(case))
    if cases:
        first = next(iter(cases))
        raise InputError(
            f"{len(cases)} disputed sentences are not in the source, {first} the first of them. Is it the same corpus?"
        )


def _unread(items: Iterable[Item], readings: Iterable[Annotation], annotator: str) -> Iterator[Item]:
    """Items that nobody read, or that one annotator did not."""
    read = {reading.sentence_id for reading in readings if annotator in ("", reading.annotator)}
    return (item for item in items if item.sentence_id not in read)


def _draw(items: Iterable[Item], options: ExportOptions) -> Sample | None:
    if options.sample is not None:
        return simple_sample(items, options.sample, options.seed)
    if options.audit is None:
        return None
    sample = DESIGNS[options.design or "simple"](items, options.audit, options.seed)
    return replace(sample, items=tuple(replace(item, design=sample.design) for item in sample.items))


def _write(items: Iterable[Item], blank: Blank, out: Path) -> int:
    with new_file(out) as temporary:
        suffix = out.suffix.lower()
        if suffix == ".xlsx":
            n = write_xlsx(items, blank, temporary)
        else:
            write = {".json": write_tasks, ".csv": write_csv, ".jsonl": write_jsonl}[suffix]
            with temporary.open("w", encoding="utf-8", newline="") as file:
                n = write(items, blank, file)
        if not n:
            left = "disputed" if blank.decides else "left to label"
            raise InputError(f"{out}: no sentence is {left}; nothing was written.")
    if out.suffix == ".json":
        write_text(out.with_suffix(".xml"), interface(blank))
    return n
