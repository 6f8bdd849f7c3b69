"""A classifier of ours as the start of another: what is taken from it, and what it has seen before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from detente.model.classifier import ModelInfo, sentence_hash
from detente.model.folder import read_info
from detente.model.heads import shared_tasks
from detente.model.names import is_model_folder
from detente.records import Example
from detente.tasks import Task
from detente.training.options import TrainOptions


def start_of(encoder: Path | None) -> ModelInfo | None:
    """The classifier whose encoder it is; None for a mere encoder. Raises ModelError."""
    return read_info(encoder) if encoder is not None and is_model_folder(encoder) else None


def said_of_head(encoder: Path, options: TrainOptions, tasks: Sequence[Task]) -> str:
    """What becomes of the head of a start; empty where there is none. Raises ModelError."""
    if start_of(encoder) is None:
        return ""
    if not options.stepwise:
        return "of the classifier the encoder is read; a probe has a head of its own"
    shared = shared_tasks(encoder, {task.name: task.labels for task in tasks})
    return f"its head is trained on for {' and '.join(shared)}" if shared else "its head is left, a new one drawn"


def seen_before(encoder: Path | None, scored: Sequence[Example]) -> str:
    """A warning where a start was trained on sentences that the run is scored on; empty where it was not."""
    start = start_of(encoder)
    hashes = start.training_hashes if start else frozenset()
    n_seen = sum(sentence_hash(row.text) in hashes for row in scored) if hashes else 0
    if start is None or not n_seen:
        return ""
    return (
        f"{start.display_name}, which this run starts from, was trained on {n_seen} of the {len(scored)} sentences that "
        "the run is scored on: its scores are too good."
    )
