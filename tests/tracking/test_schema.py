"""Databases of another mlflow, and what is no store at all: one message, nothing changed, exit code 1."""

from __future__ import annotations

import re
import socket
import sqlite3
from pathlib import Path

import pytest

from detente.cli import main
from detente.errors import ConfigError, TrackingError
from detente.tracking import open_experiment, open_store
from detente.tracking.options import TrackingOptions, check_tracking
from detente.tracking.schema import _tables, check_store, read_only

CORE = ("experiments", "runs", "metrics", "params", "tags")
FIRST = "451aebb31d03"
"""The first schema that mlflow numbered."""


def database(revision: str, tables: tuple[str, ...] = CORE) -> Path:
    """A database as another mlflow left it, as far as its schema's number and some tables go."""
    path = Path("other.db").absolute()
    with sqlite3.connect(path) as made:
        made.execute("create table alembic_version (version_num varchar(32) not null primary key)")
        made.execute("insert into alembic_version values (?)", [revision])
        for table in tables:
            made.execute(f"create table {table} (name text)")
    made.close()
    return path


@pytest.mark.parametrize(
    ("revision", "message"),
    [
        (
            FIRST,
            r"was made by an older mlflow \(its schema is 451aebb31d03, .*backup, then run: mlflow db upgrade sqlite:",
        ),
        ("ffffffffffff", r"schema that this mlflow does not know \(ffffffffffff\): a newer mlflow made it. .*tracking=none"),
    ],
)
def test_a_database_of_another_mlflow_is_left_as_it_is(revision: str, message: str) -> None:
    path = database(revision)
    before = path.read_bytes()
    with pytest.raises(TrackingError, match=message):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_as_it_is() -> None:
    Path("mlflow.db").write_bytes(b"not a database" * 100)
    with pytest.raises(
        TrackingError, match=r"cannot be used: .*file is not a database.* Choose another with MLFLOW_TRACKING_URI=URI"
    ):
        open_store()
    assert Path("mlflow.db").read_bytes() == b"not a database" * 100


