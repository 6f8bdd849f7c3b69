from __future__ import annotations

import shutil
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

import detente.training.options
from detente import places, train
from detente.config import TrainConfig, load_config
from detente.dataset import LabelledDataset
from detente.errors import ConfigError, UsageError
from detente.model.options import ModelOptions
from detente.text import TextOptions
from detente.tracking.options import TrackingOptions
from detente.training.options import TrainingOptions, TrainOptions, check_options, run_key
from detente.training.planning import in_order, plan_run


def test_seed_zero_is_a_seed() -> None:
    assert TrainOptions(seed=0, repeats=3).seeds == (0, 1, 2)


def test_every_value_that_cannot_be_is_listed_at_once() -> None:
    options = TrainOptions(
        repeats=0,
        model=ModelOptions(kind="encodr", dropout=1.5),
        training=TrainingOptions(epochs=0, class_weights="equal", warmup=-0.1, threshold=1.5),
    )
    with pytest.raises(ConfigError) as caught:
        check_options(options)
    message = str(caught.value)
    for part in (
        "training.threshold: expected null, auto or a probability from 0 to 1, got 1.5",
        "repeats:",
        "model.dropout:",
        "training.epochs:",
        "class_weights:",
        "warmup:",
        "Did you mean 'encoder'",
    ):
        assert part in message


@pytest.mark.parametrize("threshold", [None, "auto", 0, 0.5, 1])
def test_a_threshold_is_none_auto_or_a_probability(threshold: float | str | None) -> None:
    typed = "null" if threshold is None else threshold
    options = load_config("train", [f"training.threshold={typed}"])
    assert options.training.threshold == threshold
    check_options(options)


@pytest.mark.parametrize("threshold", ["atuo", -0.1, float("nan"), float("inf")])
def test_another_threshold_is_refused(threshold: float | str) -> None:
    with pytest.raises(ConfigError, match=f"training.threshold: expected .*got {threshold}"):
        check_options(TrainOptions(training=TrainingOptions(threshold=threshold)))


def test_unknown_task_and_segmenter(dataset: LabelledDataset) -> None:
    with pytest.raises(UsageError, match=r"task 'stanse': .* has no labels of it; it has stance, sentiment\. Did you mean"):
        train(dataset, TrainOptions(task="stanse"))
    with pytest.raises(ConfigError, match="unknown segmenter"):
        check_options(TrainOptions(text=TextOptions(segmenter="vncorenlp")))


def test_tasks_in_another_order_are_the_same_training(dataset: LabelledDataset) -> None:
    plans = [
        plan_run(dataset, TrainOptions(task=task, text=TextOptions("syllables")))
        for task in (("stance", "sentiment"), ("sentiment", "stance"), "joint")
    ]
    assert [[task.name for task in plan.tasks] for plan in plans] == [["stance", "sentiment"]] * 3
    assert len({plan.key for plan in plans}) == 1
    assert [plan.options.task for plan in plans] == [("stance", "sentiment"), ("stance", "sentiment"), "joint"]
    assert in_order(dataset, TrainOptions(task=("sentiment", "stance"))).task == ("stance", "sentiment")


def test_the_run_key_is_of_what_decides_the_numbers(tmp_path: Path) -> None:
    base = TrainConfig()
    key = run_key(base, "sha256:a", places.MINI)
    copy = tmp_path / "elsewhere"
    shutil.copytree(places.MINI, copy)
    same = replace(base, dataset="elsewhere", tracking=TrackingOptions(kind="none"), model=ModelOptions(path=str(copy)))
    assert run_key(same, "sha256:a", copy) == key
    assert run_key(TrainOptions(), "sha256:a", places.MINI) == key
    (copy / "vocab.txt").write_text("khác 1\n", encoding="utf-8")
    others = [
        run_key(base, "sha256:b", places.MINI),
        run_key(replace(base, seed=1), "sha256:a", places.MINI),
        run_key(replace(base, training=TrainingOptions(epochs=11)), "sha256:a", places.MINI),
        run_key(same, "sha256:a", copy),
    ]
    assert len({key, *others}) == 5


@pytest.mark.parametrize(
    ("package", "kind", "segmenter", "changes"),
    [
        ("underthesea", "tfidf", "underthesea", True),
        ("underthesea-core", "tfidf", "underthesea", True),
        ("underthesea", "tfidf", "none", False),
        ("tokenizers", "encoder", "none", True),
        ("transformers", "encoder", "none", True),
        ("transformers", "tfidf", "none", False),
    ],
)
def test_an_upgrade_of_what_decides_the_ids_is_another_run(
    package: str, kind: str, segmenter: str, changes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = TrainOptions(model=ModelOptions(kind=kind), text=TextOptions(segmenter=segmenter))
    before = run_key(options, "sha256:a", None)
    installed = metadata.version
    for module in (metadata, detente.training.options):  # the first for what imports it when it is asked
        monkeypatch.setattr(module, "version", lambda name: "99.0" if name == package else installed(name))
    assert (run_key(options, "sha256:a", None) != before) == changes
