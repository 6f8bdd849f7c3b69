"""What versions of before tasks were data wrote goes on being read: ``tests/before`` was made by one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from detente import compare_runs, load_model, read_dataset, train
from detente.dataset.publishing import diff_datasets, publish_dataset
from detente.errors import DatasetError
from detente.model.folder import read_info
from detente.model.options import ModelOptions
from detente.text import TextOptions
from detente.tracking.configurations import by_configuration
from detente.tracking.tracked import TrackedRun, with_task
from detente.training import TrainOptions
from detente.training.evaluating import evaluate_model

BEFORE = Path(__file__).parent / "before"


def test_a_dataset_is_one_of_stance_and_sentiment() -> None:
    dataset = read_dataset(BEFORE / "dataset")
    assert {name: (task.labels, task.ordered) for name, task in dataset.tasks.items()} == {
        "stance": (("dialogue", "neutral", "escalation"), True),
        "sentiment": (("negative", "neutral", "positive"), True),
    }
    assert dataset.manifest.splits["train"].labels["stance"] == {"dialogue": 14, "neutral": 3, "escalation": 5}
    assert (len(dataset.rows), len(dataset.readings)) == (22, 66)
    assert dataset.rows[0].labels == {"stance": "dialogue", "sentiment": "neutral"}


def test_it_is_published_and_compared() -> None:
    publish_dataset(BEFORE / "dataset", Path("public"), without_text=True)
    assert list(json.loads(Path("public/manifest.json").read_text("utf-8"))["tasks"]) == ["stance", "sentiment"]
    before = read_dataset(BEFORE / "dataset")
    assert diff_datasets(before, before).n_same == 22


def test_a_count_that_is_missing_is_still_missed(tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(BEFORE / "dataset", folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["splits"]["train"]["stance"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(DatasetError, match=r"'splits\.train\.labels': expected stance, sentiment"):
        read_dataset(folder)


def test_a_model_is_loaded_scored_and_compared_with_a_new_run() -> None:
    info = read_info(BEFORE / "run" / "model")
    assert (dict(info.tasks), info.ordered) == ({"stance": ("dialogue", "neutral", "escalation")}, ("stance",))
    dataset = read_dataset(BEFORE / "dataset")
    with pytest.raises(DatasetError, match="was trained on 22 of its 22 sentences"):
        evaluate_model(load_model(BEFORE / "run" / "model"), dataset, "train")
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"), text=TextOptions(segmenter="syllables"))
    run = train(dataset, options)
    compared = compare_runs([str(BEFORE / "run"), str(run.folder)], known=False).compared
    assert (compared.task, list(compared.runs), compared.comparisons[0].n) == ("stance", ["majority", "tfidf"], 22)


def test_a_run_of_before_and_one_of_now_are_of_one_configuration() -> None:
    assert with_task({"task.name": "stance", "seed": "0"}) == {"task": "stance", "seed": "0"}
    assert with_task({"task": "['stance', 'tone']"}) == {"task": "['stance', 'tone']"}
    shared = {"model.kind": "tfidf", "data_digest": "sha256:0"}
    configs = [with_task({**shared, **task}) for task in ({"task.name": "stance"}, {"task": "stance"}, {"task": "sentiment"})]
    runs = [
        TrackedRun(f"run {at}", None, "oof", "sha256:0", config, ({"sentence_id": "a#0", "group_id": "a", "seed": at},))
        for at, config in enumerate(configs)
    ]
    assert [len(own) for own in by_configuration(runs).values()] == [2, 1]
