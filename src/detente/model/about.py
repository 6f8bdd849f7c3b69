"""detente.json and text.json of a model folder as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval, MaxLen, MinLen

from detente import strict_json
from detente.errors import ModelError
from detente.model.classifier import ModelInfo
from detente.tasks import Poles, Task
from detente.text.path import MAX_TOKENS

FORMAT = 2
"""1 had neither the files' sha256 nor the probabilities of the probe sentences: such a folder is read, and unverified."""
ABOUT = "detente.json"
TEXT = "text.json"
MAX_USE = 1000
"""Characters of ``intended_use``, which every command prints."""

Kind = Literal["encoder", "tfidf", "lexicon", "majority"]
Temperature = Annotated[float, Interval(ge=0.01, le=100)]
Probability = Annotated[float, Interval(ge=0, le=1)]
Count = Annotated[int, Interval(ge=0)]

_REMEDY = "Expected what `detente train` writes; copy the model folder again, or train again."


@dataclass(frozen=True)
class About:
    """detente.json: what a folder says of its model, and the sha256 of the files it was saved with.

    ``ordered`` are the tasks whose labels are a scale; all of them where it is not said, which is of before there were others.
    ``poles`` are of the tasks that have them; None where it is not said.
    """

    format: Literal[1, 2]
    version: str
    kind: Kind
    name: str
    untrained: bool
    licence: str
    tasks: Annotated[dict[str, tuple[str, ...]], MinLen(1)]
    temperature: dict[str, Temperature]
    threshold: dict[str, Probability | None]
    data_digest: str
    training_hashes: tuple[str, ...]
    run_key: str
    label_counts: dict[str, dict[str, Count]] = field(default_factory=dict)
    ordered: tuple[str, ...] | None = None
    poles: dict[str, Poles] | None = None
    intended_use: Annotated[str, MaxLen(MAX_USE)] = ""
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, labels in self.tasks.items():
            Task(name, labels, poles=(self.poles or {}).get(name))  # a ValueError of what no task can be
        for key in ("temperature", "threshold", "label_counts", "ordered", "poles"):
            if others := {*(getattr(self, key) or ())} - self.tasks.keys():
                raise ValueError(f"'{key}' names {strict_json.shown(min(others))}, which is no task of the model")
        if self.kind != "encoder" and len(self.tasks) > 1:
            raise ValueError(f"a model of kind '{self.kind}' has one task, not {len(self.tasks)}")

    @property
    def info(self) -> ModelInfo:
        """What a classifier carries of it."""
        return ModelInfo(
            kind=self.kind,
            name=self.name,
            tasks=self.tasks,
            ordered=tuple(self.tasks) if self.ordered is None else self.ordered,
            poles=self.poles,
            untrained=self.untrained,
            licence=self.licence,
            intended_use=self.intended_use,
            temperature=self.temperature,
            threshold=self.threshold,
            data_digest=self.data_digest,
            training_hashes=frozenset(self.training_hashes),
            label_counts=self.label_counts,
            run_key=self.run_key,
            version=self.version,
            verified=self.format > 1,
        )


@dataclass(frozen=True)
class Probe:
    """What each step makes of a probe sentence: ``ids`` are None without a tokenizer, ``probs`` without (format 1)."""

    raw: str
    normalised: str
    segmented: str
    ids: tuple[int, ...] | None
    probs: Mapping[str, tuple[Probability, ...]] | None = None


@dataclass(frozen=True)
class TextFile:
    """text.json: the text path, and sentences with what it and the model make of them."""

    normalise_version: int
    tone_marks: Literal["old", "keep", "new"]
    segmenter: str
    segmenter_version: str | None
    max_tokens: Annotated[int, Interval(ge=4, le=MAX_TOKENS)]
    probes: Annotated[tuple[Probe, ...], MinLen(1)]

    @property
    def path_facts(self) -> dict[str, Any]:
        """What the text path reads."""
        return {name: value for name, value in asdict(self).items() if name != "probes"}


def about_of(info: ModelInfo, files: Mapping[str, str]) -> dict[str, Any]:
    """detente.json of a model, to be written."""
    return {
        "format": FORMAT,
        "version": info.version,
        "kind": info.kind,
        "name": info.name,
        "untrained": info.untrained,
        "licence": info.licence,
        "intended_use": info.intended_use,
        "tasks": {task: list(labels) for task, labels in info.tasks.items()},
        "ordered": list(info.ordered),
        **({} if info.poles is None else {"poles": {task: list(poles) for task, poles in info.poles.items()}}),
        "temperature": {task: info.temperature.get(task, 1.0) for task in info.tasks},
        "threshold": {task: info.threshold.get(task) for task in info.tasks},
        "data_digest": info.data_digest,
        "training_hashes": sorted(info.training_hashes),
        "label_counts": {task: dict(counts) for task, counts in info.label_counts.items()},
        "run_key": info.run_key,
        "files": dict(files),
    }


def read_about(folder: Path) -> About:
    """detente.json of a model folder. Raises ModelError that names the key."""
    facts = _facts(folder, ABOUT)
    path = folder / ABOUT
    if facts.get("format") not in (1, FORMAT):
        shown = strict_json.shown(facts.get("format"))
        raise ModelError(f"{path}: model format {shown}; this version reads 1 and {FORMAT}. Install the detente that wrote it.")
    return strict_json.convert(facts, About, str(path), error=ModelError, remedy=_REMEDY)


def read_text_file(folder: Path) -> TextFile:
    """text.json of a model folder. Raises ModelError that names the key."""
    return strict_json.convert(_facts(folder, TEXT), TextFile, str(folder / TEXT), error=ModelError, remedy=_REMEDY)


def _facts(folder: Path, name: str) -> dict[str, Any]:
    if not (folder / name).is_file():
        raise ModelError(f"{folder}: lacks {name}; expected a model folder, as `detente train` writes.")
    return strict_json.read_object(folder / name, error=ModelError)
