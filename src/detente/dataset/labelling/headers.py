"""The header of a label file: which columns must be there, and what is wrong with those that are."""

from __future__ import annotations

from collections.abc import Sequence

from detente.dataset.labelling.rows import Problem, ReadFile
from detente.errors import near_miss
from detente.tasks import Tasks, can_be_task, usable


def header_problems(header: Sequence[str], needed: Sequence[str], known: Sequence[str]) -> list[Problem]:
    """What is wrong with a sheet's header: columns that are missing or stand twice."""
    problems = [("", f"the column '{name}' stands twice") for name in dict.fromkeys(header) if name and header.count(name) > 1]
    unknown = [name for name in header if name not in known]
    for name in needed:
        if name not in header:
            close = near_miss(name, [other for other in unknown if other]) or (
                f" Columns that are not known: {', '.join(filter(None, unknown))}." if any(unknown) else ""
            )
            problems.append(("", f"no column '{name}'.{close}"))
    return problems


def needed_tasks(columns: Sequence[str], tasks: Tasks, known: Sequence[str], *, decides: bool = False) -> list[str]:
    """The tasks whose columns must be there where nobody said it.

    Those that are there, those that a column is nearly called like, and those that share a guideline with one of them, unless
    the file ``decides``: then what is not disputed is not asked for.
    """
    guidelines = set() if decides else {tasks[name].guideline for name in tasks if name in columns} - {""}
    of_guideline = {name for name, task in usable(tasks).items() if task.guideline in guidelines}
    others = [name for name in columns if name and name not in known]
    return [name for name in tasks if name in columns or name in of_guideline or near_miss(name, others)]


def lost_columns(file: ReadFile, columns: Sequence[str], known: Sequence[str]) -> list[Problem]:
    """Columns that hold answers and may be a task's, of which there is no file: their labels would be lost."""
    problems = []
    for name in columns:
        if name in known or name in file.shown or not can_be_task(name):
            continue
        if n := sum(not is_empty(row.values.get(name)) for row in file.rows):
            problems.append(
                (
                    "",
                    f"the column '{name}' is filled in in {n} row{'s' * (n != 1)}, and there is no configs/task/{name}.yaml; "
                    f"put the task's file there, or leave the column out with --leave-out {name}",
                )
            )
    return problems


def is_empty(value: object) -> bool:
    """Whether a cell holds nothing."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def no_task(columns: Sequence[str], tasks: Tasks, known: Sequence[str]) -> str:
    """What to say of a file that has no column of a task."""
    others = [name for name in columns if name and name not in known]
    more = f" Not known: {', '.join(others)}; a task is a file configs/task/<column>.yaml." if others else ""
    return f"no column of a task; expected one of {', '.join(tasks)}.{more}"
