"""What a configuration says of tracking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrackingOptions:
    """Where runs are tracked; ``kind`` is mlflow or none. An empty ``uri`` is MLFLOW_TRACKING_URI, else ./mlflow.db."""

    kind: str = "mlflow"
    uri: str = ""
    experiment: str = "detente"
    run_name: str = ""
    log_model: bool = True
