from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from detente.config import TrainConfig
from detente.dataset import BuildOptions, LabelledDataset, build_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import ConfigError, InputError, TrackingError, UsageError
from detente.model.options import ModelOptions
from detente.text import TextOptions
from detente.tracking import mlflow_run, open_store
from detente.tracking.comparing import CompareOptions, compare_runs, record_comparison
from detente.tracking.configurations import by_configuration
from detente.tracking.options import TrackingOptions
from detente.tracking.tracked import TrackedRun, _flat
from detente.training import TrainOptions, train
from detente.training.options import TrainingOptions
from detente.training.recording import flat_config

MAJORITY = ModelOptions(name="majority", kind="majority")

Trained = Callable[[TrainOptions], Path]


def tracked(dataset: LabelledDataset, options: TrainOptions, name: str) -> str:
    with mlflow_run(TrackingOptions(), f"{name}, stance") as recorder:
        run = train(dataset, options, recorder=recorder)
    assert run.run_id
    return run.run_id


def test_two_runs_of_the_store(dataset: LabelledDataset, tfidf: TrainOptions) -> None:
    ids = [tracked(dataset, tfidf, "tfidf"), tracked(dataset, replace(tfidf, model=MAJORITY), "majority")]
    comparison = compare_runs(ids)
    (found,) = comparison.compared.comparisons
    assert (found.first, found.second) == ("tfidf", "majority")
    assert found.difference.value == pytest.approx(0.224 - 0.311, abs=1e-3)
    assert found.verdict == "not testable: 5 groups, smallest p = 0.0625"
    assert comparison.compared.n_tried == 2
    assert comparison.compared.selection.best == "tfidf"
    assert "not testable: 5 groups" in comparison.markdown
    assert "14 of 81 sentences" in comparison.markdown

    assert record_comparison(comparison) == 1
    client = open_store().MlflowClient()
    first, second = (client.get_run(run_id) for run_id in ids)
    assert second.data.metrics["oof/macro_f1_difference"] == found.difference.value
    assert second.data.tags["compared_with"] == "tfidf"
    assert second.data.tags["comparison"] == found.verdict
    assert first.data.tags["best_of_compared"].startswith("of 2; corrected for the choice: not estimable (5 groups")
    assert {first.info.status, second.info.status} == {"FINISHED"}
    assert {"comparison.json", "comparison.md"} <= {item.path for item in client.list_artifacts(ids[0])}
    assert json.loads(json.dumps(comparison.to_json()))["best"]["n_tried"] == 2


def test_folders_do_as_well_and_random_seeds_of_one_configuration_count_as_one(trained: Trained, tfidf: TrainOptions) -> None:
    made = (tfidf, replace(tfidf, seed=1), replace(tfidf, model=MAJORITY))
    folders = [str(trained(options)) for options in made]
    comparison = compare_runs(folders)
    assert list(comparison.compared.runs) == ["tfidf", "majority"]
    assert comparison.compared.runs["tfidf"].seeds == (0, 1)
    assert record_comparison(comparison) == 0  # none of them is tracked
    with pytest.raises(InputError, match="all runs named are of one configuration"):
        compare_runs(folders[:2])
    with pytest.raises(InputError, match="one configuration and random seed; there is nothing to compare"):
        compare_runs([folders[0], folders[0]])


