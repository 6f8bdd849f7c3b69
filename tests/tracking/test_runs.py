from __future__ import annotations

import json
import os
import socket
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from detente.dataset import LabelledDataset
from detente.errors import ConfigError, ModelError, TrackingError
from detente.model import load_model
from detente.model.names import is_uri
from detente.model.options import ModelOptions
from detente.tracking import mlflow_run, model_folder, open_store
from detente.tracking.options import TrackingOptions
from detente.training import NullRecorder, TrainOptions, train
from mlflow_ui import mlflow_ui


def runs() -> dict[str, Any]:
    mlflow = open_store()
    return {run.info.run_name: run for run in mlflow.search_runs(search_all_experiments=True, output_format="list")}


@pytest.fixture(scope="module")
def _made(dataset: LabelledDataset, tfidf: TrainOptions, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.chdir(tmp_path_factory.mktemp("made"))
        with mlflow_run(TrackingOptions(), "tfidf stance") as recorder:
            run = train(dataset, tfidf, recorder=recorder)
        assert run.run_id
        return Path.cwd(), run.run_id


@pytest.fixture
def tracked(_made: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A run in the store of the working directory: to be read."""
    monkeypatch.chdir(_made[0])
    return _made[1]


def test_a_run_with_its_folds_is_in_the_store_that_a_bare_mlflow_ui_opens(tracked: str) -> None:
    assert Path("mlflow.db").is_file()
    found = runs()
    parent = found["tfidf stance"]
    folds = [found[f"fold {at}"] for at in range(5)]
    assert {run.info.status for run in [parent, *folds]} == {"FINISHED"}
    assert {run.data.tags["mlflow.parentRunId"] for run in folds} == {tracked}
    assert {run.info.experiment_id for run in [parent, *folds]} == {
        open_store().get_experiment_by_name("detente").experiment_id
    }
    assert parent.data.params["model.kind"] == "tfidf"
    assert parent.data.params["data_digest"].startswith("sha256:")
    assert parent.data.metrics["oof/macro_f1"] == pytest.approx(0.311, abs=5e-4)
    assert parent.data.tags["task"] == "stance"
    assert parent.data.tags["git_commit"]
    data = parent.inputs.dataset_inputs[0].dataset
    assert (data.name, data.digest) == ("seeds", parent.data.params["data_digest"].removeprefix("sha256:")[:36])
    assert parent.info.artifact_uri.startswith(Path("mlartifacts").absolute().as_uri())


def test_artifacts_and_tables(tracked: str) -> None:
    mlflow = open_store()
    names = {item.path for item in mlflow.artifacts.list_artifacts(run_id=tracked)}
    assert names >= {"config.json", "versions.json", "predictions.json", "confusion.json", "confusion.png", "report.md"}
    mlflow.set_experiment("detente")
    table = mlflow.load_table("predictions.json", run_ids=[tracked])
    assert len(table) == 81
    assert mlflow.load_table("confusion.json", run_ids=[tracked])["gold"].tolist() == ["dialogue", "neutral", "escalation"]
    run = mlflow.get_run(tracked)
    labels = mlflow.load_table("by_label.json", run_ids=[tracked]).set_index("label")
    assert labels.loc["dialogue", "f1"] == pytest.approx(run.data.metrics["oof/f1_dialogue"])
    assert labels["n_gold"].sum() == run.data.metrics["oof/n"]
    groups = mlflow.load_table("by_group.json", run_ids=[tracked])
    assert groups["n_right"].sum() / groups["n"].sum() == pytest.approx(run.data.metrics["oof/accuracy"])
    assert run.data.tags["split"] == "oof"


def test_the_logged_model_takes_raw_text_and_predicts_as_its_folder(tracked: str) -> None:
    mlflow = open_store()
    texts = ["Hai bên nhất trí đàm phán hòa bình.", "Quân đội tập trận."]
    served = mlflow.pyfunc.load_model(f"runs:/{tracked}/model").predict(pd.DataFrame({"text": texts}))
    folder = model_folder(tracked)
    own = load_model(folder).score(texts)
    assert list(served.columns)[:2] == ["stance_pred", "stance_prob_dialogue"]
    assert served["stance_prob_dialogue"].tolist() == pytest.approx(own.probs["stance"][:, 0].round(6).tolist())


@pytest.mark.parametrize(
    ("error", "status"),
    [(ValueError("bug"), "FAILED"), (KeyboardInterrupt(), "KILLED"), (SystemExit(1), "KILLED")],
)
def test_nothing_is_left_running(error: BaseException, status: str) -> None:
    with pytest.raises(type(error)), mlflow_run(TrackingOptions(), "outer") as recorder, recorder.child("inner"):
        raise error
    assert {name: run.info.status for name, run in runs().items()} == {"outer": status, "inner": status}
    with mlflow_run(TrackingOptions(), "next"):
        pass
    assert runs()["next"].info.status == "FINISHED"


def test_a_store_that_is_down_is_one_message() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        options = TrackingOptions(uri=f"http://127.0.0.1:{port}")
        with (
            pytest.raises(TrackingError, match=f"store at http://127.0.0.1:{port} cannot be used.*tracking=none"),
            mlflow_run(options, "x"),
        ):
            pass


@pytest.mark.parametrize("name", ["d%20e", "c?x"])
def test_a_folder_of_any_name_keeps_its_models(
    name: str, dataset: LabelledDataset, tfidf: TrainOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    majority = replace(tfidf, model=ModelOptions(name="majority", kind="majority"))
    Path(name).mkdir()
    monkeypatch.chdir(name)
    with mlflow_run(TrackingOptions(), "x") as recorder:
        run = train(dataset, majority, recorder=recorder)
    assert load_model(model_folder(str(run.run_id))).info.kind == "majority"
    assert sorted(path.name for path in Path().iterdir()) == ["mlartifacts", "mlflow.db", "runs"]
    assert [path.name for path in Path("..").iterdir()] == [name]


def test_no_tracking_writes_nothing() -> None:
    with mlflow_run(TrackingOptions(kind="none"), "x") as recorder:
        assert isinstance(recorder, NullRecorder)
    assert list(Path().iterdir()) == []
    with (
        pytest.raises(ConfigError, match="expected mlflow or none, got 'mlflw'"),
        mlflow_run(TrackingOptions(kind="mlflw"), "x"),
    ):
        pass


def test_the_model_can_stay_out_of_the_store(dataset: LabelledDataset, tfidf: TrainOptions) -> None:
    with mlflow_run(replace(TrackingOptions(), log_model=False, experiment="small"), "x") as recorder:
        run = train(dataset, tfidf, recorder=recorder)
    with pytest.raises(ModelError, match="no such model in the MLflow store"):
        model_folder(str(run.run_id))


def test_the_users_tracking_uri_wins_and_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"sqlite:///{Path('elsewhere.db').absolute()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    open_store(f"sqlite:///{Path('third.db').absolute()}")
    with mlflow_run(TrackingOptions(), "x"):
        pass
    assert Path("elsewhere.db").is_file()
    assert not Path("mlflow.db").exists()
    assert os.environ["MLFLOW_TRACKING_URI"] == uri


def test_what_looks_like_a_model_in_mlflow() -> None:
    assert is_uri("runs:/abc/model")
    assert is_uri("models:/stance/1")
    assert is_uri("0123456789abcdef0123456789abcdef")
    assert not is_uri("runs/0123456789abcdef/model")


@pytest.mark.slow
def test_a_real_mlflow_server_shows_the_run_and_its_metrics(tracked: str) -> None:
    """A bare `mlflow ui` in the folder where the run was made."""
    with mlflow_ui(Path.cwd()) as address:
        found = _get(f"{address}/ajax-api/2.0/mlflow/runs/get?run_id={tracked}")
        metrics = {metric["key"]: metric["value"] for metric in json.loads(found)["run"]["data"]["metrics"]}
        assert metrics["oof/macro_f1"] == pytest.approx(0.311, abs=5e-4)
        assert "smoke test, not evidence" in _get(f"{address}/get-artifact?path=report.md&run_uuid={tracked}")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_run_gone_on_with_does_not_hold_a_table_twice() -> None:
    with pytest.raises(RuntimeError, match="cut"), mlflow_run(TrackingOptions(), "cut") as recorder:
        recorder.table("predictions.json", {"sentence_id": ["a", "b"]})
        raise RuntimeError("cut")
    with mlflow_run(TrackingOptions(), "cut", resume=recorder.run_id) as again:
        again.table("predictions.json", {"sentence_id": ["a", "b"]})
        again.table("confusion.json", {"gold": ["a"]})
    assert again.run_id == recorder.run_id
    mlflow = open_store()
    mlflow.set_experiment("detente")
    assert mlflow.load_table("predictions.json", run_ids=[again.run_id])["sentence_id"].tolist() == ["a", "b"]
    assert len(mlflow.load_table("confusion.json", run_ids=[again.run_id])) == 1


def test_no_password_goes_down_in_a_run() -> None:
    uri = "postgresql://an:verysecret@db/mlflow"
    with mlflow_run(TrackingOptions(), "a") as recorder:
        recorder.params({"uri": uri, "n": 1})
        recorder.tags({"uri": uri})
        recorder.text("config.json", f'{{"uri": "{uri}"}}')
    assert recorder.run_id
    client = open_store(read=True).MlflowClient()
    run = client.get_run(recorder.run_id)
    assert (run.data.params["uri"], run.data.params["n"]) == ("postgresql://an:***@db/mlflow", "1")
    assert run.data.tags["uri"] == "postgresql://an:***@db/mlflow"
    path = Path(client.download_artifacts(recorder.run_id, "config.json"))
    assert path.read_text() == '{"uri": "postgresql://an:***@db/mlflow"}'
