"""The model folder: everything prediction needs, and nothing else does it need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from detente.atomic import new_folder
from detente.digests import sha256_of
from detente.errors import ModelError, near_miss
from detente.model import probes
from detente.model.about import ABOUT, TEXT, About, about_of, read_about, read_text_file
from detente.model.baselines import WEIGHTS, BaselineClassifier
from detente.model.classifier import Classifier, ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.families import encoder_files
from detente.model.half import Stored, rounded, store_half
from detente.model.names import SHIPPED, named_folder
from detente.text import TextPath

Load = Callable[[Path, TextPath, ModelInfo], Classifier]

_LOADERS: dict[str, Load] = {
    "encoder": EncoderClassifier.load,
    "tfidf": BaselineClassifier.load,
    "lexicon": BaselineClassifier.load,
    "majority": BaselineClassifier.load,
}


def save_model(classifier: Classifier, folder: Path, card: str = "", *, weights: Stored = "fp32") -> None:
    """Write a model folder, whole or not at all.

    With ``weights="fp16"`` an encoder's are stored in half the bytes, and the probe sentences are those of the rounded weights,
    which are what is loaded. Raises InputError where something else than a model stands there; UsageError for weights that
    cannot be stored so.
    """
    if weights == "fp16":
        classifier = rounded(classifier)
    with new_folder(folder, "model") as temporary:
        classifier.save_weights(temporary)
        if weights == "fp16":
            store_half(temporary / "model.safetensors")
        text = {**classifier.text_path.to_json(), "probes": probes.record(classifier)}
        _write(temporary / TEXT, text)
        files = {path.name: sha256_of(path) for path in sorted(temporary.iterdir())}
        _write(temporary / ABOUT, about_of(classifier.info, files))
        (temporary / "README.md").write_text(card or _bare_card(classifier.info), encoding="utf-8")


def load_model(folder: Path | str, load: Load | None = None, tolerance: float = probes.TOLERANCE) -> Classifier:
    """Load a model folder, or a shipped model by its name, if it is as it was saved; ``load`` stands in for its kind's loader.

    Every file is compared with its sha256 (a second for half a gigabyte, once a process), and the probe sentences are walked
    through the text path and the model: their probabilities may differ by ``tolerance``. Raises ModelError if a file is
    missing, damaged or changed, or if this installation would read text in another way than the model was trained on.
    """
    folder = named_folder(folder)
    _check_folder(folder)
    about = read_about(folder)
    _check_files(folder, about)
    text = read_text_file(folder)
    classifier = (load or _LOADERS[about.kind])(folder, TextPath.from_json(text.path_facts), about.info)
    probes.check(classifier, text, str(folder), tolerance)
    return classifier


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        hint = near_miss(str(folder), SHIPPED)
        raise ModelError(
            f"{folder}: no such folder; expected a model folder, as `detente train` writes, or {', '.join(SHIPPED)}.{hint}"
        )


def read_info(folder: Path | str) -> ModelInfo:
    """What a model folder, or a shipped model, says of its model. Raises ModelError."""
    folder = named_folder(folder)
    _check_folder(folder)
    return read_about(folder).info


def _check_files(folder: Path, about: About) -> None:
    """Raise ModelError for a file that is missing, or not the one that was saved."""
    needed = files_of(about.kind, folder)
    missing = [name for name in dict.fromkeys((*needed, *about.files)) if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder}: lacks {', '.join(missing[:9])}; expected {', '.join(needed)}. Copy it whole.")
    if not about.info.verified:
        return
    without = [name for name in needed if name != ABOUT and name not in about.files]
    if without:
        raise ModelError(f"{folder / ABOUT}: 'files' has no sha256 of {', '.join(without)}; expected one of every file.")
    changed = [name for name, digest in about.files.items() if sha256_of(folder / name) != digest]
    if changed:
        raise ModelError(
            f"{folder}: {', '.join(changed[:9])} {'is' if len(changed) == 1 else 'are'} not what was saved with the model (its "
            f"sha256 in {ABOUT} is another): damaged, or changed since. Copy the folder again, or train again."
        )


def files_of(kind: str, folder: Path) -> tuple[str, ...]:
    """The files of a model folder without its README. Raises ModelError for an encoder without its tokenizer's."""
    return (ABOUT, TEXT, *(encoder_files(folder) if kind == "encoder" else (WEIGHTS,)))


def with_info(classifier: Classifier, **changes: Any) -> Classifier:
    """The classifier with some of its info replaced, in place."""
    classifier.info = replace(classifier.info, **changes)
    return classifier


def _bare_card(info: ModelInfo) -> str:
    return f"# {info.display_name}\n\nSaved by detente {info.version}; tasks: {', '.join(info.tasks)}.\n"


def _write(path: Path, data: dict[str, Any]) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
