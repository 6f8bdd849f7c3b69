"""An evaluation of a model as an MLflow run of its own, tagged with the run that trained the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from detente._version import __version__
from detente.dataset import LabelledDataset
from detente.model.classifier import ModelInfo
from detente.tasks import title
from detente.tracking.options import TrackingOptions
from detente.tracking.runs import mlflow_run
from detente.training.recorder import Recorder


@contextmanager
def evaluation_run(
    options: TrackingOptions,
    info: ModelInfo,
    dataset: LabelledDataset,
    split: str,
    model_run_id: str | None,
    say: Callable[[str], None] = lambda line: None,
) -> Iterator[Recorder]:
    """Open the run of an evaluation, with what was scored on what. Raises TrackingError."""
    task = title(tuple(info.tasks))
    options = replace(options, register="")  # what is registered is a training run's model
    with mlflow_run(options, f"{info.display_name}, {task}: {dataset.name} {split}", say=say) as recorder:
        recorder.params(
            {
                "model.name": info.name,
                "model.kind": info.kind,
                "task": task,
                "evaluation.split": split,
                "data_digest": dataset.digest,
                "dataset_version": dataset.version,
            }
        )
        recorder.tags(
            {
                "kind": "evaluation",
                "task": task,
                "split": split,
                "model": info.name,
                "dataset_name": dataset.name,
                "model_run_key": info.run_key,
                "model_run_id": model_run_id or "unknown",
                "model_data_digest": info.data_digest,
                "detente_version": __version__,
            }
        )
        yield recorder
