from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from detente.cli import main
from detente.dataset import BuildOptions, build_dataset
from detente.dataset.splits import SplitOptions
from detente.model.options import ModelOptions
from detente.tracking.comparing import compare_runs
from detente.training import TrainOptions, train


@pytest.fixture(scope="module")
def _made(tfidf: TrainOptions, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str, str]]:
    folder = tmp_path_factory.mktemp("made")
    majority = TrainOptions(model=ModelOptions(name="majority", kind="majority"))
    with contextlib.chdir(folder):
        dataset = build_dataset(BuildOptions(split=SplitOptions(method="holdout"), out="mine"))
        return folder, (str(train(dataset, tfidf).folder), str(train(dataset, majority).folder), "mine")


@pytest.fixture
def folders(_made: tuple[Path, tuple[str, str, str]]) -> tuple[str, str, str]:
    """Two runs on a dataset with held-out splits, and the dataset: copies in the working directory."""
    shutil.copytree(_made[0], Path(), dirs_exist_ok=True)
    return _made[1]


def test_evaluate_scores_the_test_split_and_is_a_run_of_its_own(
    folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    from detente.tracking import open_store

    run, _, dataset = folders
    assert main(["evaluate", f"{run}/model", dataset]) == 0
    shown = capsys.readouterr()
    assert [line.split()[0] for line in shown.out.splitlines()] == ["model", "tfidf", "lexicon", "majority"]
    assert "interval not estimable: 1 group, at least 3 needed" in shown.err
    (report,) = Path("evaluations").glob("*/report.html")
    assert f"report: {report}" in shown.err
    (tracked,) = open_store().search_runs(search_all_experiments=True, output_format="list")
    assert tracked.data.tags["kind"] == "evaluation"
    assert tracked.data.tags["model_run_key"] == json.loads(Path(run, "result.json").read_text())["run_key"]
    assert tracked.data.metrics["test/n"] == 9
    assert tracked.info.status == "FINISHED"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--split", "train"], 1, "the model was trained on 59 of its 59 sentences"),
        (["--split", "tset"], 1, "no split 'tset'"),
        (["--seen", "ignore"], 2, "Invalid value for '--seen'"),
    ],
)
def test_what_evaluate_refuses_leaves_nothing_behind(
    folders: tuple[str, str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.setattr("detente.model.load_model", lambda *given: pytest.fail("a model was loaded"))
    assert main(["evaluate", f"{folders[0]}/model", folders[2], *arguments]) == code
    assert message in capsys.readouterr().err
    assert not Path("evaluations").exists()
    assert not Path("mlflow.db").exists()


def test_compare_prints_and_writes(folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *folders[:2], "-o", "comparison.html"]) == 0
    shown = capsys.readouterr()
    assert "not testable: 1 group, smallest p = 1" in shown.out
    assert "| sentence |" not in shown.out
    page = Path("comparison.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    comparison = compare_runs(folders[:2])
    (found,) = comparison.compared.comparisons
    assert ("Where tfidf and majority differ" in page) == bool(found.differing)
    assert page.count("<tbody>") == 2 + bool(found.differing)  # scores, differences, and the sentences where there are any
    assert main(["compare", *folders[:2], "--no-record", "-o", "comparison.json"]) == 0
    assert json.loads(Path("comparison.json").read_text(encoding="utf-8"))["comparisons"][0]["n_groups"] == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["-o", "comparison.txt"], 2, "comparison.txt: unknown format '.txt'; expected .md, .json, .html."),
        (["--level", "2"], 2, "level: expected a share between 0 and 1, got 2.0."),
        (["--task", "sentiment"], 2, "no task 'sentiment' in all runs"),
    ],
)
def test_what_compare_refuses(
    folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    assert main(["compare", *folders[:2], *arguments]) == code
    assert message in capsys.readouterr().err


def test_ones_own_compare_yaml_declares_the_family(folders: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("configs").mkdir()
    Path("configs/compare.yaml").write_text("family: some\nlevel: 0.05\nseed: 0\n")
    assert main(["compare", *folders[:2]]) == 2
    assert "family: expected first or all, got 'some'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--experiment", " "], 2, "tracking.experiment: expected a name, got ' '"),
        ([], 1, "mlflow.db is not MLflow's"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_before_anything_is_read(
    arguments: list[str], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect("mlflow.db") as made:
        made.execute("create table mine (text text)")
    made.close()
    before = Path("mlflow.db").read_bytes()
    assert main(["evaluate", "model", "dataset", *arguments]) == code
    assert message in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["mlflow.db"]
    assert Path("mlflow.db").read_bytes() == before
