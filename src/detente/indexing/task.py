"""The task of predictions: its labels, and the poles between which a direction is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from detente.errors import InputError, UsageError
from detente.indexing.options import IndexOptions
from detente.indexing.rows import parts_of
from detente.predicted import ToldTask, poles_listed, told_task
from detente.rows import listed, read_each
from detente.tasks import Task, check_same, known_names, known_tasks, task_named, tasks_of_columns, usable, where_of


def predicted_task(source: Path, options: IndexOptions) -> tuple[Task, tuple[str, ...]]:
    """The task of the predictions that is asked for, or the only one they are of, and notes on where its poles are from.

    It is what the model that predicted had; of predictions that do not say it, what its file has, and without a file the labels
    of the columns, which have no order then. Raises UsageError where that says no one task, InputError where two of these
    differ in labels.
    """
    parts = parts_of(source)
    columns = next((row for path in parts for _, row in read_each(path)), {})
    found = tasks_of_columns(columns)
    if not options.task and len(found) != 1:
        raise UsageError(
            f"{source}: predictions of {' and '.join(found)}; choose one with --task."
            if found
            else f"{source}: no column <task>_pred; the row has {listed(columns)}. Expected what `detente predict` wrote."
        )
    name = options.task or next(iter(found))
    labels = found.get(name, ())
    told = told_task(source, parts, name)
    now = _of_file(name, told)
    if told is not None and now is not None:
        check_same(now, where_of(name), told.task.labels, str(told.where))
    task = told.task if told is not None else now
    if task is None:
        return _with_poles(_of_columns(source, name, labels), None, None)
    if labels:
        check_same(task, where_of(name) if told is None else str(told.where), labels, f"the columns of {source}")
    return _with_poles(task, told, now)


def _of_file(name: str, told: ToldTask | None) -> Task | None:
    """The task as its file has it, if there is one; one that is wrong stops only predictions that do not say their task."""
    if told is not None:
        return usable(known_tasks()).get(name)
    return task_named(name) if name in known_names() else None


def _of_columns(source: Path, name: str, labels: tuple[str, ...]) -> Task:
    if not labels:
        return task_named(name)  # which says what tasks there are
    try:
        return Task(name, labels)
    except ValueError as error:
        raise InputError(f"{source}: the columns {name}_prob_<label> name no labels of a task ({error}).") from error


def _with_poles(task: Task, told: ToldTask | None, now: Task | None) -> tuple[Task, tuple[str, ...]]:
    """The task with the model's poles, or else those of its file; and what is to be said of them."""
    of_file = now.poles if now is not None else None
    if told is not None and told.task.poles:
        if now is None or of_file == told.task.poles:
            return task, ()
        return task, (
            f"the poles of '{task.name}' are those of the model that predicted, {poles_listed(told.task.poles)} "
            f"({told.where}); {where_of(task.name)} has {poles_listed(of_file)} by now",
        )
    if of_file:
        silent = "the model that predicted knew none" if told else "the predictions do not say theirs"
        return replace(task, poles=of_file), (
            f"the poles of '{task.name}' are those of {where_of(task.name)}, {poles_listed(of_file)}; {silent}",
        )
    return task, (
        f"'{task.name}' has no poles, so there are shares and no direction; poles: [A, B] in configs/task/{task.name}.yaml "
        "says which label counts +1 and which -1",
    )
