"""MLflow's migrations, run once a session: they cost seconds, and all end at the same tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from detente.tracking import store


def share_migrations(template: Path, patch: pytest.MonkeyPatch) -> None:
    """Have an empty SQLite database filled from ``template``, which the first one becomes once mlflow has migrated it."""
    import_mlflow = store._import_mlflow

    def importing() -> Any:
        mlflow = import_mlflow()
        from mlflow.store.db import utils
        from sqlalchemy import Engine, event

        if utils._initialize_tables.__module__ == utils.__name__:
            patch.setattr(utils, "_initialize_tables", _from_template(template, utils))
            event.listen(Engine, "connect", _without_waiting_for_the_disk)
        return mlflow

    patch.setattr(store, "_import_mlflow", importing)


def _without_waiting_for_the_disk(connection: Any, record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


def _from_template(template: Path, utils: Any) -> Any:
    migrate = utils._initialize_tables

    def initialise(engine: Any) -> None:
        is_new = engine.dialect.name == "sqlite" and utils._is_empty_database(engine)
        if not is_new or not template.exists():
            migrate(engine)
            if is_new:
                _copy(engine, template, back=False)
        else:
            _copy(engine, template, back=True)

    return initialise


def _copy(engine: Any, template: Path, *, back: bool) -> None:
    connection = engine.raw_connection()
    try:
        with sqlite3.connect(template) as copy:
            pair = (copy, connection.driver_connection) if back else (connection.driver_connection, copy)
            pair[0].backup(pair[1])
        copy.close()
    finally:
        connection.close()
