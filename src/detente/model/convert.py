"""Turn an encoder's pickled weights into safetensors, and its slow tokenizer into a fast one, once and on purpose.

    python -m detente.model.convert FOLDER OUT

FOLDER is what the hub has (``hf download vinai/phobert-base --local-dir FOLDER``): config.json, pytorch_model.bin or
model.safetensors, and the tokenizer's files; OUT can be given as ``model.path=OUT``. torch reads the pickle with
``weights_only=True``, which admits tensors and nothing that runs. Nothing else in this package reads a pickle.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.atomic import new_folder, weights_written
from detente.errors import DetenteError, ModelError
from detente.markers import check_replaceable
from detente.model.encoder_config import encoder_config
from detente.model.families import FAMILIES, family_of
from detente.model.network import quiet
from detente.outputs import check_outputs

_PICKLE, _WEIGHTS, _SHARDS = "pytorch_model.bin", "model.safetensors", "model.safetensors.index.json"
_FEW_LETTERS = 0.1
_COPIED = ("config.json", "tokenizer_config.json", "special_tokens_map.json", "LICENSE")


def convert_to_safetensors(folder: Path, out: Path) -> None:
    """Write ``out`` as ``folder`` with model.safetensors in place of a pickle, and with a fast tokenizer.

    Raises ModelError for a folder that lacks a file, or a tokenizer that cannot be made fast here; InputError or UsageError
    where ``out`` would overwrite anything but this.
    """
    _check_files(folder)
    check_outputs([folder], folders=[out])
    check_replaceable(out, "encoder")
    with new_folder(out, "encoder") as temporary, weights_written(out / _WEIGHTS):
        for name in _COPIED:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, temporary / name)
        _write_weights(folder, temporary)
        _write_tokenizer(folder, temporary)


def _check_files(folder: Path) -> None:
    weights = [name for name in (_PICKLE, _WEIGHTS, _SHARDS) if (folder / name).is_file()]
    if not (folder / "config.json").is_file() or not weights:
        raise ModelError(
            f"{folder}: expected config.json, and {_PICKLE}, {_WEIGHTS} or shards with {_SHARDS}, and the tokenizer's files."
        )
    encoder_config(folder)  # what no command would read is not written


def _write_weights(folder: Path, out: Path) -> None:
    if (folder / _WEIGHTS).is_file():
        shutil.copyfile(folder / _WEIGHTS, out / _WEIGHTS)
        return
    import torch
    from safetensors.torch import load_file, save_file

    if (folder / _SHARDS).is_file():
        save_file(
            {name: tensor for path in _shards(folder) for name, tensor in load_file(path).items()},
            str(out / _WEIGHTS),
            metadata={"format": "pt"},
        )
        return
    state: dict[str, Any] = torch.load(folder / _PICKLE, map_location="cpu", weights_only=True)
    tensors = {name: tensor.clone().contiguous() for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}
    save_file(tensors, str(out / _WEIGHTS), metadata={"format": "pt"})


def _shards(folder: Path) -> list[Path]:
    """The files that hold the weights in parts. Raises ModelError for one that is missing, or no file of the folder."""
    index = strict_json.read_object(folder / _SHARDS, error=ModelError)
    named = index.get("weight_map")
    names = sorted({str(name) for name in named.values()}) if isinstance(named, dict) else []
    wrong = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
    if wrong or not names:
        raise ModelError(f"{folder / _SHARDS}: names {', '.join(wrong[:3]) or 'no shard'}; expected files of the folder.")
    return [folder / name for name in names]


def _write_tokenizer(folder: Path, out: Path) -> None:
    """The tokenizer's files, or a fast one made of them."""
    for family in FAMILIES.values():
        if all((folder / name).is_file() for name in family.files):
            for name in family.files:
                shutil.copyfile(folder / name, out / name)
            return
    from transformers import AutoTokenizer

    try:
        with quiet():
            made = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            if made.is_fast:
                made.save_pretrained(out)
                _check_letters(folder, made.backend_tokenizer)
    except ModelError:
        raise
    except Exception as error:  # a missing package, a missing or a damaged file
        line = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise ModelError(f"{folder}: no fast tokenizer can be made of its files ({line}).") from error
    family_of(out)


def _check_letters(folder: Path, backend: Any) -> None:
    """Raise ModelError where the normaliser takes letters away that the vocabulary has: capitals or accents."""
    words = [token for token in backend.get_vocab() if not token.startswith(("[", "<"))]  # no special tokens
    letters = {char for token in words for char in token if char.isupper() or (char.isalpha() and not char.isascii())}
    lost = sorted(char for char in letters if backend.normalizer and backend.normalizer.normalize_str(char) != char)
    if len(lost) > _FEW_LETTERS * len(letters):
        raise ModelError(
            f"{folder}: the vocabulary has letters ({', '.join(lost[:5])}) that the tokenizer made of it would take away, for "
            'nothing says whether it is cased. Write {"do_lower_case": false} into tokenizer_config.json, and convert again.'
        )


def main(arguments: list[str]) -> int:
    """Run the conversion from the command line."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        convert_to_safetensors(Path(arguments[0]), Path(arguments[1]))
    except (DetenteError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"wrote {arguments[1]}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
