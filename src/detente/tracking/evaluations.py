"""An evaluation of a model as an MLflow run of its own, tagged with the run that trained the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from detente import strict_json
from detente._version import __version__
from detente.dataset import LabelledDataset
from detente.errors import InputError
from detente.model.classifier import ModelInfo
from detente.tasks import title
from detente.tracking.options import TrackingOptions
from detente.tracking.runs import mlflow_run
from detente.tracking.store import looks_like_uri, model_folder
from detente.training.recorder import Recorder


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model folder, and the tracked run that made it where that is known."""

    folder: Path
    run_id: str | None


def find_model(model: str) -> FoundModel:
    """The folder behind a MODEL argument: a path, a run id, runs:/ID/model or models:/NAME/VERSION.

    Raises ModelError.
    """
    if looks_like_uri(model) and not Path(model).exists():
        run_id = model.removeprefix("runs:/").split("/")[0]
        return FoundModel(model_folder(model), None if model.startswith("models:/") else run_id)
    return FoundModel(Path(model), _run_id_beside(Path(model)))


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


def _run_id_beside(folder: Path) -> str | None:
    """The tracked run of a model folder inside a run's folder."""
    try:
        run_id = strict_json.read_object(folder.parent / "result.json").get("run_id")
    except InputError:  # it need not be a run's folder that the model lies in
        return None
    return run_id if isinstance(run_id, str) and run_id else None
