"""Runs of a sweep: whether one is finished, and which was best."""

from __future__ import annotations

from detente.errors import TrackingError
from detente.tracking.options import TrackingOptions
from detente.tracking.runs import run_status
from detente.tracking.store import open_store

BEST = "best_of_sweep"


def is_finished(options: TrackingOptions, run_id: str | None) -> bool:
    """Whether a run is FINISHED in the experiment asked for; without tracking every run counts. Raises TrackingError."""
    if options.kind == "none":
        return True
    mlflow = open_store(options.uri)
    if run_id is None or run_status(mlflow, run_id) != "FINISHED":
        return False
    experiment = mlflow.get_experiment_by_name(options.experiment)
    return experiment is not None and mlflow.get_run(run_id).info.experiment_id == experiment.experiment_id


def mark_best(options: TrackingOptions, run_id: str | None, reason: str) -> None:
    """Tag the best run of a sweep with the reason. Raises TrackingError if the store is lost, or has no such run any more."""
    if options.kind == "none" or run_id is None:
        return
    client = open_store(options.uri).MlflowClient()
    try:
        client.set_tag(run_id, BEST, reason)
    except Exception as error:  # SQLAlchemy's, requests' and mlflow's own
        reason = type(error).__name__
        raise TrackingError(f"the MLflow store did not take the tag {BEST} of the run {run_id} ({reason}).") from error
