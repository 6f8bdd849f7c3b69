"""Whether a tracking database has the schema of the mlflow that is installed.

mlflow migrates a database that lacks tables of its own without asking, and an older mlflow cannot read it afterwards; a schema
it does not know it calls out of date, whichever of the two is older. Both are told apart here before it looks.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from detente.errors import TrackingError

_DATABASES = ("sqlite:", "sqlite+", "postgresql", "mysql", "mssql")


def check_schema(uri: str) -> None:
    """Raises TrackingError for a database of an older or a newer schema; one without a schema is new, and no matter."""
    if not uri.startswith(_DATABASES):
        return
    found = _revision(uri)
    if found is None or found == _history()[0]:
        return
    store, other = without_password(uri), "choose another with tracking.uri=URI, or run without: tracking=none"
    if found in _history():
        raise TrackingError(
            f"the MLflow store at {store} was made by an older mlflow (its schema is {found}, this mlflow's is "
            f"{_history()[0]}). Copy it as a backup, then run: mlflow db upgrade {store}\n"
            f"After that the older mlflow cannot open it; to leave it as it is, {other}"
        )
    raise TrackingError(
        f"the MLflow store at {store} has a schema that this mlflow does not know ({found}): a newer mlflow made it. Install "
        f"that version (pip install -U mlflow), {other}"
    )


def without_password(uri: str) -> str:
    """A store's URI as it may be shown."""
    return re.sub(r"(//[^/:@]*):[^/]*@", r"\1:***@", uri)


def _revision(uri: str) -> str | None:
    """The schema's revision in a database; None if there is no database yet, or nothing in it."""
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine, make_url
    from sqlalchemy.pool import NullPool

    url = make_url(uri)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def _history() -> tuple[str, ...]:
    """The revisions that the installed mlflow knows, newest first."""
    import mlflow
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(mlflow.__file__).with_name("store") / "db_migrations"))
    return tuple(script.revision for script in scripts.walk_revisions())
