"""MLflow, and nothing else that knows of it: the recorder of runs, and models served from them.

Each name is imported when it is asked for: to find a model in a folder takes nothing of the rest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.tracking.evaluations import evaluation_run
    from detente.tracking.models import find_model
    from detente.tracking.registry import register
    from detente.tracking.runs import mlflow_run
    from detente.tracking.store import check_tracking_store, model_folder, open_experiment, open_store
    from detente.tracking.sweeps import is_finished, mark_best

_HOMES = {
    "check_tracking_store": "store",
    "evaluation_run": "evaluations",
    "find_model": "models",
    "is_finished": "sweeps",
    "mark_best": "sweeps",
    "mlflow_run": "runs",
    "model_folder": "store",
    "open_experiment": "store",
    "open_store": "store",
    "register": "registry",
}

__all__ = [
    "check_tracking_store",
    "evaluation_run",
    "find_model",
    "is_finished",
    "mark_best",
    "mlflow_run",
    "model_folder",
    "open_experiment",
    "open_store",
    "register",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'detente.tracking' has no attribute '{name}'")
    return getattr(import_module(f"detente.tracking.{_HOMES[name]}"), name)