@pytest.mark.parametrize("name", ["c?x", "d%20e", "a#b", "tin tức", "100%"])
def test_a_folder_of_any_name_keeps_its_own_store(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = Path.cwd()
    for folder in (parent / name, parent / name / name):
        folder.mkdir()
        monkeypatch.chdir(folder)
        open_experiment(TrackingOptions(experiment="2025_03"))
        mlflow = open_store()
        experiment = mlflow.get_experiment_by_name("2025_03")
        with mlflow.start_run(experiment_id=experiment.experiment_id) as run:
            mlflow.log_text("x", "x.txt")
        assert len(list(Path("mlartifacts").rglob("x.txt"))) == 1
        assert Path(mlflow.artifacts.download_artifacts(artifact_uri=f"runs:/{run.info.run_id}/x.txt")).read_text() == "x"
        with sqlite3.connect("mlflow.db") as database:
            names = {row[0] for row in database.execute("select name from experiments")}
        assert names == {"Default", "2025_03"}
    assert [path.name for path in parent.iterdir()] == [name]
    assert sorted(path.name for path in (parent / name).iterdir()) == sorted([name, "mlartifacts", "mlflow.db"])


def test_a_store_of_this_mlflow_opens_again() -> None:
    for _ in range(2):
        assert open_store().search_experiments()[0].name == "Default"


@pytest.mark.parametrize("revision", [FIRST, "ffffffffffff"])
def test_train_and_predict_stop_at_a_database_of_another_mlflow(revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    uri = f"sqlite:///{database(revision)}"
    Path("in.txt").write_text("Nga điều quân.\n", "utf-8")
    assert main(["train", "model=majority", f"tracking.uri={uri}"]) == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.csv"]) == 1
    shown = capsys.readouterr().err
    assert shown.count("error: the MLflow store at sqlite:") == 2
    assert "Traceback" not in shown
    assert not Path("runs").exists()
    assert not Path("out.csv").exists()


def test_train_and_predict_stop_at_a_store_that_is_down(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert main(["train", "model=majority"]) == 1
    Path("in.txt").write_text("Nga điều quân.\n", "utf-8")
    assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.csv"]) == 1
    shown = capsys.readouterr().err
    assert shown.count(f"error: the MLflow store at {uri} cannot be used: ") == 2
    assert shown.count("Start it, choose another with MLFLOW_TRACKING_URI=URI (train also takes tracking.uri=URI, or") == 2
    assert "Traceback" not in shown
    assert not Path("out.csv").exists()


def other_program(path: Path) -> Path:
    """A database that is somebody else's."""
    with sqlite3.connect(path) as made:
        made.execute("create table articles (id integer primary key, text text)")
        made.execute("insert into articles (text) values ('mine')")
    made.close()
    return path


def tracked_store(path: Path) -> str:
    """A store of this mlflow with one finished run, by its id."""
    client = open_store(f"sqlite:///{path}").MlflowClient()
    run_id = str(client.create_run("0").info.run_id)
    client.set_terminated(run_id)
    return run_id


@pytest.mark.parametrize("revision", [None, "0123456789ab"])
def test_another_programs_database_is_left_as_it_is(revision: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    path = other_program(Path("mlflow.db"))
    if revision:  # many programs use alembic
        with sqlite3.connect(path) as made:
            made.execute("create table alembic_version (version_num varchar(32) not null primary key)")
            made.execute("insert into alembic_version values (?)", [revision])
        made.close()
    before = path.read_bytes()
    Path("in.txt").write_text("Nga điều quân.\n", "utf-8")
    assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.csv"]) == 1
    assert main(["compare", "0" * 32, "1" * 32]) == 1
    assert main(["train", "model=majority"]) == 1
    shown = capsys.readouterr().err
    assert shown.count("mlflow.db is not MLflow's (its tables: ") == 3
    assert shown.count("articles); nothing was written to it.") == 3
    assert path.read_bytes() == before
    assert not Path("runs").exists()


@pytest.mark.parametrize("table", ["metrics", "experiments", "model_versions"])
def test_a_store_that_lacks_a_table_is_one_line(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    tracked_store(Path("mlflow.db").absolute())
    with sqlite3.connect("mlflow.db") as made:
        made.execute(f"drop table {table}")
    made.close()
    before = Path("mlflow.db").read_bytes()
    Path("in.txt").write_text("Nga điều quân.\n", "utf-8")
    assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.csv"]) == 1
    assert main(["train", "model=majority"]) == 1
    shown = capsys.readouterr().err
    assert shown.count(f"lacks tables: {table}. It was damaged") == 2
    assert "Traceback" not in shown
    assert Path("mlflow.db").read_bytes() == before


def test_a_read_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in.txt").write_text("Nga điều quân.\n", "utf-8")
    here = sorted(Path().iterdir())
    for _ in range(2):
        assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.csv"]) == 1
        assert main(["compare", "0" * 32, "1" * 32]) == 1
    assert capsys.readouterr().err.count("mlflow.db is not there: nothing was tracked in it yet") == 4
    assert sorted(Path().iterdir()) == here
    run_id = tracked_store(Path("mlflow.db").absolute())
    before = Path("mlflow.db").read_bytes()
    read = open_store(read=True)
    assert read.get_run(run_id).info.status == "FINISHED"
    with pytest.raises(Exception, match="readonly database"):
        read.MlflowClient().set_tag(run_id, "a", "b")
    assert main(["predict", f"runs:/{run_id}/model", "in.txt", "-o", "out.csv"]) == 1
    assert Path("mlflow.db").read_bytes() == before
    open_store().MlflowClient().set_tag(run_id, "a", "b")
    assert read.get_run(run_id).data.tags["a"] == "b"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("sqlite:////no/such/folder/mlflow.db", "cannot be made: there is no folder /no/such/folder"),
        ("file:///no/such/folder/mlruns", "cannot be made: there is no folder /no/such/folder"),
        ("/no/such/folder/mlruns", "cannot be made: there is no folder /no/such/folder"),
        ("postgresql://an:verysecret@127.0.0.1:1/db", r"postgresql://an:\*\*\*@127.0.0.1:1/db cannot be used"),
    ],
)
def test_a_store_that_is_nowhere_is_an_error(uri: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "model=majority", f"tracking.uri='{uri}'"]) == 1
    shown = capsys.readouterr().err
    assert re.search(message, shown)
    assert "verysecret" not in shown
    assert [path.name for path in Path().iterdir()] == ["datasets"]


def test_an_empty_name_of_an_experiment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("", "  "):
        with pytest.raises(ConfigError, match=f"tracking.experiment: expected a name, got '{name}'"):
            check_tracking(TrackingOptions(experiment=name))
    check_tracking(TrackingOptions(kind="none", experiment=""))


def test_a_store_in_a_folder_of_any_name_is_read() -> None:
    folder = Path("c?x d%20e a#b").absolute()
    folder.mkdir()
    uri = "sqlite+pysqlite:///" + str(folder / "mlflow.db").replace("%", "%25").replace("?", "%3F")
    client = open_store(uri).MlflowClient()
    client.create_experiment("mine")
    check_store(uri, create=False)
    assert read_only(uri).startswith("sqlite+pysqlite:///file:")
    assert [each.name for each in open_store(uri, read=True).search_experiments()] == ["mine", "Default"]
    assert "experiments" in _tables()
    assert [path.name for path in folder.iterdir()] == ["mlflow.db"]
