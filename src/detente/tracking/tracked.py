"""A run to be compared, read from its folder or from the store: its stored predictions, and what they are of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detente.errors import InputError, TrackingError
from detente.tracking.store import open_store

SPLITS = ("oof", "validation", "test", "train")


@dataclass(frozen=True)
class TrackedRun:
    """``config`` holds flat parameters with the digests of data and encoder, ``rows`` the stored predictions.

    ``run_id`` is None for a run that was not tracked.
    """

    name: str
    run_id: str | None
    split: str
    data_digest: str
    config: Mapping[str, str] = field(repr=False)
    rows: tuple[Mapping[str, Any], ...] = field(repr=False)

    @property
    def folds(self) -> dict[str, Any]:
        """sentence_id → the fold it was held out in."""
        return {str(row["sentence_id"]): row.get("fold") for row in self.rows}


def read_run(run: str, tracking_uri: str = "") -> TrackedRun:
    """A run by its folder (runs/...) or its id in the store. Raises InputError for one without predictions, TrackingError."""
    folder = Path(run)
    return _from_folder(folder) if folder.is_dir() else _from_store(run, tracking_uri)


def _from_folder(folder: Path) -> TrackedRun:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(folder / "predictions.parquet").to_pylist()
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        about = json.loads((folder / "model" / "detente.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, pa.ArrowInvalid) as error:
        raise InputError(
            f"{folder}: no run with predictions ({error}); expected a folder that `detente train` wrote (runs/...), or the "
            "id of a "
            "run in MLflow."
        ) from error
    digests = {"data_digest": about["data_digest"], "encoder_digest": result.get("encoder_digest", "")}
    config = _flat({**config, **digests})
    return TrackedRun(about["name"], result["run_id"], result["split"], about["data_digest"], config, tuple(rows))


def _from_store(run_id: str, tracking_uri: str) -> TrackedRun:
    mlflow = open_store(tracking_uri)
    where = f"run {run_id} at {mlflow.get_tracking_uri()}"
    try:
        run = mlflow.get_run(run_id)
    except Exception as error:  # the store's own, or requests'
        raise TrackingError(
            f"{where}: no such run. Expected a folder of `detente train` (runs/...), or a run id as `detente train` prints it."
        ) from error
    try:
        table = json.loads(
            Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="predictions.json")).read_text("utf-8")
        )
        rows = tuple(dict(zip(table["columns"], values, strict=True)) for values in table["data"])
    except Exception as error:
        raise InputError(
            f"{where} has no predictions (status {run.info.status}); expected a finished run of `detente train` or `detente "
            "evaluate`, "
            "and not one of its folds."
        ) from error
    split = next(
        (name for name in SPLITS if any(key.startswith(f"{name}/") and key.endswith("macro_f1") for key in run.data.metrics)),
        "oof",
    )
    return TrackedRun(
        name=str(run.info.run_name).removesuffix(f", {run.data.params.get('task.name', '')}"),
        run_id=run_id,
        split=split,
        data_digest=str(run.data.params.get("data_digest", "")),
        config={**run.data.params, **_of_evaluated(run.data.tags)},
        rows=rows,
    )


def _of_evaluated(tags: Mapping[str, str]) -> dict[str, str]:
    """What tells the model of an evaluation from others of its name."""
    return {"model_run_key": tags["model_run_key"]} if tags.get("model_run_key") else {}


def _flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in config.items():
        flat |= (
            _flat(value, f"{prefix}{key}.")
            if isinstance(value, dict)
            else {f"{prefix}{key}": str(value) if value != "" else "(empty)"}
        )
    return flat
