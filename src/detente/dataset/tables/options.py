"""What can be said of a table of labelled sentences, and the mappings that are typed as {a: b}."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from detente.dataset.annotations import KINDS
from detente.errors import ConfigError, near_miss
from detente.strict_json import shown

DISPUTED = ("error", "majority", "skip", "newest")
"""What happens where annotators differ: an error, the label of most of them, or no label; ties give none. By ``newest`` the
reading on the newest version of the guideline decides, and readings on that version have to agree."""
READING_COLUMNS = ("rule", "guideline_version", "note", "inclusion_prob", "design", "stratum")
"""What a row can say of a reading beside its labels, called as in annotations.jsonl."""
_COLON = re.compile(r""""[^"]*"|'[^']*'|:(?=\S)""")
_USAGE = {
    "data.labels": "data.labels={stance: my_column}, or {stance: [an, binh]} where each column is an annotator's",
    "data.values": "data.values={stance: {pos: dialogue, neg: escalation}}",
}


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """The columns of a table of sentences beside those of every page (``PageOptions``); empty: there is none.

    ``labels``: task → the columns that hold its labels, each of another annotator if they are several. ``values``: task → cell
    → label. ``annotator`` is who labelled it, where no column says so, and ``annotator_kind`` human or machine. ``disputed``
    says what happens where annotators differ. ``reading_columns`` are those of ``READING_COLUMNS`` that are read.
    """

    id_column: str = ""
    group_column: str = ""
    split_column: str = ""
    article_column: str = ""
    annotator_column: str = ""
    labels: Any = None
    values: Any = None
    annotator: str = "table"
    annotator_kind: str = "human"
    disputed: str = "error"
    reading_columns: tuple[str, ...] | None = None

    @property
    def columns(self) -> dict[str, str]:
        """Option → the column that it names."""
        names = [each.name for each in fields(TableOptions) if each.name.endswith("_column")]
        return {name: column for name in names if (column := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where the sentences come from whose ids begin with ``prefix``, and under which licence their text is.

    ``passed_on``: whether it may be published with the labels. ``attribution`` is what its licence asks to be said.
    """

    prefix: str
    name: str
    licence: str
    passed_on: bool
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What manifest.json says of the table that a dataset was built from, by which it is read again.

    ``files`` are the names of its files, or of tables in memory; ``split_by``: what said the splits, a column or ``files``.
    ``n_conflicts``: texts that stand there with different labels; ``n_disputed``: sentences on which annotators differ;
    ``n_undated``: sentences whose date is filled in and cannot be read.

    Of a labelled corpus that comes with the package ``corpus`` is its name, ``sources`` where its texts come from, ``about``
    its part of the datasheet, question → answer, and ``n_without_text`` the sentences that were left out for want of their
    text.
    """

    files: tuple[str, ...] = ()
    id_column: str = ""
    group_column: str = ""
    article_column: str = ""
    annotator_column: str = ""
    split_by: str = ""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    n_rows: int = 0
    n_conflicts: int = 0
    n_disputed: int = 0
    n_undated: int = 0
    corpus: str = ""
    sources: tuple[TextSource, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    n_without_text: int = 0

    def source_of(self, sentence_id: str) -> TextSource | None:
        """Where the text of a sentence comes from, where that is told."""
        return next((each for each in self.sources if sentence_id.startswith(each.prefix)), None)


def check_table_options(options: TableOptions) -> None:
    """Raise ConfigError for a value that cannot be, or for two that do not go together."""
    for name, known in (("disputed", DISPUTED), ("annotator_kind", KINDS)):
        value = getattr(options, name)
        if value not in known:
            raise ConfigError(f"data.{name}: expected {', '.join(known)}, got '{value}'.{near_miss(value, known)}")
    if unknown := next((name for name in options.reading_columns or () if name not in READING_COLUMNS), None):
        raise ConfigError(
            f"data.reading_columns: expected some of {', '.join(READING_COLUMNS)}, got {shown(unknown)}."
            f"{near_miss(unknown, READING_COLUMNS)}"
        )
    if not options.annotator.strip():
        raise ConfigError("data.annotator: expected a name, got nothing.")
    several = next((task for task, columns in label_columns(options.labels).items() if len(columns) > 1), None)
    if options.annotator_column and several:
        raise ConfigError(
            f"data.annotator_column={options.annotator_column} and several columns of {several} (data.labels): a row is one "
            "annotator's, or each column is; leave one of the two out."
        )


def label_columns(given: object) -> dict[str, tuple[str, ...]]:
    """Task → columns, of what ``data.labels`` was set to. Raises ConfigError."""
    found = {}
    for task, columns in _mapping(given, "data.labels").items():
        names = [columns] if not isinstance(columns, Sequence) or isinstance(columns, str) else list(columns)
        if not names or not all(isinstance(name, str) and name for name in names) or len({*names}) < len(names):
            raise ConfigError(
                f"data.labels: '{task}': expected a column or several, got {shown(columns)}: {_USAGE['data.labels']}"
            )
        found[task] = tuple(names)
    return found


def cell_labels(given: object) -> dict[str, dict[str, str]]:
    """Task → cell → label, of what ``data.values`` was set to; an empty label is none. Raises ConfigError."""
    return {
        task: {cell: _scalar(label, f"data.values: '{task}'") for cell, label in _mapping(cells, "data.values").items()}
        for task, cells in _mapping(given, "data.values").items()
    }


def paths_given(given: object) -> list[Path]:
    """The files or folders that ``data.sentences`` was set to. Raises ConfigError."""
    names = [given] if isinstance(given, str | Path) else list(given) if isinstance(given, Sequence) else []
    if not names or not all(isinstance(name, str | Path) and str(name) for name in names):
        raise ConfigError(f"data.sentences: expected a file, a folder of files or a list [a, b], got {shown(given)}.")
    return [Path(name) for name in names]


def _mapping(given: object, key: str) -> dict[str, Any]:
    """A mapping as it is, or typed as ``{a: b}``. Raises ConfigError."""
    import yaml

    if given is None or given == "":
        return {}
    value = given
    if isinstance(given, str):
        spaced = _COLON.sub(lambda found: ": " if found[0] == ":" else found[0], given)
        try:
            value = yaml.load(spaced, yaml.BaseLoader)
        except yaml.YAMLError as error:
            raise ConfigError(f"{key}: cannot be read ({getattr(error, 'problem', error)}). Expected {_USAGE[key]}") from error
    if not isinstance(value, Mapping):
        raise ConfigError(f"{key}: expected {_USAGE[key]}, got {shown(given)}.")
    return {_scalar(name, key): each for name, each in value.items()}


def _scalar(value: object, key: str) -> str:
    """A name or a label as text. Raises ConfigError for what YAML has taken for something else."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ConfigError(
            f"{key}: {value!r:.80} is no text; put it in quotes, as YAML takes yes, no, on and off for truth values."
        )
    return str(value)
