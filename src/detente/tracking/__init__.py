"""MLflow, and nothing else that knows of it: the recorder of runs, and models served from them."""

from detente.tracking.runs import mlflow_run
from detente.tracking.store import model_folder, open_store

__all__ = ["mlflow_run", "model_folder", "open_store"]
