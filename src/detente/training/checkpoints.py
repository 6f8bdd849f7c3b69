"""Checkpoints that survive a kill: tensors in safetensors, no pickle; two are kept, and a digest shows a torn one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.atomic import new_file, weights_written, write_text


@dataclass(frozen=True)
class Checkpoint:
    """What was saved; ``facts`` is JSON, ``number`` counts upwards."""

    number: int
    tensors: Mapping[str, Any]
    facts: Mapping[str, Any]


class Checkpoints:
    """The checkpoints of one training in a folder: the newest, and the one before it for the case that the newest is torn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, number: int, tensors: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """Write a checkpoint; the ones before stay until it is whole. Raises OSError, as for a disk that is full."""
        from safetensors.torch import save_file

        path = self.folder / f"{number:09}.safetensors"
        with new_file(path) as temporary, weights_written(path):
            save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, temporary, {"facts": json.dumps(facts)})
            digest = _digest(temporary)
        write_text(path.with_suffix(".sha256"), digest + "\n")
        for old in self._numbers()[:-2]:
            for suffix in (".safetensors", ".sha256"):
                (self.folder / f"{old:09}{suffix}").unlink(missing_ok=True)

    def load(self) -> Checkpoint | None:
        """The newest checkpoint that is whole; None if there is none."""
        from safetensors import safe_open

        for number in reversed(self._numbers()):
            path = self.folder / f"{number:09}.safetensors"
            digest = path.with_suffix(".sha256")
            if not digest.is_file() or digest.read_text(encoding="utf-8").strip() != _digest(path):
                continue
            with safe_open(path, "pt") as stored:
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 - not a dict
                return Checkpoint(number, tensors, json.loads(stored.metadata()["facts"]))
        return None

    def _numbers(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.safetensors"))


def optimizer_tensors(optimizer: Any) -> dict[str, Any]:
    """The moments of an optimizer as a flat mapping."""
    import torch

    return {
        f"optimizer.{at}.{name}": torch.as_tensor(value)
        for at, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def restore_optimizer(optimizer: Any, tensors: Mapping[str, Any]) -> None:
    """Put the moments of ``optimizer_tensors`` back."""
    state: dict[int, dict[str, Any]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, at, name = key.split(".")
            state.setdefault(int(at), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
