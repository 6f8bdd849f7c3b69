"""Label Studio's format: the labelling interface, tasks, and its JSON and JSON_MIN exports (recorded from version 1.23.2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO
from xml.sax.saxutils import quoteattr

from detente import strict_json
from detente.dataset.annotations import rules_for
from detente.dataset.labelling.items import FREE, Blank, Item, item_values
from detente.dataset.labelling.rows import Labelled, Problem, ReadFile
from detente.errors import AnnotationError
from detente.tasks import Task, Tasks, known_tasks

_BESIDE = ("rule", "note", *FREE)
"""What an annotation gives beside the labels; the JSON_MIN export puts them, and the annotator, beside what it is of."""
OWN_FIELDS = ("id", "annotation_id", "created_at", "updated_at", "lead_time")
"""Label Studio's own fields in JSON_MIN."""
_HEAD = '<View>\n  <Header value="$title"/>\n'


def interface(blank: Blank) -> str:
    """The labelling interface: the sentence between its neighbours under the title, a choice a task, rule and note.

    What a task says of its labels is shown where the pointer rests on one.
    """
    rules = rules_for(blank.tasks)
    choices = [_task_choices(task) for task in blank.tasks]
    choices += (
        [_choices("rule", dict.fromkeys(rules, ""), 'choice="single" layout="select" placeholder="rule"')] if rules else []
    )
    areas = [
        f'  <TextArea name="{name}" toName="text" placeholder="{name}" rows="1" maxSubmissions="1" editable="true"/>\n'
        for name in (*(() if rules else ("rule",)), "note", *blank.free)
    ]
    readings = _shown("readings", "white-space: pre-wrap") if blank.decides else ""
    shown = _shown("before", "opacity: 0.6") + _shown("text", "font-size: 1.2em") + _shown("after", "opacity: 0.6") + readings
    return f"{_HEAD}{shown}{''.join(choices)}{''.join(areas)}</View>\n"


def is_interface(path: Path) -> bool:
    """Whether a file begins as an interface does."""
    with path.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD.encode()


def write_tasks(items: Iterable[Item], blank: Blank, out: TextIO) -> int:
    """Write tasks, one an item, and return their number. Every variable of the interface stands in every task."""
    n = 0
    answered = (*(task.name for task in blank.tasks), *_BESIDE, "annotator")
    out.write("[")
    for n, item in enumerate(items, start=1):
        data = {name: value for name, value in item_values(item, blank).items() if name not in answered}
        out.write(f"{',' * (n > 1)}\n{json.dumps({'data': data}, ensure_ascii=False)}")
    out.write("\n]\n")
    return n


def read_export(text: str, where: str, tasks: Tasks | None = None) -> ReadFile:
    """The readings of a JSON or JSON_MIN export, of all known tasks by default; annotators are Label Studio's ids.

    Skipped annotations, such without a result and tasks that nobody read are counted; JSON_MIN does not hold the skipped ones.
    Raises AnnotationError if it is neither export.
    """
    fields = (*(known_tasks() if tasks is None else tasks), *_BESIDE)
    rows: list[Labelled] = []
    problems: list[Problem] = []
    n_skipped = n_empty = n_blank = 0
    shown: set[str] = set()
    for number, task in enumerate(_parse(text, where), start=1):
        label = f"task {task.get('id', number)}"
        readings = list(_readings(task, fields))
        n_blank += not readings
        shown |= task.get("data", {}).keys()
        for given, annotator, cancelled in readings:
            n_skipped += cancelled
            n_empty += not cancelled and not given
            unknown = [name for name in given if name not in fields]
            problems += [(label, _no_field(name, fields)) for name in unknown]
            if given and not cancelled:
                answered = (*fields, "annotator", *OWN_FIELDS)
                data = {name: value for name, value in task.get("data", task).items() if name not in answered}
                rows.append(Labelled(label, {**data, **given, "annotator": annotator}))
    return ReadFile(
        where,
        tuple(rows),
        shown=frozenset(shown),
        n_skipped=n_skipped,
        n_empty=n_empty,
        n_blank=n_blank,
        problems=tuple(problems),
    )


