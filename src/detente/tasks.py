"""Tasks: what is read off a sentence, each with its labels. A task is data, a file ``configs/task/<name>.yaml``, and no code.

The files of the working directory's ``configs/task/`` come before those that the package carries. A file with ``tasks: [a, b]``
in place of labels is a joint set: the tasks that one encoder learns together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

from detente import places, strict_json, strict_yaml
from detente.errors import ConfigError, DetenteError, InputError, UsageError, near_miss

FOLDER = Path("task")
"""In ``configs/``."""
OWN = Path("configs") / FOLDER
"""The files of the working directory."""
FIRST = ("stance", "sentiment")
"""The tasks of datasets of before tasks were data: what such a folder does not say, these files of the package do."""
MAX_LABEL = 64
MAX_NAME = 40
RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        sentence_id article_id page_id group_id item_id id text text_sha256 n_characters title before after readings start end
        date outlet url split fold seed annotator annotator_kind rule guideline_version note relation voice holder target check
        inclusion_prob design stratum annotation_id created_at updated_at lead_time n_tokens truncated label labels task tasks
        pair group model_id text_path detente_version settings
        """,
    )
)
"""Columns of files that have a column a task: no task is called so."""

Poles = tuple[str, str]
"""The label that counts +1, and the one that counts -1."""

_NAME = re.compile(r"[^\W_][\w-]*")
_OF_PREDICTIONS = re.compile(r"_prob_|_pred$|_pred_masked$|_abstain$")
_MAX_LISTED = 10
_IN_QUOTES = "Put it in quotes: without them YAML takes yes, no, on, off and numbers for something else."


@dataclass(frozen=True)
class Task:
    """One task: its name and its labels in order, which probabilities and confusion matrices keep everywhere.

    ``ordered``: the labels are a scale from one end to the other. ``poles`` are the two labels between which an index measures
    a direction, the one that counts +1 first; without them it gives shares alone. ``description``, ``label_descriptions`` and
    ``guideline`` (a file or an address) are for annotators and cards. Raises ValueError for what cannot be.
    """

    name: str
    labels: tuple[str, ...]
    ordered: bool = False
    description: str = ""
    label_descriptions: Mapping[str, str] = field(default_factory=dict, hash=False)
    guideline: str = ""
    poles: Poles | None = None

    def __post_init__(self) -> None:
        if problem := _name_problem(self.name) or _labels_problem(self.labels):
            raise ValueError(problem)
        if unknown := next((each for each in self.label_descriptions if each not in self.labels), None):
            raise ValueError(f"'label_descriptions': {strict_json.shown(unknown)} is none of the labels, {self.listed}")
        if self.poles and (self.poles[0] == self.poles[1] or not {*self.poles} <= {*self.labels}):
            poles = ", ".join(map(strict_json.shown, self.poles))
            raise ValueError(f"'poles': expected two of the labels, {self.listed}; got {poles}")

    @property
    def listed(self) -> str:
        """The labels, as a message tells them."""
        return _listed(self.labels)

    def label_of(self, value: str) -> str | None:
        """The label that a text stands for, whatever its case and however its accents are composed; None for none."""
        return self._by_key.get(_key(value.strip()))

    def problem(self, value: object) -> str:
        """What to say of a value that is no label."""
        hint = near_miss(str(value), self.labels)
        return f"unknown {self.name} {strict_json.shown(value)}; expected {self.listed}.{hint}"

    @property
    def _by_key(self) -> dict[str, str]:
        return {_key(label): label for label in self.labels}


Tasks = Mapping[str, Task]
"""Name → task, in order."""


@dataclass(frozen=True)
class _JointFile:
    """A file that names tasks to be learnt together."""

    tasks: tuple[str, ...]
    name: str = ""
    description: str = ""


