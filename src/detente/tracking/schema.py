"""Whether a tracking database is MLflow's, whole, and of the schema of the mlflow that is installed.

mlflow puts its tables into any database it is pointed at, makes the folders of one that is not there, and migrates a database
that lacks tables of its own without asking, so that an older mlflow cannot read it afterwards; a schema it does not know it
calls out of date, whichever of the two is older. All that is told apart here before it looks; nothing is written.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from detente.errors import TrackingError
from detente.passwords import without_passwords

_DATABASES = ("sqlite:", "sqlite+", "postgresql", "mysql", "mssql")
_CORE = frozenset({"alembic_version", "experiments", "runs", "metrics", "params", "tags"})
"""What every version of mlflow has had."""
ANOTHER = "choose another with MLFLOW_TRACKING_URI=URI (train also takes tracking.uri=URI, or runs without: tracking=none)"
"""What every command can do about a store that it cannot use."""


@dataclass(frozen=True)
class Database:
    """The tables of a database, and the number of its schema."""

    tables: frozenset[str]
    revision: str | None

    @property
    def is_new(self) -> bool:
        """Whether nothing is in it yet; mlflow's own number may be, of an attempt that failed."""
        return self.tables <= {"alembic_version"} and self.revision is None


def check_store(uri: str, *, create: bool) -> None:
    """Raises TrackingError for a store that mlflow must not be pointed at.

    That is a database of another program's, of an older or a newer schema, or one that lacks tables; and where there is none
    yet, unless it may be created: then its folder must be there.
    """
    shown = without_passwords(uri)
    if (path := local_path(uri)) is not None:
        _check_path(path, shown, create=create)
        if not path.exists():
            return
    if uri.startswith(_DATABASES):
        _check_database(_read(uri), shown, create=create)


def local_path(uri: str) -> Path | None:
    """The file or folder of a store on this machine; None for a server, or a database in memory."""
    from urllib.parse import urlparse
    from urllib.request import url2pathname

    if uri.startswith(("sqlite:", "sqlite+")):
        name = _sqlite_name(uri)
        return Path(name) if name and name != ":memory:" else None
    parsed = urlparse(uri)
    return Path(url2pathname(parsed.path)) if parsed.scheme in ("", "file") else None


def read_only(uri: str) -> str:
    """The URI of the same store, by which nothing can be written to it if it is a database in a file."""
    path = local_path(uri) if uri.startswith(("sqlite:", "sqlite+")) else None
    # mlflow would make the folders of a URI that does not name its driver.
    return uri if path is None else f"sqlite+pysqlite:///{_sqlite_uri(path)}"


def _sqlite_uri(path: Path) -> str:
    # Twice: SQLAlchemy undoes it once, SQLite a second time.
    return f"file:{quote(quote(str(path.absolute())))}?mode=ro&uri=true"


def _sqlite_name(uri: str) -> str:
    from sqlalchemy import make_url

    url = make_url(uri)
    name = url.database or ""
    return name.removeprefix("file:") if "uri" in url.query else name


def _check_path(path: Path, shown: str, *, create: bool) -> None:
    if path.exists():
        return
    if not create:
        raise TrackingError(f"the MLflow store at {shown} is not there: nothing was tracked in it yet. Or {ANOTHER}")
    if not path.absolute().parent.is_dir():
        raise TrackingError(
            f"the MLflow store at {shown} cannot be made: there is no folder {path.absolute().parent}. Make it, or {ANOTHER}"
        )


def _check_database(database: Database, shown: str, *, create: bool) -> None:
    if database.is_new:
        if not create:
            raise TrackingError(
                f"the MLflow store at {shown} is an empty database: nothing was tracked in it yet. Or {ANOTHER}"
            )
        return
    if database.revision not in _history() and not database.tables >= _CORE:
        raise TrackingError(
            f"the database at {shown} is not MLflow's (its tables: {_listed(database.tables)}); nothing was written to it. "
            f"For an MLflow store {ANOTHER}"
        )
    if database.revision not in _history():
        raise TrackingError(
            f"the MLflow store at {shown} has a schema that this mlflow does not know ({database.revision}): a newer mlflow "
            f"made it. Install that version (pip install -U mlflow), {ANOTHER}"
        )
    if database.revision != _history()[0]:
        raise TrackingError(
            f"the MLflow store at {shown} was made by an older mlflow (its schema is {database.revision}, this mlflow's is "
            f"{_history()[0]}). Copy it as a backup, then run: mlflow db upgrade {shown}\n"
            f"After that the older mlflow cannot open it; to leave it as it is, {ANOTHER}"
        )
    if missing := _tables() - database.tables:
        raise TrackingError(
            f"the MLflow store at {shown} lacks tables: {_listed(missing)}. It was damaged, or cut while it was made; restore "
            f"it from a backup, or {ANOTHER}"
        )


def _listed(tables: frozenset[str]) -> str:
    names = sorted(tables)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _read(uri: str) -> Database:
    """Tables and revision, without writing. Raises the database's own errors."""
    path = local_path(uri) if uri.startswith(("sqlite:", "sqlite+")) else None
    if path is not None:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)
        try:
            names = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
            tables = frozenset(str(name) for (name,) in names)
            return Database(tables, _revision(connection.execute) if "alembic_version" in tables else None)
        finally:
            connection.close()
    return _read_server(uri)


def _read_server(uri: str) -> Database:
    from sqlalchemy import create_engine, inspect, text
    from sqlalchemy.pool import NullPool

    with create_engine(uri, poolclass=NullPool).connect() as connection:
        tables = frozenset(inspect(connection).get_table_names())
        revision = _revision(lambda query: connection.execute(text(query))) if "alembic_version" in tables else None
        return Database(tables, revision)


def _revision(execute: Any) -> str | None:
    row = execute("select version_num from alembic_version").fetchone()
    return None if row is None else str(row[0])


@cache
def _history() -> tuple[str, ...]:
    """The revisions that the installed mlflow knows, newest first."""
    import mlflow
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(mlflow.__file__).with_name("store") / "db_migrations"))
    return tuple(script.revision for script in scripts.walk_revisions())


@cache
def _tables() -> frozenset[str]:
    """The tables of the installed mlflow."""
    import mlflow.store.db.utils  # noqa: F401 - which knows all of them
    from mlflow.store.db.base_sql_model import Base

    return frozenset(Base.metadata.tables)
