"""The one way from a MODEL argument of a command to a model folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from detente import strict_json
from detente.errors import InputError
from detente.model.names import is_uri, named_folder


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model folder, and the tracked run that made it where that is known."""

    folder: Path
    run_id: str | None


def find_model(model: str) -> FoundModel:
    """The folder behind a MODEL argument: a path, a shipped model's name, a run id, runs:/ID/model or models:/NAME/VERSION.

    MLflow is loaded only for what lies in it. Raises ModelError, UsageError, TrackingError.
    """
    if is_uri(model):
        from detente.tracking.store import model_folder

        run_id = model.removeprefix("runs:/").split("/")[0]
        return FoundModel(model_folder(model), None if model.startswith("models:/") else run_id)
    folder = named_folder(model)
    return FoundModel(folder, _run_id_beside(folder))


def _run_id_beside(folder: Path) -> str | None:
    """The tracked run of a model folder inside a run's folder."""
    try:
        run_id = strict_json.read_object(folder.parent / "result.json").get("run_id")
    except InputError:  # it need not be a run's folder that the model lies in
        return None
    return run_id if isinstance(run_id, str) and run_id else None
