"""The alias goes to the better version on the same sentences, and to nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from detente.cli import main
from detente.errors import ConfigError, TrackingError
from detente.model.options import ModelOptions
from detente.tracking import mlflow_run, model_folder, open_store, register
from detente.tracking.options import TrackingOptions
from detente.tracking.registry import card_text
from detente.training import TrainOptions

OPTIONS = TrackingOptions(register="stance")


@pytest.fixture(scope="module")
def model(trained: Callable[[TrainOptions], Path], tfidf: TrainOptions) -> Path:
    return trained(replace(tfidf, model=ModelOptions(name="majority", kind="majority"))) / "model"


def run(
    model: Path, score: float, digest: str = "sha256:a", split: str = "oof", options: TrackingOptions = OPTIONS, **tags: str
) -> list[str]:
    """A run with this score; what was said of its registration."""
    said: list[str] = []
    with mlflow_run(options, "run", say=said.append) as recorder:
        recorder.params({"data_digest": digest})
        recorder.tags({"task": "stance", "split": split, **tags})
        scores = {"macro_f1": score, "f1_escalation": 1 - score, "log_loss": score, "n_groups": 5}
        recorder.metrics({f"{split}/{name}": value for name, value in scores.items()})
        recorder.model(model)
    return said


def aliases() -> dict[str, str]:
    found = open_store().MlflowClient().get_registered_model("stance").aliases
    return {alias: str(number) for alias, number in found.items()}


def version(number: int) -> Any:
    return open_store().MlflowClient().get_model_version("stance", str(number))


def test_the_alias_goes_to_the_better_version_alone(model: Path) -> None:
    assert run(model, 0.4) == [
        "registered: models:/stance/1",
        "models:/stance@best is now this version: oof/macro_f1 0.4000, n_groups 5; no version had the alias",
    ]
    assert run(model, 0.4)[1] == (
        "models:/stance@best stays where it is: oof/macro_f1 0.4000, n_groups 5, not above the 0.4000 of version 1"
    )
    assert aliases() == {"best": "1"}
    assert (
        run(model, 0.5)[1]
        == "models:/stance@best is now this version: oof/macro_f1 0.5000, n_groups 5, above the 0.4000 of version 1"
    )
    assert aliases() == {"best": "3"}
    assert (
        version(2).tags["alias_reason"] == "best: not given: oof/macro_f1 0.4000, n_groups 5, not above the 0.4000 of version 1"
    )
    assert version(3).tags["alias_reason"] == "best: oof/macro_f1 0.5000, n_groups 5, above the 0.4000 of version 1"
    assert version(3).tags["task"] == "stance"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"digest": "sha256:b"}, "not comparable with version 1, which has the alias: dataset digest sha256:b here, sha256:a"),
        ({"split": "test"}, "not comparable with version 1, which has the alias: split test here, oof there"),
        ({"task": "sentiment"}, "not comparable with version 1, which has the alias: task sentiment here, stance there"),
    ],
)
def test_what_cannot_be_compared_does_not_move_the_alias(model: Path, change: dict[str, str], reason: str) -> None:
    run(model, 0.1)
    assert reason in run(model, 0.9, **change)[1]  # type: ignore[arg-type]
    assert aliases() == {"best": "1"}
    assert reason in version(2).tags["alias_reason"]


def test_the_metric_is_the_users_and_one_that_is_not_there_is_said(model: Path) -> None:
    options = TrackingOptions(register="stance", alias="by-escalation", metric="f1_escalation")
    run(model, 0.4, options=options)
    run(model, 0.5, options=options)
    assert aliases() == {"by-escalation": "1"}
    said = run(model, 0.5, options=TrackingOptions(register="stance", metric="stance/macro_f1"))
    assert said[1].endswith("the run has no metric oof/stance/macro_f1 (tracking.metric); of macro-F1 it has oof/macro_f1")
    assert aliases() == {"by-escalation": "1"}


def test_of_a_loss_the_lower_is_the_better(model: Path) -> None:
    options = TrackingOptions(register="stance", metric="log_loss")
    run(model, 0.5, options=options)
    said = run(model, 1.9, options=options)
    assert said[1].endswith("stays where it is: oof/log_loss 1.9000, n_groups 5, not below the 0.5000 of version 1")
    assert aliases() == {"best": "1"}
    assert run(model, 0.4, options=options)[1].endswith("oof/log_loss 0.4000, n_groups 5, below the 0.5000 of version 1")
    assert aliases() == {"best": "3"}


def test_a_holder_whose_run_is_gone_keeps_the_alias(model: Path) -> None:
    run(model, 0.1)
    open_store().MlflowClient().delete_run(version(1).run_id)
    assert "version 1 has the alias, and its run is no longer in the store" in run(model, 0.9)[1]
    assert aliases() == {"best": "1"}


def test_a_run_is_registered_once_and_the_card_is_its_description(model: Path) -> None:
    run(model, 0.4)
    said: list[str] = []
    register(OPTIONS, version(1).run_id, said.append)
    assert said == ["registered: models:/stance/1", "models:/stance@best is now this version: it had the alias already"]
    assert len(open_store().MlflowClient().search_model_versions("name = 'stance'")) == 1
    card = card_text(model)
    assert card.startswith("# majority, stance\n")
    assert version(1).description == card
    logged = open_store().search_logged_models(experiment_ids=[open_store().get_run(version(1).run_id).info.experiment_id])
    assert logged["tags"][0]["mlflow.note.content"] == card


def test_a_long_card_is_cut_where_the_store_ends(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("---\nlanguage: vi\n---\n\n" + "ô" * 9000, encoding="utf-8")
    card = card_text(tmp_path)
    assert (len(card), card[:3]) == (5000, "ôôô")
    assert card.endswith("README.md in the model folder)")


def test_a_model_that_never_reached_the_store_is_one_message() -> None:
    with pytest.raises(TrackingError, match="cannot be registered as 'stance'"), mlflow_run(OPTIONS, "no model"):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (TrackingOptions(register="a/b"), "tracking.register: expected a name without '/'"),
        (TrackingOptions(register="a", alias="v1"), "tracking.alias: expected letters"),
        (TrackingOptions(register="a", alias="Latest"), "tracking.alias: expected letters"),
        (TrackingOptions(register="a", log_model=False), "tracking.log_model=true"),
        (TrackingOptions(register="a", kind="none"), "tracking.kind=mlflow"),
        (TrackingOptions(register="a", metric="n_groups"), "tracking.metric: 'n_groups' is no score that has a better end"),
        (TrackingOptions(register="a", metric="f1_escalaton"), "Did you mean 'f1_escalation'"),
    ],
)
def test_what_cannot_be_registered_is_found_before_the_training(options: TrackingOptions, message: str) -> None:
    with pytest.raises(ConfigError, match=message), mlflow_run(options, "x"):
        pytest.fail("started")
    assert list(Path().iterdir()) == []


@pytest.mark.slow
def test_of_a_sweep_the_best_run_is_registered_and_predicts_by_its_alias(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "-m", "model=majority,tfidf", "tracking.register=stance"]) == 0
    assert {str(each.version): each.tags["model"] for each in _versions()} == {"1": "tfidf"}
    assert aliases() == {"best": "1"}
    Path("in.txt").write_text("Hai bên nhất trí đàm phán hòa bình.\n", "utf-8")
    assert main(["predict", "models:/stance@best", "in.txt", "-o", "out.jsonl"]) == 0
    assert '"stance_pred"' in Path("out.jsonl").read_text("utf-8")
    assert main(["predict", "models:/stance@worst", "in.txt", "-o", "out2.jsonl"]) == 1
    assert "models:/stance@worst: no such model in the MLflow store" in capsys.readouterr().err
    assert main(["train", "model=majority", "tracking.register=stance"]) == 0  # finished already
    assert "stays where it is: oof/macro_f1 0.2240, n_groups 5, not above the 0.3109 of version 1" in capsys.readouterr().err
    assert model_folder("models:/stance@best") == model_folder("models:/stance/1")


def _versions() -> list[Any]:
    return list(open_store().MlflowClient().search_model_versions("name = 'stance'"))
