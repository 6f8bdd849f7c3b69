"""MLflow, and nothing else that knows of it: the recorder of runs, and models served from them."""

from detente.tracking.evaluations import evaluation_run, find_model
from detente.tracking.registry import register
from detente.tracking.runs import mlflow_run
from detente.tracking.store import check_tracking_store, model_folder, open_experiment, open_store
from detente.tracking.sweeps import is_finished, mark_best

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
