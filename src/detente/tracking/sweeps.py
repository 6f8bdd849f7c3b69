"""Runs of a sweep: whether one is finished, and which was best."""

from __future__ import annotations

from collections.abc import Mapping

from detente.tracking.options import TrackingOptions
from detente.tracking.runs import run_status
from detente.tracking.store import open_store

BEST = "best_of_sweep"


def is_finished(options: TrackingOptions, run_id: str | None) -> bool:
    """Whether a run is FINISHED in the store; without tracking every run counts. Raises TrackingError."""
    if options.kind == "none":
        return True
    return run_id is not None and run_status(open_store(options.uri), run_id) == "FINISHED"


def mark_best(options: TrackingOptions, scores: Mapping[str, float], metric: str) -> str:
    """Tag the best run of a sweep, ``run_id`` → score, with the reason; returns the reason. Raises TrackingError."""
    best = max(scores, key=lambda run_id: scores[run_id])
    reason = f"highest {metric} of {len(scores)} runs: {scores[best]:.4f}"
    if options.kind != "none":
        open_store(options.uri).MlflowClient().set_tag(best, BEST, reason)
    return reason
