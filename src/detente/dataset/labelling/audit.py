"""An audit: a random sample of a corpus with the labels it was given, from which predicted shares can be corrected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.articles.readers import decode
from detente.atomic import write_text
from detente.dataset.annotations import decisions, read_annotations
from detente.dataset.labelling.importing import read_label_file
from detente.dataset.labelling.items import text_check
from detente.errors import AnnotationError, InputError, UsageError
from detente.outputs import check_outputs
from detente.records import Annotation

_MAKER = "detente label export ... --audit N"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One sentence of an audit, with the probability of its drawing and its decided labels (task → label)."""

    sentence_id: str
    article_id: str
    text: str
    inclusion_prob: float
    design: str
    stratum: str
    labels: Mapping[str, str]
    annotator: str | None
    annotator_kind: str | None


def audit_rows(sample: Path, readings: Sequence[Annotation]) -> list[AuditRow]:
    """The sentences of a sample, in its order, with the labels that were decided for them.

    ``sample`` is the exported file, labelled or not. Raises InputError where its rows are no audit's, AnnotationError where
    readings of a sentence clash and nobody decided, or are of another text.
    """
    wanted = _sample(sample)
    decided = decisions(reading for reading in readings if reading.sentence_id in wanted)
    rows = []
    for sentence_id, (where, values) in wanted.items():
        reading = decided.get(sentence_id)
        if reading is not None and reading.text != values["text"]:
            raise AnnotationError(
                f"{sample}: {where}: {sentence_id} is {values['text']!r}, and was labelled as {reading.text!r}."
            )
        rows.append(
            AuditRow(
                sentence_id=sentence_id,
                article_id=str(values["article_id"]),
                text=values["text"],
                inclusion_prob=_probability(values["inclusion_prob"], f"{sample}: {where}"),
                design=str(values["design"]),
                stratum=str(values.get("stratum") or ""),
                labels=reading.labels if reading else {},
                annotator=reading.annotator if reading else None,
                annotator_kind=reading.annotator_kind if reading else None,
            )
        )
    return rows


def write_audit(sample: Path, annotations: Path, out: Path, *, allow_unlabelled: bool = False) -> tuple[list[AuditRow], int]:
    """Write a sample with its decided labels as JSON Lines, whole or not at all; the rows, and how many have no label.

    Raises AnnotationError for sentences without one unless they are allowed: leaving them out would bend the estimate;
    UsageError for another ending than .jsonl, or an output that would overwrite what is read; what ``audit_rows`` raises.
    """
    if out.suffix != ".jsonl":
        raise UsageError(f"{out}: unknown format '{out.suffix}'; expected .jsonl.")
    check_outputs([sample, annotations], files=[out])
    rows = audit_rows(sample, read_annotations(annotations))
    unlabelled = [row.sentence_id for row in rows if not row.labels]
    if unlabelled and not allow_unlabelled:
        raise AnnotationError(
            f"{len(unlabelled)} of {len(rows)} sentences of the audit have no label, {unlabelled[0]} the first of them. "
            "Label them, or say --allow-unlabelled."
        )
    tasks = dict.fromkeys(task for row in rows for task in row.labels)
    write_text(out, "".join(json.dumps(_columns(row, tasks), ensure_ascii=False) + "\n" for row in rows))
    return rows, len(unlabelled)


def _columns(row: AuditRow, tasks: Iterable[str]) -> dict[str, Any]:
    """A row with a column a task in place of its labels."""
    columns: dict[str, Any] = {}
    for name, value in asdict(row).items():
        columns |= {task: value.get(task) for task in tasks} if name == "labels" else {name: value}
    return columns


def _sample(path: Path) -> dict[str, tuple[str, Mapping[str, Any]]]:
    """sentence_id → where it stands and its cells, once each."""
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for where, values in _rows(path):
        missing = [
            name for name in ("sentence_id", "article_id", "text", "inclusion_prob", "design") if values.get(name) in (None, "")
        ]
        if missing:
            raise InputError(f"{path}: {where}: no {', '.join(missing)}; expected a file of: {_MAKER}")
        if not isinstance(values["sentence_id"], str) or not isinstance(values["text"], str):
            raise InputError(f"{path}: {where}: sentence_id and text are no texts; expected a file of: {_MAKER}")
        if values.get("check") != text_check(values["sentence_id"], values["text"]):
            raise InputError(f"{path}: {where}: the text of {values['sentence_id']} was changed since the export.")
        found.setdefault(values["sentence_id"], (where, values))
    if not found:
        raise InputError(f"{path}: no sentence in it; expected a file of: {_MAKER}")
    return found


def _rows(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    if path.suffix.lower() == ".json" and path.is_file():
        try:
            tasks = strict_json.parse(decode(path), str(path))
            return [(f"task {number}", task["data"]) for number, task in enumerate(tasks, start=1)]
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}: not a list of Label Studio's tasks ({error!r}).") from error
    return [(row.where, row.values) for row in read_label_file(path).rows]


def _probability(value: Any, where: str) -> float:
    """A cell as a probability; a spreadsheet may have written it with a comma."""
    try:
        prob = float(str(value).replace(",", "."))
    except ValueError:
        prob = 0.0
    if not 0 < prob <= 1:
        raise InputError(f"{where}: inclusion_prob {value!r}; expected a number above 0 and up to 1, as it was exported.")
    return prob
