"""The model folder: everything prediction needs, and nothing else does it need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from detente.atomic import new_folder
from detente.errors import ModelError
from detente.labels import LABELS
from detente.model import probes
from detente.model.baselines import WEIGHTS, BaselineClassifier
from detente.model.classifier import Classifier, ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.phobert import ENCODER_FILES
from detente.text import TextPath

FORMAT = 1
ABOUT = "detente.json"
TEXT = "text.json"

Load = Callable[[Path, TextPath, ModelInfo], Classifier]

_LOADERS: dict[str, Load] = {
    "encoder": EncoderClassifier.load,
    "tfidf": BaselineClassifier.load,
    "lexicon": BaselineClassifier.load,
    "majority": BaselineClassifier.load,
}


def save_model(classifier: Classifier, folder: Path, card: str = "") -> None:
    """Write a model folder, whole or not at all."""
    with new_folder(folder) as temporary:
        classifier.save_weights(temporary)
        text = {**classifier.text_path.to_json(), "probes": probes.record(classifier)}
        _write(temporary / TEXT, text)
        _write(temporary / ABOUT, _about(classifier.info))
        (temporary / "README.md").write_text(card or _bare_card(classifier.info), encoding="utf-8")


def load_model(folder: Path | str, load: Load | None = None) -> Classifier:
    """Load a model folder and walk its probe sentences through the text path; ``load`` stands in for its kind's own loader.

    Raises ModelError if a file is missing or damaged, or if this installation would read text in another way than the model
    was trained on.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; expected a model folder, as `detente train` writes.")
    info = read_info(folder)
    text = _read(folder / TEXT)
    missing = [name for name in files_of(info.kind) if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder}: lacks {', '.join(missing)}; expected {', '.join(files_of(info.kind))}. Copy it whole.")
    classifier = (load or _LOADERS[info.kind])(folder, TextPath.from_json(text), info)
    probes.check(classifier, text.get("probes", []), str(folder), text["normalise_version"])
    return classifier


def read_info(folder: Path) -> ModelInfo:
    """What a model folder says of its model. Raises ModelError."""
    about = _read(folder / ABOUT)
    if about.get("format") != FORMAT:
        raise ModelError(f"{folder / ABOUT}: model format {about.get('format')!r}; this version reads {FORMAT}.")
    return _info(about, folder / ABOUT)


def files_of(kind: str) -> tuple[str, ...]:
    """The files of a model folder without its README."""
    return (ABOUT, TEXT, *(ENCODER_FILES if kind == "encoder" else (WEIGHTS,)))


def _about(info: ModelInfo) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": info.version,
        "kind": info.kind,
        "name": info.name,
        "untrained": info.untrained,
        "licence": info.licence,
        "tasks": {task: list(labels) for task, labels in info.tasks.items()},
        "temperature": {task: info.temperature.get(task, 1.0) for task in info.tasks},
        "threshold": {task: info.threshold.get(task) for task in info.tasks},
        "data_digest": info.data_digest,
        "training_hashes": sorted(info.training_hashes),
        "label_counts": {task: dict(counts) for task, counts in info.label_counts.items()},
        "run_key": info.run_key,
    }


def _info(about: dict[str, Any], path: Path) -> ModelInfo:
    try:
        kind = about["kind"]
        if kind not in _LOADERS:
            raise ModelError(f"{path}: unknown kind of model '{kind}'; expected {', '.join(_LOADERS)}.")
        tasks = {task: tuple(labels) for task, labels in about["tasks"].items()}
        info = ModelInfo(
            kind=kind,
            name=about["name"],
            tasks=tasks,
            untrained=about["untrained"],
            licence=about["licence"],
            temperature=about["temperature"],
            threshold=about["threshold"],
            data_digest=about["data_digest"],
            training_hashes=frozenset(about["training_hashes"]),
            label_counts=about.get("label_counts", {}),
            run_key=about["run_key"],
            version=about["version"],
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise ModelError(f"{path}: incomplete ({error!r}); expected what `detente train` writes.") from error
    for task, labels in tasks.items():
        if labels != LABELS.get(task):
            raise ModelError(f"{path}: the labels of '{task}' are {labels}; this version knows {LABELS.get(task)}.")
    return info


def with_info(classifier: Classifier, **changes: Any) -> Classifier:
    """The classifier with some of its info replaced, in place."""
    classifier.info = replace(classifier.info, **changes)
    return classifier


def _bare_card(info: ModelInfo) -> str:
    return f"# {info.display_name}\n\nSaved by detente {info.version}; tasks: {', '.join(info.tasks)}.\n"


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelError(f"{path.parent}: lacks {path.name}; expected a model folder, as `detente train` writes.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path}: not readable as JSON ({error}).") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: expected a JSON object, got {type(data).__name__}.")
    return data


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
