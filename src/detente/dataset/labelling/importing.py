"""Label files → readings: every cell checked, all problems told together, and nothing that is there already lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detente.articles.readers import decode
from detente.dataset.annotations import KINDS, rules_for
from detente.dataset.labelling.headers import header_problems, is_empty, lost_columns, needed_tasks, no_task
from detente.dataset.labelling.items import FREE, SAMPLE, SHOWN, text_check
from detente.dataset.labelling.jsonl_file import read_jsonl
from detente.dataset.labelling.label_studio import OWN_FIELDS, read_export
from detente.dataset.labelling.rows import Labelled, Problem, ReadFile
from detente.dataset.labelling.sheets import read_sheet
from detente.errors import AnnotationError, UsageError
from detente.records import Annotation
from detente.rows import check_regular
from detente.tasks import Task, Tasks, known_tasks, task_named

FORMATS = (".json", ".csv", ".xlsx", ".jsonl")
"""What is written; read are tables of two more kinds."""
READ = (*FORMATS, ".tsv", ".parquet")
_ANSWERS = ("rule", "note", *FREE)
"""What an annotator fills in beside the labels."""
_KNOWN = (*SHOWN, *_ANSWERS, *SAMPLE, "annotator", "annotator_kind", "guideline_version", "check")
"""The columns of a label file beside those of the tasks."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_MAX_SHOWN = 200
_MAX_PLACES = 10


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What a label file does not say itself.

    ``annotator`` and ``guideline_version`` stand for rows that name none, ``annotator_kind`` likewise. ``names`` maps annotator
    ids of the file to names. ``tasks`` are those whose columns must be there; by default one at least, with all that share its
    guideline. ``texts`` are the sentences to compare with. Rows of decisions are of the annotator ``decides``, whoever filled
    them in. ``leave_out`` are columns of no known task that are passed over though they are filled in.
    """

    annotator: str = ""
    annotator_kind: str = "human"
    guideline_version: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()
    texts: Mapping[str, str] | None = None
    decides: str = ""
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one label file, with where each stands, and what was counted instead."""

    path: str
    readings: tuple[tuple[str, Annotation], ...]
    n_skipped: int
    n_empty: int
    n_blank: int
    n_unchecked: int
    ignored: tuple[str, ...]
    problems: tuple[Problem, ...]


def check_label_file(path: Path) -> None:
    """Raise UsageError for another suffix than those that are read, AnnotationError where there is no file."""
    if path.suffix.lower() not in READ:
        raise UsageError(f"{path}: unknown format '{path.suffix}'; expected {', '.join(READ)}.")
    check_regular(path)
    if not path.is_file():
        raise AnnotationError(f"{path}: no such file; expected a file of labels, {', '.join(READ)}.")


