"""What predictions say of their tasks: their columns the labels, and the facts that stand with them the order and the poles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import InputError
from detente.rows import COMPLETE, PARTS
from detente.rows.parquet import read_schema
from detente.tasks import Poles, Task

FACTS = "detente"
"""The key of a parquet schema's metadata that holds what a prediction says of itself."""
META = ".meta.json"
"""The ending of the file beside a prediction that holds the same."""


@dataclass(frozen=True)
class _TaskFacts:
    labels: tuple[str, ...]
    ordered: bool
    poles: Poles | None


@dataclass(frozen=True)
class ToldTask:
    """A task as the model had it that predicted, and the file that tells it."""

    task: Task
    where: Path


def task_facts(tasks: Mapping[str, tuple[str, ...]], ordered: tuple[str, ...], poles: Mapping[str, Poles]) -> dict[str, Any]:
    """What a prediction says of its tasks, to be written; ``poles`` has those of the tasks that have any."""
    return {
        # Lists, as they come back from JSON: a prediction that goes on compares the two.
        name: {"labels": list(labels), "ordered": name in ordered, "poles": list(poles[name]) if name in poles else None}
        for name, labels in tasks.items()
    }


def told_task(source: Path, files: list[Path], name: str) -> ToldTask | None:
    """A task as predictions in these files of a source tell it; None where nothing does, which older ones do not.

    Raises InputError that shows both where two of the files tell it in two ways, and for facts that are damaged.
    """
    told = [each for each in _told(source, files, name) if each is not None]
    for other in told[1:]:
        if (other.task.labels, other.task.poles) != (told[0].task.labels, told[0].task.poles):
            raise InputError(
                f"{source}: predictions of models that differ in '{name}':\n"
                f"  {told[0].where}: {told[0].task.listed}; {poles_listed(told[0].task.poles)}\n"
                f"  {other.where}: {other.task.listed}; {poles_listed(other.task.poles)}\n"
                "Make an index of each, or predict all of it with one model."
            )
    return told[0] if told else None


def poles_listed(poles: Poles | None) -> str:
    """Poles, as a message tells them."""
    return f"+1 {poles[0]}, -1 {poles[1]}" if poles else "no poles"


def _told(source: Path, files: list[Path], name: str) -> Iterator[ToldTask | None]:
    if source.is_dir():
        for path in (source / COMPLETE, source / PARTS):
            if path.is_file():
                yield _of_facts(strict_json.read_object(path), path, name)
                return
    for file in files:
        beside = file.with_name(f"{file.name}{META}")
        if beside.is_file():
            yield _of_facts(strict_json.read_object(beside), beside, name)
        elif file.suffix.lower() == ".parquet" and (facts := (read_schema(file).metadata or {}).get(FACTS.encode())):
            yield _of_facts(strict_json.parse_object(facts.decode("utf-8", "replace"), str(file)), file, name)


def _of_facts(facts: Mapping[str, Any], where: Path, name: str) -> ToldTask | None:
    model = facts.get("model")
    tasks = model.get("tasks") if isinstance(model, dict) else None
    if not isinstance(tasks, dict) or name not in tasks:
        return None
    key = f"{where}: 'model.tasks.{name}'"
    told = strict_json.convert(tasks[name], _TaskFacts, key)
    try:
        return ToldTask(Task(name, told.labels, ordered=told.ordered, poles=told.poles), where)
    except ValueError as error:
        raise InputError(f"{key}: {error}. Expected what `detente predict` wrote.") from error
