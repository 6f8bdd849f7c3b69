"""What a prediction is of, by which model and with which settings: the manifest that parts are tied to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detente._version import __version__
from detente.digests import sha256_of
from detente.model import Classifier
from detente.model.folder import files_of, read_info
from detente.model.probes import PROBES
from detente.predicted import task_facts

STAMPS = ("model_id", "text_path", "detente_version", "settings")
"""The columns that ``--stamp`` adds."""
DIGITS = 4
"""Decimals of a probability that two machines agree on."""


def folder_id(folder: Path) -> str:
    """16 hexadecimal digits over the files of a model folder, its README left out."""
    digest = hashlib.sha256()
    for name in files_of(read_info(folder).kind, folder):
        digest.update(name.encode() + b"\0" + bytes.fromhex(sha256_of(folder / name)))
    return digest.hexdigest()[:16]


def classifier_id(classifier: Classifier) -> str:
    """The same for a model in memory: over what it says of itself, and of twenty sentences."""
    info = asdict(classifier.info)
    info["training_hashes"] = sorted(info["training_hashes"])
    scores = classifier.score(PROBES)
    said = {task: [[round(float(prob), DIGITS) for prob in row] for row in probs] for task, probs in scores.probs.items()}
    facts = [info, classifier.text_path.to_json(), said]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def model_facts(classifier: Classifier, model_id: str) -> dict[str, Any]:
    """What the output says of its model."""
    info = classifier.info
    use = {"intended_use": info.intended_use} if info.intended_use else {}
    tasks = {} if info.poles is None else {"tasks": task_facts(info.tasks, info.ordered, info.poles)}
    return {
        "id": model_id,
        "name": info.display_name,
        **use,
        **tasks,
        "run_key": info.run_key,
        "text_path": classifier.text_path.to_json(),
        "detente": __version__,
    }


def stamp_columns(model: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, str]:
    """The same as columns, for who wants them in every row."""
    return {
        "model_id": str(model["id"]),
        "text_path": json.dumps(model["text_path"], sort_keys=True),
        "detente_version": str(model["detente"]),
        "settings": json.dumps(settings, ensure_ascii=False, sort_keys=True),
    }
