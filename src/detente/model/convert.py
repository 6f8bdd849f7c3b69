"""Turn the pickled weights of a hub repository into safetensors, once and on purpose.

    python -m detente.model.convert FOLDER OUT

FOLDER holds pytorch_model.bin, config.json, vocab.txt and bpe.codes (``hf download vinai/phobert-base --local-dir FOLDER``);
OUT can be given as ``model.path=OUT``. torch reads the pickle with ``weights_only=True``, which admits tensors and nothing
that runs. Nothing else in this package reads a pickle.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from detente.atomic import new_folder, weights_written
from detente.errors import DetenteError, ModelError
from detente.markers import check_replaceable
from detente.model.phobert import TOKENIZER_FILES
from detente.outputs import check_outputs


def convert_to_safetensors(folder: Path, out: Path) -> None:
    """Write ``out`` as ``folder`` with model.safetensors in place of pytorch_model.bin.

    Raises ModelError for a folder that lacks a file; InputError or UsageError where ``out`` would overwrite anything but this.
    """
    import torch
    from safetensors.torch import save_file

    needed = ("pytorch_model.bin", "config.json", *TOKENIZER_FILES)
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder}: lacks {', '.join(missing)}; expected {', '.join(needed)}.")
    check_outputs([folder], folders=[out])
    check_replaceable(out, "encoder")
    state = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
    tensors = {name: tensor.clone().contiguous() for name, tensor in state.items() if isinstance(tensor, torch.Tensor)}
    with new_folder(out, "encoder") as temporary, weights_written(out / "model.safetensors"):
        save_file(tensors, str(temporary / "model.safetensors"), metadata={"format": "pt"})
        for name in needed[1:]:
            shutil.copyfile(folder / name, temporary / name)


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