def test_folders_that_were_tracked_in_another_store(
    dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = []
    for model in (tfidf.model, MAJORITY):
        with mlflow_run(TrackingOptions(uri=f"sqlite:///{tmp_path / 'theirs.db'}"), model.name) as recorder:
            folders.append(
                str(train(dataset, replace(tfidf, model=model), out=tmp_path / model.name, recorder=recorder).folder)
            )
    for there in (False, True):
        if there:
            open_store()
        before = (tmp_path / "mlflow.db").read_bytes() if there else None
        message = r"is not in the MLflow store at .*MLFLOW_TRACKING_URI.*--no-record" if there else "is not there: nothing was"
        with pytest.raises(TrackingError, match=message):
            compare_runs(folders)
        assert compare_runs(folders, known=False).compared.n_tried == 2
        assert ((tmp_path / "mlflow.db").read_bytes() if there else None) == before
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'theirs.db'}")
    assert compare_runs(folders).compared.n_tried == 2
    for name in ("result.json", "config.json", "model/detente.json", "predictions.parquet"):
        path = Path(folders[0]) / name
        content = path.read_bytes()
        for other in (b"{}", b"[1]", b"{", b"") if name != "config.json" else (b"[1]", b"{", b""):
            path.write_bytes(other)
            with pytest.raises(InputError, match=Path(folders[0]).name) as refused:
                compare_runs(folders)
            assert len(str(refused.value)) < 700
        path.write_bytes(content)


def test_runs_of_one_name_are_told_apart_by_what_differs(trained: Trained, tfidf: TrainOptions) -> None:
    folders = [str(trained(replace(tfidf, model=replace(tfidf.model, ngram_max=n)))) for n in (1, 2)]
    comparison = compare_runs(folders, CompareOptions(family="all"))
    assert list(comparison.compared.runs) == ["1. tfidf (model.ngram_max=1)", "2. tfidf (model.ngram_max=2)"]


def config(model: str = "mini", **changes: Any) -> TrainConfig:
    """Options of an encoder, or of tfidf, with some of ``training``'s, ``model``'s and others changed."""
    training = {name: value for name, value in changes.items() if name in vars(TrainingOptions())}
    of_model = {name: value for name, value in changes.items() if name in vars(ModelOptions())}
    rest = {name: value for name, value in changes.items() if name not in training | of_model}
    kind = "tfidf" if model == "tfidf" else "encoder"
    return TrainConfig(model=ModelOptions(name=model, kind=kind, **of_model), training=TrainingOptions(**training), **rest)


def names(*configs: TrainConfig, data: Sequence[str] = ("sha256:a" * 2,), encoders: Sequence[str] = ("e" * 16,)) -> list[str]:
    """What runs of these options are called; read from a folder and from the store in turn."""
    runs = []
    for at, options in enumerate(configs):
        digests = {"data_digest": data[at % len(data)], "encoder_digest": encoders[at % len(encoders)]}
        flat = as_folder({**asdict(options), **digests}) if at % 2 else as_store(options)
        runs.append(TrackedRun(options.model.name, None, "oof", digests["data_digest"], {**flat, **digests}, ({"seed": at},)))
    return list(by_configuration(runs))


def as_folder(options: dict[str, Any]) -> dict[str, str]:
    return _flat(json.loads(json.dumps(options)))


def as_store(options: TrainConfig) -> dict[str, str]:
    return {key: str(value) if value != "" else "(empty)" for key, value in flat_config(options).items()}


def test_names_say_all_that_differs_and_matters_and_nothing_else() -> None:
    none = TrackingOptions(kind="none", experiment="x")
    assert names(
        config(method="probe", tracking=none, dataset="a", path="/one"),
        config(method="finetune", checkpoint_minutes=9.0, calibration="none", resume="never", path="/two"),
    ) == ["1. mini (training.method=probe)", "2. mini (training.method=finetune)"]
    assert names(
        config(),
        config(method="finetune", learning_rate=1e-4, epochs=3),
        config(method="lora", learning_rate=5e-4, epochs=3, lora_rank=4),
    ) == [
        "1. mini (training.method=probe)",
        "2. mini (training.method=finetune, training.learning_rate=0.0001)",
        "3. mini (training.method=lora, training.learning_rate=0.0005)",
    ]
    assert names(config(), config("tfidf", epochs=99)) == ["mini", "tfidf"]  # of epochs tfidf knows nothing
    assert names(config(text=TextOptions("underthesea")), config("tfidf", text=TextOptions("pyvi"))) == [
        "mini (text.segmenter=underthesea)",
        "tfidf (text.segmenter=pyvi)",
    ]
    assert names(config(), config(), encoders=["abcdefgh12345678", "12345678abcdefgh"]) == [
        "1. mini (encoder=abcdefgh)",
        "2. mini (encoder=12345678)",
    ]
    assert names(config(task="stance"), config(task=("stance", "tone")), config(task=("stance", "tone"), epochs=3)) == [
        "1. mini (task=stance)",
        "2. mini (task=stance, tone)",
    ]
    assert names(config(probe_layers=(-1,)), config(probe_layers=(1, 2))) == [
        "1. mini (training.probe_layers=-1)",
        "2. mini (training.probe_layers=1, 2)",
    ]
    assert names(config("tfidf"), config("tfidf"), data=["sha256:1234567890", "sha256:abcdefghij"], encoders=["(empty)"]) == [
        "1. tfidf (data=12345678)",
        "2. tfidf (data=abcdefgh)",
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"tracking": TrackingOptions(kind="none")},
        {"checkpoint_minutes": 1.0},
        {"calibration": "none"},
        {"dataset": "elsewhere"},
        {"path": "/elsewhere"},
        {"lora_rank": 4},  # which no probe heeds
        {"seed": 1},
    ],
)
def test_what_decides_no_prediction_makes_no_configuration(other: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="all runs named are of one configuration, with other random seeds"):
        names(config(), config(**other))


