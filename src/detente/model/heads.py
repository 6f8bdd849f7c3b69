"""A classifier as the start of another: of its head what serves the same tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from detente.model.about import read_about
from detente.model.architectures import architecture_of
from detente.model.classifier import Tasks
from detente.model.encoder_config import encoder_config
from detente.model.names import is_model_folder
from detente.model.network import is_probe, load_network

_LAST = ("classifier.out_proj", "classifier")
"""What gives the logits, a row a label; what else is in a head serves all tasks."""


def shared_tasks(folder: Path, tasks: Tasks) -> tuple[str, ...]:
    """The tasks for which a folder has a head that can be trained on: name and labels are the same, and it is no probe's."""
    if not is_model_folder(folder) or is_probe(encoder_config(folder)):
        return ()
    stored = read_about(folder).tasks
    return tuple(name for name, labels in tasks.items() if stored.get(name) == labels)


def take_heads(network: Any, folder: Path, tasks: Tasks) -> None:
    """Copy into a network over ``tasks`` the head of a model folder: rows of the tasks they share, and what serves them all.

    Where they share none, or the folder is no classifier's, the head stays as it was drawn. Raises ModelError.
    """
    shared = shared_tasks(folder, tasks)
    if not shared:
        return
    import torch

    stored_tasks = read_about(folder).tasks
    stored = load_network(folder, sum(map(len, stored_tasks.values()))).state_dict()
    heads = architecture_of(network).heads
    here, there = _rows(tasks), _rows(stored_tasks)
    with torch.no_grad():
        for name, parameter in network.state_dict().items():
            if not name.startswith(heads):
                continue
            if name.rpartition(".")[0] != _last(stored):
                parameter.copy_(stored[name])
                continue
            for task in shared:
                parameter[here[task]] = stored[name][there[task]]


def _last(state: Mapping[str, Any]) -> str:
    return next(name for name in _LAST if f"{name}.weight" in state)


def _rows(tasks: Tasks) -> dict[str, slice]:
    return dict(_slices(tasks))


def _slices(tasks: Tasks) -> Iterator[tuple[str, slice]]:
    start = 0
    for name, labels in tasks.items():
        yield name, slice(start, start + len(labels))
        start += len(labels)
