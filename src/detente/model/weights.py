"""model.safetensors of an encoder: read only if it holds the tensors that config.json asks for, and numbers in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detente.errors import ModelError

Shapes = Mapping[str, tuple[int, ...]]

_BODY = "roberta."
_HEADS = ("classifier.", "probe.")
_BESIDE = (*_HEADS, "lm_head.", "cls.")
"""What stands beside the body: heads, for this end and for those of pretraining."""
_BUFFERS = ("position_ids", "token_type_ids")
"""Written by older versions of transformers, computed by this one."""
_FLOATS = ("F16", "BF16", "F32", "F64")


def read_weights(path: Path, expected: Shapes, *, fresh_head: bool) -> dict[str, Any]:
    """The tensors of a file, if they are those of the network; ``fresh_head`` leaves out its head, and heads in the file.

    Raises ModelError for a file that is damaged, for tensors that are missing, more or of another shape, and for numbers that
    are none. Nothing is allocated before the shapes agree.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        _check_shapes(path, expected, fresh_head=fresh_head)
        tensors = {_full(name): tensor for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{path}: the weights cannot be loaded ({error}). Copy the file again, or train again.") from error
    kept = {name: tensor for name, tensor in tensors.items() if name in expected and not (fresh_head and _is_head(name))}
    for name, tensor in kept.items():
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError(
                f"{path}: the tensor {name} holds NaN or infinity; its predictions would mean nothing. Copy the file again, or "
                "train again."
            )
    return kept


def _check_shapes(path: Path, expected: Shapes, *, fresh_head: bool) -> None:
    stored, kinds = _header(path)
    wanted = {name: shape for name, shape in expected.items() if not (fresh_head and _is_head(name))}
    if missing := sorted(wanted.keys() - stored.keys()):
        raise ModelError(
            f"{path.parent}: {path.name} lacks {len(missing)} of the model's tensors, first {missing[0]}; expected all. The "
            "file belongs to another architecture, or was cut short."
        )
    ignored = (*_BESIDE, "pooler.") if fresh_head else ()
    others = sorted(stored.keys() - wanted.keys())
    others = [name for name in others if not name.endswith(_BUFFERS) and not name.removeprefix(_BODY).startswith(ignored)]
    if others:
        raise ModelError(
            f"{path.parent}: {path.name} holds {len(others)} tensors for which config.json has no place, first {others[0]}; "
            "expected those of the model alone. One of the two files belongs to another model."
        )
    for name, shape in wanted.items():
        if stored[name] != shape or kinds[name] not in _FLOATS:
            raise ModelError(
                f"{path.parent}: in {path.name} the tensor {name} has shape {stored[name]} and type {kinds[name]}; config.json "
                f"asks for {shape} and a float. One of the two files belongs to another model."
            )


def _header(path: Path) -> tuple[Shapes, dict[str, str]]:
    """Shapes and types of the tensors in a file, by their full names."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as stored:
        slices = {_full(name): stored.get_slice(name) for name in stored.keys()}  # noqa: SIM118 - no mapping
        return {name: tuple(each.get_shape()) for name, each in slices.items()}, {
            name: str(each.get_dtype()) for name, each in slices.items()
        }


def _full(name: str) -> str:
    """An encoder without a head is stored without the network's name for it."""
    return name if name.startswith((_BODY, *_BESIDE)) else _BODY + name


def _is_head(name: str) -> bool:
    return name.startswith(_HEADS)
