"""New readings into a file of annotations, without losing one of either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from detente.atomic import write_text
from detente.dataset.annotations import ADJUDICATED, read_annotations, write_annotations
from detente.dataset.labelling.adjudication import Case, by_agreement, cases, complete
from detente.dataset.labelling.importing import ImportOptions, Readings, parse_readings, read_label_file, refuse
from detente.dataset.labelling.items import SAMPLE
from detente.dataset.labelling.rows import Problem
from detente.errors import UsageError
from detente.outputs import check_outputs
from detente.records import Annotation, flat

ON_CONFLICT = ("refuse", "keep", "replace")


@dataclass(frozen=True, slots=True)
class Merged:
    """The annotations after an import, and what became of the readings that came in."""

    readings: tuple[Annotation, ...]
    n_new: int
    n_same: int
    n_kept: int
    n_replaced: int

    @property
    def changed(self) -> bool:
        """Whether the file has to be written."""
        return bool(self.n_new or self.n_replaced)


def import_labels(
    files: Sequence[Path], out: Path, options: ImportOptions | None = None, on_conflict: str = "refuse"
) -> tuple[Merged, list[Readings]]:
    """Labels of files into a file of annotations; what became of them, and what was read in each file.

    All problems of all files are told in one AnnotationError, and then nothing is written. Importing a file again changes
    nothing. Raises UsageError where ``out`` is one of the files.
    """
    check_outputs(files, files=[out])
    _check_mode(on_conflict)
    parsed = [parse_readings(read_label_file(path), options or ImportOptions()) for path in files]
    merged = merge(read_annotations(out) if out.exists() else [], parsed, on_conflict)
    save(out, merged)
    return merged, parsed


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """The annotations with the decisions among them, what was read in each file, and what is not decided yet."""

    merged: Merged
    files: tuple[Readings, ...]
    n_by_agreement: int
    still_open: tuple[Case, ...]


def adjudicate(
    annotations: Path,
    files: Sequence[Path],
    options: ImportOptions | None = None,
    on_conflict: str = "refuse",
    *,
    agreed: bool = False,
) -> Adjudicated:
    """Write the decisions of files into a file of annotations, as annotator ``adjudicated``; every reading is kept.

    ``agreed`` decides the sentences on which all readings agree, too. Raises AnnotationError with all problems of all files,
    and then nothing is written; UsageError where the annotations are one of the files.
    """
    check_outputs(files, files=[annotations])
    _check_mode(on_conflict)
    readings = read_annotations(annotations)
    deciding = replace(options or ImportOptions(), decides=ADJUDICATED)
    parsed = [complete(parse_readings(read_label_file(path), deciding), readings) for path in files]
    merged = merge(readings, parsed, on_conflict)
    by_rows = by_agreement(cases(merged.readings)) if agreed else []
    merged = replace(merged, readings=(*merged.readings, *by_rows), n_new=merged.n_new + len(by_rows))
    save(annotations, merged)
    still_open = tuple(case for case in cases(merged.readings) if case.is_open)
    return Adjudicated(merged, tuple(parsed), len(by_rows), still_open)


def _check_mode(on_conflict: str) -> None:
    if on_conflict not in ON_CONFLICT:
        raise UsageError(f"on_conflict: expected {', '.join(ON_CONFLICT)}, got '{on_conflict}'.")


_CLASH = object()
"""Two readings say different things."""


def merge(existing: Sequence[Annotation], files: Sequence[Readings], on_conflict: str = "refuse") -> Merged:
    """Existing readings in their order, then the new ones in the order of the files.

    A reading of a sentence by the same annotator in another task adds its labels to those there; no label withdraws none. One
    that says something else is a conflict: ``keep`` leaves the existing one, ``replace`` puts the new one in its place. Raises
    AnnotationError with every problem of every file, conflicts among them.
    """
    _check_mode(on_conflict)
    problems: dict[str, list[Problem]] = {file.path: list(file.problems) for file in files}
    readings = {(reading.sentence_id, reading.annotator): reading for reading in existing}
    texts = {reading.sentence_id: reading.text for reading in existing}
    came: dict[tuple[str, str], str] = {}
    n_conflicts = 0
    counts = {"new": 0, "same": 0, "kept": 0, "replaced": 0}
    for file in files:
        for where, reading in file.readings:
            key, found = (reading.sentence_id, reading.annotator), problems[file.path]
            old, known = readings.get(key), texts.setdefault(reading.sentence_id, reading.text)
            if known != reading.text:
                found.append((where, f"{key[0]} has another text in an earlier reading: {known!r}, here {reading.text!r}"))
            elif old is not None and _same(old, reading):
                counts["same"] += 1
            elif old is not None and key not in came and (joined := _joined(old, reading)):
                counts["same" if joined == old else "new"] += 1
                readings[key], came[key] = joined, f"{file.path}: {where}"
            elif old is not None and key in came:
                found.append((where, f"{key[0]} by '{key[1]}' stands twice ({came[key]}): {_difference(old, reading)}"))
            elif old is not None and on_conflict == "refuse":
                n_conflicts += 1
                found.append((where, f"{key[0]} by '{key[1]}' is there already and differs: {_difference(old, reading)}"))
            elif old is not None and on_conflict == "keep":
                counts["kept"] += 1
            else:
                counts["new" if old is None else "replaced"] += 1
                readings[key], came[key] = reading, f"{file.path}: {where}"
    refuse(problems, "Where readings differ, --on-conflict keep or replace says which holds." if n_conflicts else "")
    return Merged(tuple(readings.values()), counts["new"], counts["same"], counts["kept"], counts["replaced"])


def save(path: Path, merged: Merged) -> None:
    """Write the annotations, whole or not at all; a file that would not change is not touched."""
    if merged.changed:
        write_text(path, write_annotations(merged.readings))


def _same(old: Annotation, new: Annotation) -> bool:
    """Whether two readings say the same; how the sentence was drawn may be said in one of them alone, as in older files."""
    known = [name for name in SAMPLE if getattr(old, name) is None or getattr(new, name) is None]
    unsaid: dict[str, Any] = dict.fromkeys(known)
    return replace(old, **unsaid) == replace(new, **unsaid)


def _joined(old: Annotation, new: Annotation) -> Annotation | None:
    """One reading with the labels of both; None where they say different things, or cover the same tasks.

    Of two guidelines' versions that of the labels that came first stays.
    """
    if old.labels.keys() == new.labels.keys() or any(
        old.labels.get(task, label) != label for task, label in new.labels.items()
    ):
        return None
    both = {field.name: _said(getattr(old, field.name), getattr(new, field.name)) for field in fields(Annotation)}
    both |= {"labels": {**old.labels, **new.labels}, "guideline_version": old.guideline_version}
    return None if _CLASH in both.values() else Annotation(**both)


def _said(old: Any, new: Any) -> Any:
    """What either says, or that they differ."""
    if old == new or new in (None, ""):
        return old
    return new if old in (None, "") else _CLASH


def _difference(old: Annotation, new: Annotation) -> str:
    """In which fields two readings of one sentence by one annotator differ."""
    tasks = dict.fromkeys([*old.labels, *new.labels])
    was, now = flat(old, tasks), flat(new, tasks)
    return ", ".join(f"{name} {was[name]!r} / {now[name]!r}" for name in was if was[name] != now[name])
