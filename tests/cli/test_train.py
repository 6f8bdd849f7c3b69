"""`detente train` for every way of training, and its sweeps: the command itself, called inside this process."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from detente.cli import main
from detente.dataset import LabelledDataset

Called = tuple[int, str, str]
Train = Callable[..., Called]


@pytest.fixture
def train(capfd: pytest.CaptureFixture[str], three_folds: LabelledDataset) -> Iterator[Train]:
    """Calls the command on the seeds, in three folds unless a dataset is named; gives the exit code, stdout and stderr."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*arguments: str) -> Called:
        capfd.readouterr()
        data = [] if any(argument.startswith("dataset=") for argument in arguments) else [f"dataset={three_folds.folder}"]
        try:
            code = main(["train", *arguments, *data, "tracking.log_model=false"])
        except SystemExit as error:  # what Hydra leaves a failed job with
            code = int(error.code or 0)
        out, err = capfd.readouterr()
        return code, out, err

    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def tiny_encoder(tiny: Path) -> list[str]:
    return ["model.name=tiny", f"model.path={tiny}"]


def runs(filter_string: str = "") -> list[Any]:
    from detente.tracking import open_store

    found = open_store().search_runs(search_all_experiments=True, output_format="list", filter_string=filter_string)
    return list(found)


def result() -> dict[str, Any]:
    (folder,) = Path("runs").glob("[0-9a-f]*")
    return dict(json.loads((folder / "result.json").read_text("utf-8")))


def test_lora(train: Train, tiny_encoder: list[str], tiny: Path) -> None:
    from safetensors.torch import load_file

    from detente import load_model, predict_texts

    code, out, err = train("training=lora", "training.epochs=2", "training.lora_rank=4", *tiny_encoder)
    assert code == 0, err
    assert "final model, epoch 2/2: loss" in err
    assert "final model: trained on 81 (" in err
    assert out.splitlines()[1].startswith("tiny (untrained encoder)")
    (folder,) = Path("runs").glob("[0-9a-f]*/model")
    weights, before = load_file(folder / "model.safetensors"), load_file(tiny / "model.safetensors")
    changed = {name for name, tensor in before.items() if not (weights[f"roberta.{name}"] == tensor).all()}
    assert changed == {name for name in before if name.endswith(("query.weight", "value.weight"))}
    assert len(predict_texts(load_model(folder), ["Hai bên đàm phán."])) == 1


