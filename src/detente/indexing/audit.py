"""An audit file, and whether it is one of these predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import strict_json
from detente.articles.readers import decode
from detente.dataset.annotations import label_in
from detente.dataset.labelling.audit import AuditRow
from detente.dataset.labelling.sampling import DESIGNS
from detente.errors import InputError, near_miss
from detente.indexing.cells import Counted
from detente.indexing.copies import Place
from detente.indexing.estimator import AuditSample, Correction, correct
from detente.indexing.options import IndexOptions
from detente.model.classifier import sentence_hash
from detente.model.folder import read_info
from detente.tasks import Task
from detente.text import normalise

if TYPE_CHECKING:
    import numpy as np

_SHOWN = 10
_MAKER = "expected a file of `detente label audit`"


@dataclass(frozen=True)
class Audit:
    """The audited sentences that have a label, in numbers, and the weight of each at its places in the predictions.

    ``n_unlabelled`` were left out. ``is_human``: no label is a machine's.
    """

    sample: AuditSample
    at_place: Mapping[Place, Mapping[int, float]]
    design: str
    n_unlabelled: int
    is_human: bool

    @property
    def n(self) -> int:
        """How many audited sentences have a label."""
        return len(self.sample.probs)

    def correction(self, place: Place) -> Correction | None:
        """What the audit says of a cell; None where nothing was audited."""
        import numpy as np

        found = self.at_place.get(place)
        if found is None:
            return None
        weights = np.zeros(self.n)
        weights[list(found)] = list(found.values())
        return correct(self.sample, weights)


def read_audit(path: Path, task: Task) -> list[AuditRow]:
    """The rows of an audit file. Raises InputError with the line that is wrong."""
    rows: dict[str, AuditRow] = {}
    for number, line in enumerate(decode(path).split("\n"), start=1):
        if line.strip():
            row = _row(line, task, f"{path}:{number}")
            if row.sentence_id in rows:
                raise InputError(f"{path}:{number}: {row.sentence_id} stands there twice; {_MAKER}.")
            rows[row.sentence_id] = row
    if not rows:
        raise InputError(f"{path}: no row in it; {_MAKER}.")
    if len(designs := sorted({row.design for row in rows.values()})) > 1:
        raise InputError(f"{path}: sentences of several designs, {', '.join(designs)}; expected one sample.")
    return list(rows.values())


def match_audit(rows: Sequence[AuditRow], counted: Counted, task: Task, options: IndexOptions) -> Audit:
    """Tie an audit to the predictions it was drawn from.

    Raises InputError, with a list, for sentences that the predictions do not have, or have with another text, that have no
    label, or that the model was trained on; and where the sample was drawn from another number of sentences or articles than
    there are.
    """
    path = options.audit
    if counted.n_without_id == counted.n_rows:
        raise InputError(
            f"{path}: its sentences cannot be found in predictions that have no column 'sentence_id'. Predict anew, which "
            "gives every row one, and draw the audit from what comes."
        )
    _refuse(
        [row.sentence_id for row in rows if row.sentence_id not in counted.matches],
        f"{path}: {{n}} of {len(rows)} audited sentences are not in the predictions. Was the audit drawn from others?",
    )
    _refuse(
        [row.sentence_id for row in rows if normalise(counted.matches[row.sentence_id].text) != normalise(row.text)],
        f"{path}: {{n}} of {len(rows)} audited sentences have another text in the predictions.",
    )
    _check_frame(rows, counted, path)
    _check_training(rows, options)
    unlabelled = [row.sentence_id for row in rows if task.name not in row.labels]
    if not options.allow_unlabelled or len(unlabelled) == len(rows):
        _refuse(
            unlabelled,
            f"{path}: {{n}} of {len(rows)} audited sentences have no {task.name}. Label them, or leave them out with "
            "--allow-unlabelled, as if what was not labelled were like the rest.",
        )
    labelled = [row for row in rows if task.name in row.labels]
    return Audit(
        sample=_sample(labelled, counted, task),
        at_place=_at_place([counted.matches[row.sentence_id].places for row in labelled]),
        design=rows[0].design,
        n_unlabelled=len(unlabelled),
        is_human=all(row.annotator_kind == "human" for row in labelled),
    )


def _row(line: str, task: Task, where: str) -> AuditRow:
    """A row with its label in the task alone; columns of other tasks, and others, are passed over."""
    values = strict_json.parse_object(line, where)
    if task.name not in values:
        raise InputError(f"{where}: no column '{task.name}'; {_MAKER} of that task.{near_miss(task.name, values)}")
    label = label_in(values[task.name], task, where, InputError)
    names = [field.name for field in fields(AuditRow) if field.name != "labels"]
    known = {name: values[name] for name in names if name in values}
    known["labels"] = {} if label is None else {task.name: label}
    row = strict_json.convert(known, AuditRow, where, remedy=f"{_MAKER[0].upper()}{_MAKER[1:]}.")
    if not 0 < row.inclusion_prob <= 1:
        raise InputError(f"{where}: inclusion_prob {row.inclusion_prob:g}; expected a number above 0 and up to 1.")
    if row.design not in DESIGNS:
        raise InputError(f"{where}: unknown design '{row.design}'; expected {', '.join(DESIGNS)}.")
    return row


def _refuse(sentence_ids: Sequence[str], message: str) -> None:
    if sentence_ids:
        more = f"\n  and {len(sentence_ids) - _SHOWN} more" if len(sentence_ids) > _SHOWN else ""
        listed = "".join(f"\n  {sentence_id}" for sentence_id in sentence_ids[:_SHOWN])
        raise InputError(message.replace("{n}", str(len(sentence_ids))) + listed + more)


def _check_frame(rows: Sequence[AuditRow], counted: Counted, path: Any) -> None:
    """The probabilities say what was drawn from: one over them, summed over the sample, is the number of units there were."""
    if rows[0].design == "clustered":
        unit, there = "articles", len(counted.articles)
        drawn_from = sum(1 / prob for prob in {row.article_id: row.inclusion_prob for row in rows}.values())
    else:
        unit, there = "sentences", counted.n_rows
        drawn_from = sum(1 / row.inclusion_prob for row in rows)
    if abs(drawn_from - there) > 0.5 + 1e-6 * there:
        raise InputError(
            f"{path}: the audit was drawn from {drawn_from:.0f} {unit}, and the predictions have {there}. An audit corrects "
            "what it was drawn from; give those predictions, or draw another audit."
        )


def _check_training(rows: Sequence[AuditRow], options: IndexOptions) -> None:
    if options.model is not None:
        seen = read_info(options.model).training_hashes
        _refuse(
            [row.sentence_id for row in rows if sentence_hash(row.text) in seen],
            f"{options.audit}: the model was trained on {{n}} of {len(rows)} audited sentences, on which it is better than on "
            "the rest of the corpus.",
        )


def _at_place(places: Sequence[Mapping[Place, float]]) -> dict[Place, dict[int, float]]:
    """Place → number of an audited sentence → its weight there."""
    found: dict[Place, dict[int, float]] = {}
    for at, own in enumerate(places):
        for place, weight in own.items():
            found.setdefault(place, {})[at] = weight
    return found


def _sample(rows: Sequence[AuditRow], counted: Counted, task: Task) -> AuditSample:
    import numpy as np

    labels = task.labels
    residuals = np.zeros((len(rows), len(labels)))
    for at, row in enumerate(rows):
        predicted = counted.matches[row.sentence_id].label
        if predicted is not None:  # without a prediction it is in no cell
            residuals[at, labels.index(row.labels[task.name])] += 1
            residuals[at, predicted] -= 1
    return AuditSample(
        residuals=residuals,
        probs=np.array([float(row.inclusion_prob) for row in rows]),
        articles=_numbers([row.article_id for row in rows]),
        strata=_numbers([row.stratum for row in rows]),
        is_stratified=rows[0].design == "stratified",
    )


def _numbers(names: Sequence[str]) -> np.ndarray:
    import numpy as np

    return np.unique(np.array(names, dtype=str), return_inverse=True)[1]