class _Known(Mapping[str, Task]):
    """The tasks on the search path by name, each read when it is asked for: a file that is wrong stops who uses its task."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)

    def __getitem__(self, name: str) -> Task:
        if name not in self._names:
            raise KeyError(name)
        return task_named(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def known_tasks() -> Tasks:
    """Every task on the search path: those of joint sets in their order, then the rest by name.

    A file is read when its task is asked for, which raises ConfigError where it is wrong.
    """
    read = {name: _read_or_none(path) for name, path in sorted(_files().items())}
    joint = chain.from_iterable(each.tasks for each in read.values() if isinstance(each, _JointFile))
    return _Known(name for name in dict.fromkeys([*joint, *read]) if not isinstance(read[name], _JointFile))


def usable(tasks: Tasks) -> dict[str, Task]:
    """Those of the tasks whose files can be read, for who needs to know of the others nothing."""
    found = {}
    for name in tasks:
        with suppress(ConfigError):
            found[name] = tasks[name]
    return found


def known_names() -> list[str]:
    """What ``task=`` can be set to: the tasks and joint sets on the search path, none of them read."""
    return sorted(_files())


def task_named(name: str) -> Task:
    """A task by its name. Raises UsageError for an unknown one or a joint set, ConfigError for a file that is wrong."""
    found = _named(name)
    if isinstance(found, _JointFile):
        raise UsageError(f"'{name}' is a joint set; expected one of its tasks, {' or '.join(found.tasks)}.")
    return found


def tasks_named(value: str | Sequence[str]) -> tuple[Task, ...]:
    """The tasks that ``task=`` stands for: one name, a joint set's, or a list of names. Raises UsageError, ConfigError."""
    return tuple(task_named(name) for name in task_names(value))


def task_names(value: str | Sequence[str]) -> tuple[str, ...]:
    """The names that ``task=`` stands for, those of a joint set in its place; a name without a file stands for itself.

    Raises UsageError for none, or for one that stands twice; ConfigError for a file that is wrong.
    """
    given = (value,) if isinstance(value, str) else tuple(value)
    names = tuple(chain.from_iterable(_parts(name) for name in given))
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"task: '{twice}' stands there twice; expected every task once.")
    if not names:
        raise UsageError(f"task: names none; expected one of {', '.join(known_names())}, or a list of them.")
    return names


def can_be_task(name: str) -> bool:
    """Whether a task can be called so."""
    return not _name_problem(name)


def first_tasks() -> dict[str, Task]:
    """The tasks of datasets and models that do not say theirs, as the package has them."""
    read = {name: _read(places.CONFIGS / FOLDER / f"{name}.yaml") for name in FIRST}
    return {name: task for name, task in read.items() if isinstance(task, Task)}


def where_of(name: str) -> str:
    """The file of a task, as a message names it. Raises KeyError for one without."""
    return _place(_files()[_nfc(name)])


def replaced() -> list[str]:
    """What to say of files in the working directory that stand in place of the package's and say something else."""
    lines = []
    for path in sorted((places.CONFIGS / FOLDER).glob("*.yaml")):
        own = OWN / path.name
        if not own.is_file() or (found := _read_or_none(own)) is None or found == _read_or_none(path):
            continue
        if isinstance(found, Task):
            what = f"labels: {found.listed}" + (f"; poles: {', '.join(found.poles)}" if found.poles else "")
        else:
            what = f"tasks: {_listed(found.tasks)}"
        lines.append(f"{own} ({what}) stands in place of the package's '{path.stem}'")
    return lines


def title(value: str | Sequence[str]) -> str:
    """How what ``task=`` was set to is called in tags and tables."""
    return value if isinstance(value, str) else "+".join(value)