def test_runs_on_other_folds_are_refused_unless_told(
    dataset: LabelledDataset, three_folds: LabelledDataset, trained: Trained, tfidf: TrainOptions, tmp_path: Path
) -> None:
    held_out = build_dataset(BuildOptions(split=SplitOptions(method="holdout"), out=str(tmp_path / "held-out")))
    majority = replace(tfidf, model=MAJORITY)
    others = [train(data, majority, out=tmp_path / name).folder for name, data in (("b", three_folds), ("c", held_out))]
    folders = list(map(str, (trained(tfidf), *others)))
    with pytest.raises(InputError, match=r"are of other data .*--allow-different-data"):
        compare_runs(folders[:2])
    comparison = compare_runs(folders[:2], allow_different_data=True)
    names = [f"{name} (data={data.digest[7:15]})" for name, data in (("tfidf", dataset), ("majority", three_folds))]
    assert list(comparison.compared.runs) == names
    assert len(comparison.compared.runs[names[0]].gold) == 81
    assert "compared on the sentences they share" in comparison.markdown
    with pytest.raises(InputError, match=r"scored on oof and .* on validation"):
        compare_runs([folders[0], folders[2]])


def test_wrong_calls(trained: Trained, tfidf: TrainOptions, tmp_path: Path) -> None:
    folder = str(trained(tfidf))
    with pytest.raises(UsageError, match="1 run named; expected two at least"):
        compare_runs([folder])
    with pytest.raises(ConfigError, match="family: expected first or all, got 'al'"):
        compare_runs([folder, folder], CompareOptions(family="al"))
    with pytest.raises(ConfigError, match="level: expected a share between 0 and 1"):
        compare_runs([folder, folder], CompareOptions(level=5))
    with pytest.raises(UsageError, match="no task 'sentiment' in all runs"):
        compare_runs([folder, folder], task="sentiment")
    with pytest.raises(InputError, match="no run with predictions"):
        compare_runs([folder, str(tmp_path)])
    with pytest.raises(TrackingError, match="no such run"):
        compare_runs([folder, "0" * 32])


def test_a_run_without_predictions(dataset: LabelledDataset, tfidf: TrainOptions) -> None:
    run_id = tracked(dataset, tfidf, "tfidf")
    mlflow = open_store()
    with mlflow_run(TrackingOptions(), "empty") as recorder:
        pass
    with pytest.raises(InputError, match=r"has no predictions \(status FINISHED; its files should be at file:"):
        compare_runs([run_id, str(recorder.run_id)])
    folds = mlflow.search_runs(
        search_all_experiments=True, filter_string="attributes.run_name = 'fold 0'", output_format="list"
    )
    with pytest.raises(InputError, match="not one of its folds"):
        compare_runs([run_id, folds[0].info.run_id])