def test_lora_without_peft_stops_at_the_door(train: Train, tiny_encoder: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.training import options

    monkeypatch.setattr(options, "find_spec", lambda name: None)
    code, out, err = train("training=lora", *tiny_encoder)
    assert (code, out, err) == (2, "", "error: training=lora needs peft: pip install 'detente[lora]'\n")


def test_joint_shows_both_tasks_and_its_score_is_their_mean(train: Train, tiny_encoder: list[str]) -> None:
    code, out, err = train("task=joint", "training=finetune_small", "training.epochs=1", *tiny_encoder)
    assert code == 0, err
    shown = {task: float(value) for task, value in re.findall(r"^(stance|sentiment): macro-F1 (0\.\d{3}) \(rough", err, re.M)}
    assert list(shown) == ["stance", "sentiment"]
    assert [line for line in out.splitlines() if " " not in line] == ["stance", "sentiment"]
    assert result()["score"] == pytest.approx((shown["stance"] + shown["sentiment"]) / 2, abs=1e-3)
    assert result()["score_name"] == "oof/macro_f1 (mean of stance and sentiment)"


def test_time_that_runs_out_is_said_and_leaves_a_model(train: Train, tiny_encoder: list[str]) -> None:
    limits = ["training.epochs=1000", "training.max_minutes=0.02"]
    code, out, err = train("training=finetune_small", *limits, *tiny_encoder)
    assert code == 0, err
    assert re.search(r"^fold 2: training.max_minutes: time is up after \d+ of \d000 steps$", err, re.M)
    named = ", ".join([*(f"fold {fold}" for fold in range(3)), "final model"])
    assert f"training.max_minutes=0.02 cut short: {named}; see the report" in err
    assert out.count("untrained") == 1
    assert len(list(Path("runs").glob("*/model/model.safetensors"))) == 1
    assert {run.info.status for run in runs()} == {"FINISHED"}


def test_every_syllable_a_word(train: Train) -> None:
    from detente import load_model

    code, _, err = train("text=syllables", "model=tfidf")
    assert code == 0, err
    (folder,) = Path("runs").glob("[0-9a-f]*/model")
    path = load_model(folder).text_path
    assert path.segmenter == "syllables"
    assert path("Hai bên đàm phán hòa bình.") == "Hai bên đàm phán hoà bình ."
    (run,) = runs("tags.task = 'stance'")
    assert run.data.tags["text_path"] == "syllables, tone marks old"


def test_a_finished_run_is_shown_in_its_own_experiment_and_run_again_in_another(train: Train) -> None:
    first = train("model=tfidf")
    assert first[0] == 0, first[2]
    again = train("model=tfidf")
    assert "skipped: this run is finished" in again[2]
    assert again[1] == first[1]
    other = train("model=tfidf", "tracking.experiment=other")
    assert "skipped" not in other[2]
    assert other[1] == first[1]
    from detente.tracking import open_store

    names = {each.experiment_id: each.name for each in open_store().search_experiments()}
    found = runs("tags.task = 'stance'")
    assert sorted(names[run.info.experiment_id] for run in found) == ["detente", "other"]
    assert "skipped" in train("model=tfidf", "tracking.experiment=other")[2]


def test_the_best_of_a_sweep_is_that_of_a_task(train: Train) -> None:
    """Sentiment scores higher with both models; stance has its best run all the same."""
    code, _, err = train("-m", "model=majority,tfidf", "task=stance,sentiment")
    assert code == 0, err
    said = re.findall(r"^best of the sweep: (\w{32}) \((highest oof/macro_f1 of 2 (\w+) runs: 0\.\d{4})\)", err, re.M)
    assert [task for _, _, task in said] == ["sentiment", "stance"]
    marked = {run.info.run_id: run.data.tags["best_of_sweep"] for run in runs() if "best_of_sweep" in run.data.tags}
    assert marked == {run_id: reason for run_id, reason, _ in said}
    by_id = {run.info.run_id: run for run in runs()}
    for run_id, _, task in said:
        rivals = [run for run in runs() if run.data.tags.get("task") == task]
        assert by_id[run_id].data.metrics["oof/macro_f1"] == max(run.data.metrics["oof/macro_f1"] for run in rivals)
    assert "job 3 (model=tfidf task=sentiment" in err


def test_runs_on_other_data_do_not_compare(train: Train, dataset: LabelledDataset, three_folds: LabelledDataset) -> None:
    other = three_folds
    assert other.digest != dataset.digest
    code, _, err = train("-m", "model=majority", f"dataset={dataset.folder},{other.folder}", "tracking.kind=none")
    assert code == 0, err
    assert re.findall(r"^best of the sweep: runs/\w{16} \(highest oof/macro_f1 of (\d) stance runs", err, re.M) == ["1", "1"]
    assert not list(Path().glob("*.db"))


def test_a_store_that_is_lost_when_the_best_is_marked_is_said(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.tracking import sweeps

    real = sweeps.open_store

    class Lost:
        def set_tag(self, *arguments: str) -> None:
            raise ConnectionError("refused")

    class Store:
        def __getattr__(self, name: str) -> Any:
            return Lost if name == "MlflowClient" else getattr(real(), name)

    with monkeypatch.context() as patch:
        patch.setattr(sweeps, "open_store", lambda uri="": Store())
        code, _, err = train("-m", "model=majority,tfidf")
    assert code == 0, err
    assert "Traceback" not in err
    assert "it is not marked as the best: the MLflow store did not take the tag best_of_sweep" in err
    assert "All results are kept; the same command marks it and runs nothing again." in err
    assert not [run for run in runs() if "best_of_sweep" in run.data.tags]
    code, _, err = train("-m", "model=majority,tfidf")
    assert (code, err.count("skipped: this run is finished")) == (0, 2)
    assert len([run for run in runs() if "best_of_sweep" in run.data.tags]) == 1


def test_jobs_that_fail_are_said_each_by_itself(train: Train) -> None:
    code, _, err = train("-m", "model=majority", "text.max_tokens=20000,256,2")
    assert code == 1
    wrong = re.findall(
        r"^error: job (\d) \(model=majority text.max_tokens=(\d+) .*\): text.max_tokens: expected 4 to 16,384", err, re.M
    )
    assert wrong == [("0", "20000"), ("2", "2")]
    assert "Error executing job" not in err
    assert err.rstrip().endswith("2 of the sweep's jobs failed, as said above; the same command runs them again")
    assert len(list(Path("runs").glob("*/model"))) == 1


def test_a_probes_repeats_are_called_what_they_are(train: Train, tiny_encoder: list[str]) -> None:
    code, out, err = train("repeats=2", "training.probe_strengths=[0.01]", *tiny_encoder)
    assert code == 0, err
    note = "Chance has no part in a probe: the 2 repeats are one and the same, and their sd of 0 says nothing."
    assert note in err
    assert "± 0.000 sd" in out
    (report,) = Path("runs").glob("*/report.md")
    assert note in report.read_text("utf-8")


def test_a_run_that_cannot_be_is_not_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["model=majority", "training.class_weights=none"]
    assert main(["train", *options]) == 0
    (run,) = [path for path in Path("runs").iterdir() if not path.name.startswith(".")]
    (run / "notes.txt").write_text("mine")
    capsys.readouterr()
    assert main(["train", *options, "resume=never"]) == 1
    assert "notes.txt" in capsys.readouterr().err
    assert (run / "notes.txt").read_text() == "mine"
    with sqlite3.connect("mlflow.db") as store:
        assert store.execute("select count(*) from runs where status = 'FAILED'").fetchone() == (0,)
