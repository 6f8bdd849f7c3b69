"""Where an encoder's files are: a folder, or the hub's snapshot, fetched once and only when it is named."""

from __future__ import annotations

from pathlib import Path

from detente.errors import ModelError
from detente.model.families import BODY_FILES, FAMILIES, family_of
from detente.model.names import named_folder

_BESIDE = ("LICENSE", "README.md", "tokenizer_config.json", "special_tokens_map.json", "*.model")
_OTHER_WEIGHTS = ("pytorch_model.bin", "model.safetensors.index.json", "model-*-of-*.safetensors")
"""Of a repository that has no model.safetensors: what can be converted. Many have both, and each is all of the weights."""


def resolve_encoder(path: str, hub_id: str, revision: str = "main") -> Path:
    """The local folder of an encoder: ``path`` if given, else the hub's snapshot, fetched once. Raises ModelError, UsageError.

    A model folder, or the name of a shipped model, is an encoder too: that of the classifier.
    """
    folder = named_folder(path) if path else _snapshot(hub_id, revision)
    where = str(folder) if path else f"{hub_id} (revision {revision})"
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; expected an encoder ({_expected()}).")
    missing = [name for name in BODY_FILES if not (folder / name).is_file()]
    if not missing:
        family_of(folder)
        return folder
    message = f"{where}: lacks {', '.join(missing)}; expected an encoder ({_expected()})."
    convertible = {"pytorch_model.bin": "a pickle", "model.safetensors.index.json": "weights in shards"}
    there = next((name for name in convertible if (folder / name).is_file()), None)
    if "model.safetensors" in missing and there:
        message += (
            f" It has {there}, {convertible[there]}, which is not read here. Convert it once: "
            f'python -m detente.model.convert "{folder}" OUT, then name OUT in its place.'
        )
    raise ModelError(message)


def _expected() -> str:
    tokenizers = " or ".join(" and ".join(family.files) for family in FAMILIES.values())
    return f"{', '.join(BODY_FILES)}, and {tokenizers}"


def _snapshot(hub_id: str, revision: str) -> Path:
    if not hub_id:
        raise ModelError("no encoder named; set model.path=FOLDER or model.hub_id=OWNER/NAME.")
    from huggingface_hub import snapshot_download

    wanted = [*BODY_FILES, *(name for family in FAMILIES.values() for name in family.files), *_BESIDE]
    try:
        folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=wanted))
        if not (folder / "model.safetensors").is_file():
            folder = Path(snapshot_download(hub_id, revision=revision, allow_patterns=[*wanted, *_OTHER_WEIGHTS]))
        return folder
    except Exception as error:  # the hub client raises from half a dozen libraries
        raise ModelError(
            f"{hub_id} (revision {revision}): the Hugging Face hub cannot be reached, or has no such model "
            f"({type(error).__name__}). Download it where there is a network (hf download {hub_id} --local-dir FOLDER) and "
            "set model.path=FOLDER, or take the embedded encoder: model=mini"
        ) from error