def _no_field(name: str, fields: Sequence[str]) -> str:
    shown = strict_json.shown(name).strip("'\"")
    return (
        f"the field '{shown}' is not of détente's interface ({', '.join(fields)}); a task of your own is a file "
        f"configs/task/{shown}.yaml"
    )


def read_users(text: str, where: str) -> dict[str, str]:
    """Annotator id → name, from a plain JSON object or from what Label Studio answers to GET /api/users/.

    Of the latter the user name is taken, or what stands before the @ of the address where there is none; the whole address
    has no place in a dataset. Raises AnnotationError.
    """
    users = strict_json.parse(text, where, error=AnnotationError)
    if isinstance(users, list) and all(isinstance(user, dict) and {"id", "username", "email"} <= user.keys() for user in users):
        users = {str(user["id"]): user["username"] or str(user["email"]).partition("@")[0] for user in users}
    if not isinstance(users, dict) or not all(isinstance(name, str) and name for name in users.values()):
        raise AnnotationError(f'{where}: expected {{"1": "an", "2": "binh"}} or the answer to GET /api/users/.')
    repeated = sorted({name for name in users.values() if list(users.values()).count(name) > 1})
    if repeated:
        raise AnnotationError(f"{where}: several ids are named '{repeated[0]}'; expected a name each. Write a map by hand.")
    return users


def _shown(name: str, style: str) -> str:
    return f'  <View style="{style}"><Text name="{name}" value="${name}"/></View>\n'


def _task_choices(task: Task) -> str:
    hints = {label: task.label_descriptions.get(label, "") for label in task.labels}
    return _choices(task.name, hints, 'choice="single-radio" showInLine="true" required="true"')


def _choices(name: str, hints: Mapping[str, str], attributes: str) -> str:
    """Choices with a hint each, or none."""
    inside = "".join(
        f"    <Choice value={quoteattr(label)}{hint and f' hint={quoteattr(hint)}'}/>\n" for label, hint in hints.items()
    )
    return f'  <Choices name="{name}" toName="text" {attributes}>\n{inside}  </Choices>\n'


def _parse(text: str, where: str) -> list[dict[str, Any]]:
    tasks = strict_json.parse(text, where, error=AnnotationError)
    wanted = "expected Label Studio's export as JSON or JSON_MIN"
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise AnnotationError(f"{where}: no list of tasks; {wanted}.")
    if not tasks:
        raise AnnotationError(f"{where}: no task in it; {wanted}.")
    if not all("annotations" in task or "annotation_id" in task for task in tasks):
        raise AnnotationError(f"{where}: tasks without annotations; {wanted}, not the tasks that were imported.")
    for number, task in enumerate(tasks, start=1):
        if not _is_well_built(task):
            raise AnnotationError(f"{where}: task {number} is not built as Label Studio builds it; {wanted}.")
    return tasks


def _is_well_built(task: Mapping[str, Any]) -> bool:
    annotations = task.get("annotations", [])
    return (
        isinstance(task.get("data", {}), dict)
        and _are_objects(annotations)
        and all(_are_objects(annotation.get("result") or []) for annotation in annotations)
    )


def _are_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _readings(task: Mapping[str, Any], fields: Sequence[str]) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """What each annotation of a task gives, by whom, and whether it was skipped."""
    if "annotations" not in task:
        if task["annotation_id"] is not None:
            given = {name: _value(task[name]) for name in fields if task.get(name) not in (None, "", [])}
            yield given, _annotator(task.get("annotator")), False
        return
    for annotation in task["annotations"]:
        results = [result for result in annotation.get("result") or () if "from_name" in result]
        yield _given(results), _annotator(annotation.get("completed_by")), bool(annotation.get("was_cancelled"))


def _given(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Field → what it was given; several results of one field are a list, as several choices are."""
    values: dict[str, list[Any]] = {}
    for result in results:
        values.setdefault(str(result["from_name"]), []).append(_value(result.get("value")))
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _annotator(value: Any) -> str:
    number = value.get("id") if isinstance(value, dict) else value
    return "" if number is None else str(number)


def _value(value: Any) -> Any:
    """One choice or text as a string; several stay a list, which the import refuses."""
    found = value.get("choices", value.get("text", "")) if isinstance(value, dict) else value
    return found[0] if isinstance(found, list) and len(found) == 1 else found
