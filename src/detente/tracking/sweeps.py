"""Runs of a sweep: whether one is finished, and which was best."""

from __future__ import annotations

from collections.abc import Mapping

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


def mark_best(options: TrackingOptions, scores: Mapping[str, float], metric: str) -> str:
    """Tag the best run of a sweep, ``run_id`` → score, with the reason; returns the reason. Raises TrackingError."""
    best = max(scores, key=lambda run_id: scores[run_id])
    reason = f"highest {metric} of {len(scores)} runs: {scores[best]:.4f}"
    if options.kind != "none":
        open_store(options.uri).MlflowClient().set_tag(best, BEST, reason)
    return reason