def read_label_file(path: Path) -> ReadFile:
    """The rows of a label file in one of the formats. Raises what ``check_label_file`` raises, AnnotationError."""
    check_label_file(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return read_export(decode(path), str(path))
    return read_jsonl(path) if suffix == ".jsonl" else read_sheet(path)


def parse_readings(file: ReadFile, options: ImportOptions) -> Readings:
    """The readings of a label file, with their labels in all known tasks that it has columns of.

    What is wrong with it is in ``problems``, each with the place of its row. Raises UsageError for a task that is not known,
    and for a column that is to be left out though it is read.
    """
    tasks = known_tasks()
    for name in options.tasks:
        task_named(name)  # which says what is wrong with one that is not known
    known = (*_KNOWN, *tasks, *OWN_FIELDS)
    if read := next((name for name in options.leave_out if name in known), None):
        raise UsageError(f"--leave-out {read}: is a column that is read; expected one of no known task.")
    problems = list(file.problems)
    columns = file.columns if file.columns is not None else tuple({name: None for row in file.rows for name in row.values})
    if file.columns is not None or file.path.endswith(".jsonl"):
        needed = options.tasks or needed_tasks(columns, tasks, known, decides=bool(options.decides))
        problems += header_problems(columns, ("sentence_id", "text", *needed), known)
        problems += [] if needed else [("", no_task(columns, tasks, known))]
    if not problems:
        problems += lost_columns(file, columns, (*known, *options.leave_out))
    readings: list[tuple[str, Annotation]] = []
    n_blank = n_unchecked = 0
    for row in file.rows if {"sentence_id", "text"} <= set(columns) else ():
        if all(is_empty(row.values.get(name)) for name in (*tasks, *_ANSWERS)):
            n_blank += 1
            continue
        found, annotation = _parse(row, options, tasks)
        problems += [(row.where, problem) for problem in found]
        if annotation is not None:
            readings.append((row.where, annotation))
            n_unchecked += options.texts is None and is_empty(row.values.get("check"))
    return Readings(
        path=file.path,
        readings=tuple(readings),
        n_skipped=file.n_skipped,
        n_empty=file.n_empty,
        n_blank=file.n_blank + n_blank,
        n_unchecked=n_unchecked,
        ignored=tuple(name for name in columns if name and name not in known),
        problems=tuple(problems),
    )


def refuse(problems: Mapping[str, Sequence[Problem]], hint: str = "") -> None:
    """Raise AnnotationError with all problems of all files, if there are any.

    Those of one file that read the same are told once, with their places.
    """
    shown = []
    for path, found in problems.items():
        places: dict[str, list[str]] = {}
        for where, what in found:
            places.setdefault(what, []).append(where)
        shown += [f"  {path}: {_places(wheres)}{what}" for what, wheres in places.items()]
    if not shown:
        return
    n = sum(map(len, problems.values()))
    more = [f"  and {len(shown) - _MAX_SHOWN} more"] if len(shown) > _MAX_SHOWN else []
    lines = [f"{n} problem{'s' * (n != 1)}; nothing was written.", *shown[:_MAX_SHOWN], *more, hint]
    raise AnnotationError("\n".join(line for line in lines if line))


def _places(wheres: Sequence[str]) -> str:
    named = [where for where in wheres if where]
    more = f" and {len(named) - _MAX_PLACES} more" if len(named) > _MAX_PLACES else ""
    return f"{', '.join(named[:_MAX_PLACES])}{more}: " if named else ""


def _parse(row: Labelled, options: ImportOptions, tasks: Tasks) -> tuple[list[str], Annotation | None]:
    """One row as a reading, or what is wrong with it."""
    values, problems = row.values, []
    answers = {name: values[name] for name in tasks if not is_empty(values.get(name))}
    labels = {name: label for name, cell in answers.items() if (label := _label(tasks[name], cell)) is not None}
    problems += [tasks[name].problem(cell) for name, cell in answers.items() if name not in labels]
    problems += _cell_problems(values)
    problems += rule_problem(_text(values.get("rule")), rules_for(tasks[name] for name in tasks if name in values))
    sentence_id, text = _text(values.get("sentence_id")), values.get("text")
    if not sentence_id or not isinstance(text, str) or not text:
        return [*problems, "sentence_id or text is empty; expected what was exported"], None
    problems += _text_problems(sentence_id, text, values.get("check"), options.texts)
    annotator, found = _annotator(values.get("annotator"), options)
    problems += found
    kind = _text(values.get("annotator_kind")) or options.annotator_kind
    if kind not in KINDS:
        problems.append(f"annotator_kind '{kind}'; expected human or machine")
    version = _version(values.get("guideline_version"), options.guideline_version)
    if version is None:
        given = values.get("guideline_version")
        problems.append(
            "no guideline_version; say it with --guideline-version"
            if is_empty(given)
            else f"guideline_version {given!r}; expected a whole number"
        )
    probability, found = _probability(values.get("inclusion_prob"))
    problems += found
    if problems or version is None:
        return problems, None
    rule, note = _text(values.get("rule")), _untouched(values.get("note")) or ""
    optional: dict[str, Any] = {name: _untouched(values.get(name)) for name in (*FREE, "design", "stratum")}
    return [], Annotation(
        sentence_id,
        text,
        annotator,
        kind,
        labels,
        rule=rule,
        guideline_version=version,
        note=note,
        inclusion_prob=probability,
        **optional,
    )


def _probability(value: Any) -> tuple[float | None, list[str]]:
    """With which probability a sample drew the sentence, where the file says it."""
    if is_empty(value):
        return None, []
    try:
        number = float(str(value).replace(",", "."))  # as spreadsheets of many countries write it
    except ValueError:
        number = 0.0
    problem = f"inclusion_prob {value!r}; expected a number above 0, up to 1"
    return (number, []) if 0 < number <= 1 else (None, [problem])


def _label(task: Task, value: Any) -> str | None:
    """The label that a cell stands for; None for none. A spreadsheet's 1.0 is the label 1."""
    return None if isinstance(value, list | dict) else task.label_of(_text(value))


def rule_problem(rule: str, rules: Sequence[str]) -> list[str]:
    """What is wrong with the number of a rule, where the guideline's ``rules`` are known; none is fine."""
    if not rule or not rules or rule in rules:
        return []
    return [f"rule {rule!r}; expected one of the guideline's, {rules[0]} to {rules[-1]}, or nothing"]


def _cell_problems(values: Mapping[str, Any]) -> list[str]:
    """Cells of known columns that hold no text or number, or text that no file in UTF-8 can hold."""
    problems = []
    for name in _KNOWN:
        value = values.get(name)
        if isinstance(value, (list, dict)):
            problems.append(f"{name} holds {value!r}; expected one text")
        elif isinstance(value, str) and _SURROGATE.search(value):
            problems.append(f"{name} holds half a character (a lone surrogate); save the file as UTF-8 again")
    return problems


def _text_problems(sentence_id: str, text: str, check: Any, texts: Mapping[str, str] | None) -> list[str]:
    if texts is not None and sentence_id not in texts:
        return [f"the source has no sentence {sentence_id}"]
    if texts is not None and texts[sentence_id] != text:
        return [f"the text of {sentence_id} was changed: {text!r}; the sentence is {texts[sentence_id]!r}"]
    if not is_empty(check) and check != text_check(sentence_id, text):
        return [f"{sentence_id} and its text do not belong together any more (edited, or a column was sorted alone): {text!r}"]
    return []


def _annotator(value: Any, options: ImportOptions) -> tuple[str, list[str]]:
    given = _text(value)
    if options.decides:
        return options.decides, []
    if given and options.names:
        if given not in options.names and given not in options.names.values():
            return "", [f"annotator '{given}' is not among the users ({', '.join(options.names)})"]
        given = options.names.get(given, given)
    if given and options.annotator and given != options.annotator:
        return "", [f"is by '{given}', and --annotator says '{options.annotator}'"]
    if not given and not options.annotator:
        return "", ["no annotator; fill in the column, or say it with --annotator"]
    return given or options.annotator, []


def _version(value: Any, default: int | None) -> int | None:
    if is_empty(value):
        return default
    text = _text(value)
    return int(text) if text.isdecimal() else None


def _text(value: Any) -> str:
    """A cell as text without surrounding space; a spreadsheet's 6.0 is 6."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _untouched(value: Any) -> str | None:
    """A free cell to the letter; None where it is empty."""
    return value or None if isinstance(value, str) else _text(value) or None
