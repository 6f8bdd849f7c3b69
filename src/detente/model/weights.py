"""model.safetensors of an encoder: read only if it holds the tensors that config.json asks for, and numbers in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.architectures import Architecture

Shapes = Mapping[str, tuple[int, ...]]

_PROBE = "probe."
_RENAMED = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
_BUFFERS = ("position_ids", "token_type_ids")
"""Written by older versions of transformers, computed by this one."""
_FLOATS = ("F16", "BF16", "F32", "F64")


def read_weights(path: Path, expected: Shapes, architecture: Architecture, *, fresh_head: bool) -> dict[str, Any]:
    """The tensors of a file, if they are those of the network; ``fresh_head`` leaves out its head, and heads in the file.

    With it parts that the architecture calls optional are left out too where the file has none.
    Raises ModelError for a file that is damaged, for tensors that are missing, more or of another shape, and for numbers that
    are none. Nothing is allocated before the shapes agree.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        _check_shapes(path, expected, architecture, fresh_head=fresh_head)
        tensors = {_full(name, architecture): tensor for name, tensor in load_file(path).items()}
    except (SafetensorError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"{path}: the weights cannot be loaded ({error}). Copy the file again, or train again.") from error
    left_out = _heads(architecture) if fresh_head else ()
    kept = {name: tensor for name, tensor in tensors.items() if name in expected and not name.startswith(left_out)}
    for name, tensor in kept.items():
        if not bool(torch.isfinite(tensor).all()):
            raise ModelError(
                f"{path}: the tensor {name} holds NaN or infinity; its predictions would mean nothing. Copy the file again, or "
                "train again."
            )
    return kept


def _check_shapes(path: Path, expected: Shapes, architecture: Architecture, *, fresh_head: bool) -> None:
    stored, kinds = _header(path, architecture)
    heads = _heads(architecture) if fresh_head else ()
    wanted = {name: shape for name, shape in expected.items() if not name.startswith(heads)}
    if fresh_head:
        wanted = {name: shape for name, shape in wanted.items() if name in stored or not name.startswith(architecture.optional)}
    if missing := sorted(wanted.keys() - stored.keys()):
        raise ModelError(
            f"{path.parent}: {path.name} lacks {len(missing)} of the model's tensors, first {missing[0]}; expected all. The "
            "file belongs to another architecture, or was cut short."
        )
    ignored = (*heads, *architecture.passed_over, *architecture.optional) if fresh_head else ()
    others = sorted(stored.keys() - wanted.keys())
    others = [name for name in others if not name.endswith(_BUFFERS) and not name.startswith(ignored)]
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


def _header(path: Path, architecture: Architecture) -> tuple[Shapes, dict[str, str]]:
    """Shapes and types of the tensors in a file, by their full names."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as stored:
        slices = {_full(name, architecture): stored.get_slice(name) for name in stored.keys()}  # noqa: SIM118 - no mapping
        return {name: tuple(each.get_shape()) for name, each in slices.items()}, {
            name: str(each.get_dtype()) for name, each in slices.items()
        }


def _full(name: str, architecture: Architecture) -> str:
    """An encoder without a head is stored without the network's name for it, and older files call a norm's parts otherwise."""
    for old, new in _RENAMED.items():
        name = name.removesuffix(old) + new if name.endswith(old) else name
    known = (architecture.body, *_heads(architecture), *architecture.optional, *architecture.passed_over)
    return name if name.startswith(known) else architecture.body + name


def _heads(architecture: Architecture) -> tuple[str, ...]:
    return (*architecture.heads, _PROBE)