def tasks_of_columns(columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Task → labels, as far as the columns of predictions (``<task>_pred``, ``<task>_prob_<label>``) say them."""
    names = list(columns)
    found = [name.removesuffix("_pred") for name in names if name.endswith("_pred")]
    return {
        task: tuple(name.removeprefix(f"{task}_prob_") for name in names if name.startswith(f"{task}_prob_")) for task in found
    }


def check_same(task: Task, where: str, labels: Sequence[str], other: str, *, error: type[DetenteError] = InputError) -> None:
    """Raise ``error``, which shows both, unless two places give a task the same labels; of an ordered one in one order."""
    if (task.labels == tuple(labels)) if task.ordered else ({*task.labels} == {*labels}):
        return
    raise error(
        f"the labels of '{task.name}' are not the same:\n  {where}: {task.listed}\n  {other}: {_listed(labels) or 'none'}\n"
        f"{_far_down(task.labels, labels)}"
        "Go back to the labels of the older one, or make it again with the new ones (build the dataset, train the model)."
    )


def _far_down(labels: Sequence[str], others: Sequence[str]) -> str:
    """The difference of two lists of labels where what is listed of them does not show it."""
    if tuple(labels[:_MAX_LISTED]) != tuple(others[:_MAX_LISTED]):
        return ""
    here, there = ([each for each in one if each not in other] for one, other in ((labels, others), (others, labels)))
    return f"  only in the first: {_listed(here) or 'none'}; only in the second: {_listed(there) or 'none'}\n"


def check_file(task: Task, where: str, *, error: type[DetenteError] = InputError) -> None:
    """Raise ``error`` where the task's file, if there is one on the search path, has other labels than ``task``."""
    path = _files().get(task.name)
    if path is not None and isinstance(now := _read(path), Task):
        check_same(task, where, now.labels, str(path), error=error)


def _files() -> dict[str, Path]:
    """Name → file, those of the working directory before the package's."""
    return {_nfc(path.stem): path for path in _all_files()}


def _place(path: Path) -> str:
    return str(path) if path.parent == OWN else f"the package's {path.name}"


def _all_files() -> list[Path]:
    """The package's files, then those of the working directory."""
    return [path for folder in (places.CONFIGS / FOLDER, OWN) if folder.is_dir() for path in sorted(folder.glob("*.yaml"))]


def _parts(name: str) -> tuple[str, ...]:
    path = _files().get(_nfc(name))
    found = _read(path) if path else None
    return found.tasks if isinstance(found, _JointFile) else (_nfc(name),)


def _named(name: str) -> Task | _JointFile:
    files = _files()
    if _nfc(name) not in files:
        known = sorted(files)
        shown = strict_json.shown(name).strip("'\"")
        raise UsageError(
            f"unknown task '{shown}'; expected {_listed(known)}, or a task of your own: its labels in a file "
            f"configs/task/{shown}.yaml.{near_miss(name, known)}"
        )
    return _read(files[_nfc(name)])


def _read(path: Path) -> Task | _JointFile:
    """The file of a task or a joint set. Raises ConfigError that names the file and the key."""
    _check_alone(path)
    found = _as_written(path)
    return _with_tasks(found, path) if isinstance(found, _JointFile) else found


def _read_or_none(path: Path) -> Task | _JointFile | None:
    try:
        return _read(path)
    except ConfigError:
        return None


def _as_written(path: Path) -> Task | _JointFile:
    try:
        stat = path.stat()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error
    return _converted(path, stat.st_mtime_ns, stat.st_size)


def _check_alone(path: Path) -> None:
    """Raise ConfigError for a user's file whose name is that of another, but for case or the form of its letters."""
    if path.parent != OWN:
        return
    key = _letters(path.stem)
    others = (other for other in _all_files() if other.stem != path.stem and _letters(other.stem) == key)
    if other := next(others, None):
        raise ConfigError(
            f"{path}: 'name': {_place(other)} is called the same but for case or the form of its letters, and columns and "
            f"files of the two would be one. Rename one of them, or, to put yours in place of the other, call it {other.name}."
        )


@lru_cache(maxsize=64)
def _converted(path: Path, changed: int, size: int) -> Task | _JointFile:
    """A file as it is at the moment: YAML takes milliseconds, and a corpus asks for its task often."""
    value = strict_yaml.read_mapping(path)
    if not {"labels", "tasks"} & value.keys():
        raise ConfigError(f"{path}: no labels; expected two or more, labels: [a, b], or of a joint set tasks: [a, b].")
    name = _nfc(path.stem)
    if value.get("name", name) != name:
        raise ConfigError(f"{path}: 'name': expected {name}, as the file is called, or nothing; got {value['name']!r}.")
    value = {**value, "name": name}
    if "tasks" in value:
        _check_texts(value, "tasks", path, "two or more tasks, tasks: [a, b]")
        return strict_json.convert(value, _JointFile, str(path), error=ConfigError)
    _check_texts(value, "labels", path, "two or more labels, labels: [a, b]", _IN_QUOTES)
    if value.get("poles") is not None:
        _check_texts(value, "poles", path, "two of the labels, the one that counts +1 first, poles: [a, b]", _IN_QUOTES, n=2)
    return strict_json.convert(value, Task, str(path), error=ConfigError)


def _check_texts(
    value: Mapping[str, object], key: str, path: Path, expected: str, remedy: str = "", n: int | None = None
) -> None:
    """Raise ConfigError unless a key holds a list of texts, ``n`` of them; ``remedy`` ends the message where one is no text."""
    texts = value[key]
    if not isinstance(texts, list) or (n is not None and len(texts) != n):
        raise ConfigError(f"{path}: '{key}': expected {expected}, got {strict_json.shown(texts)}.")
    if (wrong := next((each for each in texts if not isinstance(each, str)), None)) is not None or None in texts:
        hint = f" {remedy}" if remedy and isinstance(wrong, bool | int | float) else ""
        raise ConfigError(f"{path}: '{key}': expected texts, got {strict_json.shown(wrong)}.{hint}")


def _with_tasks(joint: _JointFile, path: Path, within: tuple[Path, ...] = ()) -> _JointFile:
    """A joint set with the tasks of the sets that it names in their place. Raises ConfigError."""
    names = tuple(chain.from_iterable(_tasks_of(name, path, (*within, path)) for name in joint.tasks))
    if len({*names}) < max(2, len(names)):
        twice = next((name for name in names if names.count(name) > 1), None)
        what = f"'{twice}' twice" if twice else strict_json.shown(list(names))
        raise ConfigError(f"{path}: 'tasks': expected two or more tasks, each once, got {what}.")
    return replace(joint, tasks=names)


def _tasks_of(name: str, path: Path, within: tuple[Path, ...]) -> tuple[str, ...]:
    """The tasks that a name in a joint set stands for. Raises ConfigError for one without a file, or of a set around it."""
    file = _files().get(name)
    if file is None:
        known = [each for each in sorted(_files()) if each != path.stem]
        shown = strict_json.shown(name).strip("'\"")
        raise ConfigError(
            f"{path}: 'tasks': there is no configs/task/{shown}.yaml; expected tasks, {_listed(known)}.{near_miss(name, known)}"
        )
    if file in within:
        raise ConfigError(f"{path}: 'tasks': '{name}' is a joint set that this one is part of; expected tasks.")
    found = _as_written(file)
    return _with_tasks(found, file, within).tasks if isinstance(found, _JointFile) else (name,)


def _name_problem(name: str) -> str:
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME or _nfc(name) != name:
        return f"'name': expected up to {MAX_NAME} letters, digits, '_' and '-', got {strict_json.shown(name)}"
    if name.casefold() in RESERVED or _OF_PREDICTIONS.search(name):
        return f"'name': a file has a column '{name}' that is something else; call the task (and its file) another name"
    return ""


def _labels_problem(labels: Sequence[str]) -> str:
    if len(labels) < 2:
        return f"'labels': expected two or more, got {_listed(labels) or 'none'}"
    for label in labels:
        if not label or label != label.strip() or len(label) > MAX_LABEL or not label.isprintable() or _nfc(label) != label:
            return (
                f"'labels': expected texts of 1 to {MAX_LABEL} characters in NFC, without control characters or spaces around "
                f"them, got {strict_json.shown(label)}"
            )
    keys = [_key(label) for label in labels]
    if twice := next((label for label, key in zip(labels, keys, strict=True) if keys.count(key) > 1), None):
        return f"'labels': expected every label once, whatever its case; '{twice}' stands there twice"
    return ""


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MAX_LISTED
    return ", ".join(names[:_MAX_LISTED]) + (f" and {more} more" if more > 0 else "")


def _key(text: str) -> str:
    return _nfc(_nfc(text).casefold())


def _letters(name: str) -> str:
    """A name without case and without the forms of its letters, as a file system or a person may take it."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
