"""The header of a label file: which columns must be there, and what is wrong with those that are."""

from __future__ import annotations

from collections.abc import Sequence

from detente.dataset.labelling.rows import Problem
from detente.errors import near_miss
from detente.tasks import Tasks


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


def needed_tasks(columns: Sequence[str], tasks: Tasks, known: Sequence[str]) -> list[str]:
    """The tasks whose columns must be there where nobody said it.

    Those that are there, those that share a guideline with one of them, and those that a column is nearly called like.
    """
    guidelines = {task.guideline for name, task in tasks.items() if name in columns} - {""}
    others = [name for name in columns if name and name not in known]
    return [
        name
        for name, task in tasks.items()
        if name in columns or task.guideline in guidelines or near_miss(name, others) or near_miss(name, map(str.lower, others))
    ]


def no_task(columns: Sequence[str], tasks: Tasks, known: Sequence[str]) -> str:
    """What to say of a file that has no column of a task."""
    others = [name for name in columns if name and name not in known]
    more = f" Not known: {', '.join(others)}; a task is a file configs/task/<column>.yaml." if others else ""
    return f"no column of a task; expected one of {', '.join(tasks)}.{more}"
