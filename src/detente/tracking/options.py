"""What a configuration says of tracking."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detente.errors import ConfigError
from detente.evaluation.directions import direction_of


@dataclass(frozen=True)
class TrackingOptions:
    """Where runs are tracked; ``kind`` is mlflow or none. An empty ``uri`` is MLFLOW_TRACKING_URI, else ./mlflow.db.

    With ``register`` the run's model becomes a version of the registered model of that name, and ``alias`` goes to the version
    with the best ``metric`` of the scored split: the lowest where lower is better, as of log_loss. An empty ``alias`` leaves
    aliases alone.
    """

    kind: str = "mlflow"
    uri: str = ""
    experiment: str = "detente"
    run_name: str = ""
    log_model: bool = True
    register: str = ""
    alias: str = "best"
    metric: str = "macro_f1"


def check_tracking(options: TrackingOptions) -> None:
    """Raises ConfigError for values that would be found out only after the training."""
    if options.kind not in ("mlflow", "none"):
        raise ConfigError(f"tracking.kind: expected mlflow or none, got '{options.kind}'.")
    if options.kind == "mlflow" and not options.experiment.strip():
        raise ConfigError(f"tracking.experiment: expected a name, got '{options.experiment}'.")
    if not options.register:
        return
    if options.kind == "none" or not options.log_model:
        raise ConfigError("tracking.register: expected tracking.kind=mlflow and tracking.log_model=true with it.")
    if re.search(r"[/:@]", options.register):
        raise ConfigError(f"tracking.register: expected a name without '/', ':' and '@', got '{options.register}'.")
    if options.alias and (not re.fullmatch(r"[\w-]+", options.alias) or re.fullmatch(r"v\d+|latest", options.alias, re.I)):
        raise ConfigError(
            f"tracking.alias: expected letters, digits, '_' and '-', and neither 'latest' nor 'v1' and the like, "
            f"got '{options.alias}'."
        )
    if options.alias:
        direction_of(options.metric, "tracking.metric")
