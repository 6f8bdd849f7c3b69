"""A run to be compared, read from its folder or from the store: its stored predictions, and what they are of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import InputError, ModelError, TrackingError
from detente.model.folder import read_info
from detente.passwords import without_passwords
from detente.tracking.store import open_store, shown_store
from detente.training.finished import PREDICTIONS, check_predictions, read_result

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

    path = folder / PREDICTIONS
    try:
        result = read_result(folder)
        config = strict_json.read_object(folder / "config.json")
        info = read_info(folder / "model")
        check_predictions(result)
        rows = pq.read_table(path).to_pylist()
    except (OSError, ValueError, OverflowError, pa.ArrowException, InputError, ModelError) as error:
        raise InputError(
            f"{folder}: no run with predictions ({error}); expected a folder that `detente train` wrote (runs/...), or the "
            "id of a run in MLflow."
        ) from error
    config = _flat({**config, "data_digest": info.data_digest, "encoder_digest": result.encoder_digest})
    _check_rows(rows, str(path))
    return TrackedRun(info.name, result.run_id, result.split, info.data_digest, with_task(config), tuple(rows))


def _check_rows(rows: Sequence[Mapping[str, Any]], where: str) -> None:
    """Raise InputError for predictions that lack a column, or rows, or have something else in a cell than is written there."""
    if not rows:
        raise InputError(f"{where}: no row; expected the predictions that `detente train` writes.")
    for row in rows:
        if missing := sorted({"sentence_id", "group_id"} - row.keys()):
            raise InputError(f"{where}: lacks {' and '.join(missing)}; expected the predictions that `detente train` writes.")
        wrong = next((name for name, value in row.items() if not isinstance(value, _kinds(name))), None)
        if wrong is not None:
            given = strict_json.shown(row[wrong])
            raise InputError(f"{where}: '{wrong}' is {given}; expected the predictions that `detente train` writes.")


def _kinds(column: str) -> tuple[type, ...]:
    """What may stand in a column of predictions."""
    if column in ("sentence_id", "group_id"):
        return (str,)
    if column in ("fold", "seed"):
        return (int, type(None))
    return (int, float, type(None)) if "_prob_" in column else (str, int, float, date, type(None))


def _from_store(run_id: str, tracking_uri: str) -> TrackedRun:
    where = f"run {run_id} at {shown_store(tracking_uri)}"
    try:
        mlflow = open_store(tracking_uri, read=True)
    except TrackingError as error:
        raise TrackingError(f"{run_id}: no such run: no folder of this name, and {error}") from error
    try:
        run = mlflow.get_run(run_id)
    except Exception as error:  # the store's own, or requests'
        raise TrackingError(
            f"{where}: no such run. Expected a folder of `detente train` (runs/...), or a run id as `detente train` prints it."
        ) from error
    try:
        path = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="predictions.json"))
        table = strict_json.parse_object(strict_json.read_text(path), str(path), nan_as_null=True)
        rows = tuple(dict(zip(table["columns"], values, strict=True)) for values in table["data"])
    except Exception as error:
        raise InputError(
            f"{where} has no predictions (status {run.info.status}; its files should be at "
            f"{without_passwords(run.info.artifact_uri)}); expected a finished run of `detente train` or `detente evaluate`, "
            "not one of its folds, and its files on this machine."
        ) from error
    _check_rows(rows, where)
    split = next(
        (name for name in SPLITS if any(key.startswith(f"{name}/") and key.endswith("macro_f1") for key in run.data.metrics)),
        "oof",
    )
    return TrackedRun(
        name=str(run.info.run_name).removesuffix(f", {run.data.tags.get('task', '')}"),
        run_id=run_id,
        split=split,
        data_digest=str(run.data.params.get("data_digest", "")),
        config=with_task({**run.data.params, **_of_evaluated(run.data.tags)}),
        rows=rows,
    )


def with_task(config: Mapping[str, str]) -> dict[str, str]:
    """Flat parameters with the task where it is kept now; runs of before have it under ``task.name``."""
    named = {"task": config["task.name"]} if "task.name" in config else {}
    return {**{name: value for name, value in config.items() if name != "task.name"}, **named}


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
