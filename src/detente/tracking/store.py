"""Opening the MLflow store, and finding a model in it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from textwrap import shorten
from typing import Any

from detente.errors import ModelError, TrackingError
from detente.passwords import without_passwords
from detente.tracking.options import TrackingOptions, check_tracking
from detente.tracking.schema import ANOTHER, check_store, read_only

DATABASE = Path("mlflow.db")
"""Where a bare ``mlflow ui`` looks."""
ARTIFACTS = Path("mlartifacts")
MODEL = "model"
"""Name of the logged model, and of the model folder inside it."""


def open_store(uri: str = "", *, read: bool = False) -> Any:
    """mlflow, pointed at ``uri``, else MLFLOW_TRACKING_URI, else ./mlflow.db, where a bare ``mlflow ui`` looks.

    Creates the schema of a new database; to ``read``, nothing is created and nothing can be written to a database in a file.
    Raises TrackingError if the store cannot be used, or is none of MLflow's.
    """
    mlflow = _import_mlflow()
    chosen = os.environ.get("MLFLOW_TRACKING_URI")
    target = _target(uri)
    try:
        check_store(target, create=not read)
        mlflow.set_tracking_uri(read_only(target) if read else target)
        # mlflow writes its target into the environment, where the next call would take it for the user's choice.
        if chosen is None:
            os.environ.pop("MLFLOW_TRACKING_URI", None)
        else:
            os.environ["MLFLOW_TRACKING_URI"] = chosen
        mlflow.search_experiments(max_results=1)
    except TrackingError:
        raise
    except Exception as error:  # SQLAlchemy's, requests' and mlflow's own
        raise _unusable(uri, error) from error
    return mlflow


def _unusable(uri: str, error: Exception) -> TrackingError:
    target = _target(uri)
    remedy = f"Start it, {ANOTHER}" if target.startswith("http") else ANOTHER[0].upper() + ANOTHER[1:]
    return TrackingError(
        f"the MLflow store at {without_passwords(target)} cannot be used: {_first_line(error, target)} {remedy}"
    )


def check_tracking_store(options: TrackingOptions) -> None:
    """Raise ConfigError and TrackingError for options, or a store on this machine, that a run could not be tracked with.

    Nothing is opened or written; a server is asked when a run begins.
    """
    check_tracking(options)
    if options.kind != "none" and not (target := _target(options.uri)).startswith("http"):
        _import_mlflow()
        try:
            check_store(target, create=True)
        except TrackingError:
            raise
        except Exception as error:  # the database's own
            raise _unusable(options.uri, error) from error


def shown_store(uri: str = "") -> str:
    """How a store is called in a message: its URI without a password."""
    return without_passwords(_target(uri))


def _target(uri: str) -> str:
    # Absolute: mlflow keeps a store open under its URI, whatever the working directory has become since.
    return uri or os.environ.get("MLFLOW_TRACKING_URI") or _local_uri(DATABASE.absolute())


def _local_uri(path: Path) -> str:
    """The URI of a database file, in a folder of any name.

    SQLAlchemy takes what follows a ``?`` for options and undoes ``%20``; mlflow does neither, and would make the folder
    of the quoted name unless the URI names its driver.
    """
    quoted = str(path).replace("%", "%25").replace("?", "%3F")
    return f"sqlite:///{quoted}" if quoted == str(path) else f"sqlite+pysqlite:///{quoted}"


def open_experiment(options: TrackingOptions) -> None:
    """Make database and experiment where they are absent, before several processes would at once.

    Raises ConfigError and TrackingError.
    """
    check_tracking(options)
    if options.kind != "none":
        experiment_id(open_store(options.uri), options.experiment)


def experiment_id(mlflow: Any, name: str) -> str:
    """The id of an experiment, made if absent; artefacts of a local store go to ./mlartifacts."""
    from mlflow.exceptions import MlflowException

    found = mlflow.get_experiment_by_name(name)
    if found is not None:
        if found.lifecycle_stage != "active":
            raise TrackingError(
                f"the MLflow experiment '{name}' was deleted. Restore it (mlflow experiments restore), or name "
                "another one: for train tracking.experiment=NAME, for evaluate --experiment NAME."
            )
        return str(found.experiment_id)
    local = str(mlflow.get_tracking_uri()).startswith(("sqlite:", "sqlite+"))
    try:
        return str(mlflow.create_experiment(name, ARTIFACTS.absolute().as_uri() if local else None))
    except MlflowException:
        found = mlflow.get_experiment_by_name(name)  # another job made it in between
        if found is None:
            raise
        return str(found.experiment_id)


def model_folder(uri: str, tracking_uri: str = "") -> Path:
    """The model folder inside ``runs:/ID/model``, ``models:/NAME/VERSION``, ``models:/NAME@ALIAS`` or a bare run id.

    Raises ModelError, and TrackingError for a store that cannot be used.
    """
    source = uri if ":" in uri else f"runs:/{uri}/{MODEL}"
    try:
        mlflow = open_store(tracking_uri, read=True)
    except TrackingError as error:
        if ":" in uri:
            raise
        raise ModelError(f"{uri}: no folder of this name, and {error}") from error
    try:
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=source))
    except Exception as error:
        raise ModelError(
            f"{uri}: no such model in the MLflow store at {shown_store(tracking_uri)} ({_first_line(error)}) "
            "Expected a folder, a run id, runs:/ID/model, models:/NAME/VERSION or models:/NAME@ALIAS."
        ) from error
    inside = local / "artifacts" / MODEL
    if not inside.is_dir():
        raise ModelError(f"{uri}: is no model that detente logged (it holds no artifacts/{MODEL}).")
    return inside


def _import_mlflow() -> Any:
    # Before the import, which is when mlflow decides whether to phone home.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # With a server it would print addresses of runs to stdout, which carries data.
    os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
    # Its seven retries keep a training waiting for four minutes a record when a server is lost.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    # Its notes on schema migrations would stand between the lines of a run.
    for noisy in ("mlflow", "alembic", "mlflow.store.db.utils", "mlflow.tracking.fluent"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    return mlflow


def _first_line(error: BaseException, uri: str = "") -> str:
    text = str(error).strip() or type(error).__name__
    return shorten(without_passwords(text.splitlines()[0], uri), 300, placeholder=" …").rstrip(".") + "."
