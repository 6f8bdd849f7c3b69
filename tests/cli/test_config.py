from __future__ import annotations

import os
from pathlib import Path

import pytest

from detente import places
from detente.cli import main
from detente.config import APPS, TrainConfig, check_overrides, load_config
from detente.dataset.build import BuildOptions
from detente.errors import ConfigError, DatasetError


def test_defaults_are_the_dataclasses_own_where_the_files_say_nothing() -> None:
    config = load_config("train")
    assert isinstance(config, TrainConfig)
    assert (config.seed, config.repeats, config.task, config.model.name) == (0, 1, "stance", "mini")
    # What `detente.train(dataset)` does in Python is what `detente train` does.
    assert config == TrainConfig()
    assert isinstance(load_config("build"), BuildOptions)


@pytest.mark.parametrize(
    ("model", "licence"), [("phobert_base", "MIT"), ("phobert_large", "MIT"), ("phobert_base_v2", "AGPL-3.0")]
)
def test_phobert_configs_carry_their_licence(model: str, licence: str) -> None:
    config = load_config("train", [f"model={model}", "training=finetune"])
    assert config.model.licence == licence
    assert config.model.hub_id == "vinai/" + model.replace("_", "-")
    assert config.training.learning_rate == 3e-5


def test_every_config_file_composes() -> None:
    """Every option of every group, so that no key in a file lacks its field."""
    for app, groups in {"train": ("task", "text", "model", "training", "tracking", "experiment"), "build": ("split",)}.items():
        for group in groups:
            for path in (places.CONFIGS / group).glob("*.yaml"):
                assert isinstance(load_config(app, [f"{group}={path.stem}"]), APPS[app])
    data = load_config("build", ["data=folder", "data.articles=a", "data.annotations=b"]).data
    assert (data.name, data.articles, data.annotations) == ("articles", "a", "b")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["task=[]"], "task: expected a name or a list of names, as in task=stance or task=[stance,sentiment], got []"),
        (["task.name=stance"], "task.name: unknown key"),
        (["training.epoch=3"], "training.epoch: unknown key. Did you mean 'training.epochs'"),
        (["+training.epoch=3"], "training.epoch: unknown key"),
        (["tasks=stance"], "tasks: unknown key. Did you mean 'task'"),
        (["training.epochs=many"], "training.epochs: expected a whole number, got 'many'."),
        (["training.epochs=2.5"], "training.epochs: expected a whole number, got '2.5'."),
        (["training.warmup=x'y"], "training.warmup=x'y: cannot be read"),
        (["training.warmup=much"], "training.warmup: expected a number, got 'much'."),
        (["training.freeze_embeddings=maybe"], "training.freeze_embeddings: expected true or false, got 'maybe'."),
        (["training.probe_layers=abc"], "training.probe_layers: expected a list, as in training.probe_layers=[-1], got 'abc'."),
        (["training.probe_layers=[1,abc]"], "training.probe_layers[1]: expected a whole number, got 'abc'."),
        (["model=TFIDF"], "Did you mean 'tfidf'?"),
        (["Training.epochs=3"], "Training.epochs: unknown key. Did you mean 'training.epochs'"),
        (["seed=null"], "seed: "),
        (["sentiment"], "'sentiment': expected key=value"),
        (["seed=0,1"], "several values in a single run. Add -m"),
        (["seed=[0"], "seed=[0: cannot be read (no viable alternative at input"),
        (["model=báo"], "model=báo: no such configuration; expected one of bamibert, "),
        (["model=null"], "model=null: no such configuration; expected one of bamibert, "),
        (["nhiệm_vụ.tên=x"], "'nhiệm_vụ.tên': unknown key"),
        (["model..name=x"], "'model..name': unknown key. Did you mean 'model.name'"),
        (["task" + "x" * 5000 + "=1"], "unknown key"),
        (["+=x"], "'+=x': expected key=value"),
        (["~"], "'~': expected key=value"),
        (["seed"], "'seed': expected key=value, as in task=sentiment. Did you mean 'seed=...'"),
        (["seed=" + "1" * 5000], "cannot be read (Exceeds the limit"),
        (
            ["tracking.experiment=${x}"],
            "tracking.experiment: Interpolation key 'x' not found. ${...} stands for another key's value; a backslash",
        ),
        (["tracking.experiment=${oc.env:NOT_THERE}"], "tracking.experiment: KeyError raised while resolving"),
        (["tracking.experiment=${tracking.experiment}"], "tracking.experiment: Recursive interpolation detected"),
        (["seed=một"], "seed=một: cannot be read (token recognition error at: 'ộ'). Expected a number"),
    ],
)
def test_a_typo_is_one_clear_error(overrides: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check_overrides("train", overrides, sweep=False)
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(ConfigError, match=r"data\.articles: not set"):
        load_config("build", ["data=folder"])


def test_a_task_in_the_defaults_of_an_experiment_of_before_says_where_it_goes() -> None:
    Path("configs/experiment").mkdir(parents=True)
    Path("configs/experiment/old.yaml").write_text("# @package _global_\ndefaults:\n  - override /task: sentiment\n", "utf-8")
    with pytest.raises(ConfigError, match=r"Could not override 'task'.* write `task: NAME` below the defaults"):
        load_config("train", ["experiment=old"])


@pytest.mark.parametrize("name", ["plain", "thư mục của tôi", "a%20b"])
def test_a_users_own_configs_are_searched_first(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path = tmp_path / name
    tmp_path.mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "configs" / "training").mkdir(parents=True)
    (tmp_path / "configs" / "training" / "mine.yaml").write_text("defaults:\n  - finetune\n  - _self_\nepochs: 77\n")
    (tmp_path / "configs" / "training" / "probe.yaml").write_text("epochs: 3\n")
    assert load_config("train", ["training=mine"]).training.epochs == 77
    assert load_config("train").training.epochs == 3


def test_a_model_file_without_a_name_is_not_taken_for_the_default() -> None:
    Path("configs/model").mkdir(parents=True)
    Path("configs/model/mine.yaml").write_text("hub_id: a/b\nlicence: MIT\n", "utf-8")
    with pytest.raises(ConfigError, match=r"^model: its file gives it no name\. .* as model=xlmr_base has\.$"):
        load_config("train", ["model=mine"])
    keys = "name: mine\nkind: encoder\nhub_id: a/b\nrevision: main\npath: ''\nlicence: MIT\ndropout: 0.1\n"
    Path("configs/model/mine.yaml").write_text(keys, "utf-8")
    assert load_config("train", ["model=mine", "model.path=folder"]).model.name == "mine"


def test_an_experiment_is_a_small_difference() -> None:
    for path in (places.CONFIGS / "experiment").glob("*.yaml"):
        assert len(path.read_text().splitlines()) <= 20


def test_an_experiment_changes_the_plain_keys_too() -> None:
    options = load_config("train", ["experiment=probe-or-finetune"])
    assert (options.repeats, options.tracking.experiment) == (3, "probe-or-finetune")
    assert load_config("train", ["experiment=probe-or-finetune", "repeats=1"]).repeats == 1


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capfd.readouterr()
    try:
        code = main(list(arguments))
    except SystemExit as error:
        code = int(error.code or 0)
    out, err = capfd.readouterr()
    return code, out, err


def test_printing_the_configuration_checks_its_keys_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = said(capfd, "build", "data=folder", "data.name=2025_03", "--cfg", "job")
    assert (code, err) == (0, "")
    assert "name: '2025_03'" in out
    assert "articles: ???" in out
    code, out, err = said(capfd, "build", "--cfg", "job", "data.nam=x")
    assert (code, out) == (2, "")
    assert err.startswith("error: data.nam: unknown key. Did you mean 'data.name'")


def test_hydras_own_errors_are_told_as_ours(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from hydra._internal.hydra import Hydra
    from hydra.errors import InstantiationException

    def fails(*arguments: object, **named: object) -> None:
        raise InstantiationException("Error locating target 'x', set env var HYDRA_FULL_ERROR=1 to see chained exception.")

    monkeypatch.setattr(Hydra, "run", fails)
    code, out, err = said(capfd, "train", "model=majority")
    assert (code, out, err) == (2, "", "error: Error locating target 'x'\n")


@pytest.mark.parametrize("error", [DatasetError("d: broken."), OSError(28, "No space left on device")])
def test_errors_of_a_job_are_told_as_ours(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    from detente.cli import build

    def fails(options: object) -> None:
        raise error

    monkeypatch.setattr(build, "run", fails)
    code, out, err = said(capfd, "build", "data.name=báo")
    assert (code, out) == (1, "")
    assert err == f"error: {'d: broken.' if isinstance(error, DatasetError) else 'No space left on device'}\n"
    assert "HYDRA_FULL_ERROR" not in os.environ


def test_a_dataset_keeps_the_name_that_was_typed(capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("2025_03", "1.10", "tin-tức"):
        code, out, err = said(capfd, "build", f"data.name={name}")
        assert code == 0, err
        assert out == f"datasets/{name}\n"
        assert (Path("datasets") / name / "manifest.json").is_file()


def test_a_key_of_another_choice_is_told_with_it() -> None:
    with pytest.raises(ConfigError, match=r"^data\.sentences: unknown key\. It is a key of data=dispute and data=table\. "):
        load_config("build", ["data=folder", "data.articles=a", "data.sentences=a.csv"])
    with pytest.raises(ConfigError, match=r"^data\.label: unknown key\. Did you mean 'data\.labels'\? "):
        load_config("build", ["data=table", "data.sentences=a.csv", "data.label=x"])
