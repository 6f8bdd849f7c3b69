from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from notes import Notes

from detente.dataset import LabelledDataset
from detente.errors import ConfigError, DatasetError, InputError, ModelError, TrainingError, UsageError
from detente.model import load_model
from detente.model.options import ModelOptions
from detente.training import TrainingRun, TrainOptions, cross_validate, train
from detente.training.options import TrainingOptions
from detente.training.recording import flat_config


@pytest.fixture(scope="module")
def run(dataset: LabelledDataset, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Notes]:
    notes = Notes()
    training = TrainingOptions(method="finetune", epochs=1, learning_rate=1e-3)
    options = TrainOptions(repeats=2, model=ModelOptions(name="tiny", path=str(tiny)), training=training)
    # Two workers may both be at this very run, which one working directory lets only one of them be.
    folder = tmp_path_factory.mktemp("run")
    with contextlib.chdir(folder):
        return train(dataset, options, recorder=notes, out=folder / "run"), notes


def test_out_of_fold_predictions_cover_every_sentence_once_a_seed(run: tuple[TrainingRun, Notes]) -> None:
    rows = pq.read_table(run[0].folder / "predictions.parquet").to_pylist()
    assert Counter(row["seed"] for row in rows) == {0: 81, 1: 81}
    assert len({(row["sentence_id"], row["seed"]) for row in rows}) == 162
    assert all(row["group_id"] == row["article_id"].split(".")[0] for row in rows)
    names = list(rows[0])
    assert names[names.index("stance") + 1 :] == [
        "stance_pred",
        "stance_prob_dialogue",
        "stance_prob_neutral",
        "stance_prob_escalation",
        "stance_abstain",
        "n_tokens",
        "truncated",
        "stance_pred_masked",
        "fold",
        "seed",
    ]


def test_the_final_model_knows_what_it_was_trained_on(run: tuple[TrainingRun, Notes], dataset: LabelledDataset) -> None:
    model = load_model(run[0].model_folder)
    assert model.info.data_digest == dataset.digest
    assert model.info.run_key == run[0].run_key
    assert len(model.info.training_hashes) == 80  # one of the 81 stands word for word on two pages
    assert model.info.untrained
    assert "untrained" in (run[0].model_folder / "README.md").read_text(encoding="utf-8")


def test_what_is_recorded(run: tuple[TrainingRun, Notes]) -> None:
    told = run[1].told
    assert told["params"]["training.epochs"] == 1
    assert told["params"]["text.segmenter"] == "underthesea"
    assert told["metrics"]["oof/n"] == 81
    assert told["metrics"]["oof/n_groups"] == 5
    assert told["metrics"]["oof/macro_f1_of_majority"] == pytest.approx(0.224, abs=5e-4)
    assert {"oof/macro_f1", "oof/macro_f1.low", "oof/macro_f1.high", "oof/macro_f1.sd", "oof/accuracy"} <= told[
        "metrics"
    ].keys()
    confusion = sum(value for name, value in told["metrics"].items() if "confusion" in name)
    assert confusion == 81
    assert told["report.md"] == run[0].report
    assert "detente.json" in told["model"]
    assert json.loads(told["versions.json"])["transformers"]
    assert len(run[1].children) == 10
    assert sum(child.told["metrics"]["oof/n"] for child in run[1].children) == 162
    assert not any("macro_f1" in name for child in run[1].children for name in child.told["metrics"])


def test_majority_predicts_the_most_frequent_label_of_its_training_side(dataset: LabelledDataset) -> None:
    majority = TrainOptions(model=ModelOptions(name="majority", kind="majority"))
    scored = cross_validate(dataset, majority)
    assert {row["stance_pred"] for row in scored.rows} == {"dialogue"}
    assert scored.evaluation.accuracy == pytest.approx(41 / 81)
    assert scored.n_left_out == 8


def test_cross_validation_finds_its_own_encoder(dataset: LabelledDataset, quick: TrainOptions) -> None:
    scored = cross_validate(dataset, quick)
    assert len(scored.rows) == 81
    missing = replace(quick, model=ModelOptions(path="nowhere"))
    with pytest.raises(ModelError, match="nowhere: no such folder"):
        cross_validate(dataset, missing)


def test_held_out_splits(held_out: LabelledDataset, tiny: Path) -> None:
    assert set(held_out.splits) == {"train", "validation", "test"}
    left_out = held_out.manifest.near_duplicates.n_sentences_left_out
    result = train(held_out, TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf")))
    assert result.split == "validation"
    assert result.evaluation.n == len(held_out.splits["validation"])
    assert result.evaluation.accuracy > 0.9
    assert f"because they nearly copy a held-out sentence: {left_out} sentences" in result.report
    training = TrainingOptions(method="finetune", epochs=1, learning_rate=1e-3)
    options = TrainOptions(repeats=2, model=ModelOptions(name="tiny", path=str(tiny)), training=training)
    repeated = train(held_out, options)
    assert len(repeated.evaluation.macro_f1_by_seed) == 2
    counted = Counter(row["seed"] for row in pq.read_table(repeated.folder / "predictions.parquet").to_pylist())
    assert counted == dict.fromkeys((0, 1), repeated.evaluation.n)
    with pytest.raises(DatasetError, match="no folds to cross-validate over"):
        cross_validate(held_out, TrainOptions())


def test_bad_options_stop_before_anything_is_written(dataset: LabelledDataset, quick: TrainOptions) -> None:
    with pytest.raises(ConfigError):
        train(dataset, replace(quick, repeats=0))
    assert list(Path().iterdir()) == []


def test_a_run_takes_the_place_of_nothing_but_a_run(
    dataset: LabelledDataset, tfidf: TrainOptions, trained: Callable[[TrainOptions], Path]
) -> None:
    Path("docs").mkdir()
    Path("docs/thesis.tex").write_text("years of work")
    for out, message in [
        (Path("docs"), r"docs: exists and is no run folder of détente's; it holds thesis\.tex"),
        (dataset.folder, "is the input itself"),
        (dataset.folder.parent, "holds the input"),
        (dataset.folder / "run", "lies in the input"),
    ]:
        with pytest.raises((InputError, UsageError), match=message):
            train(dataset, tfidf, out=out)
    assert [path.as_posix() for path in Path().rglob("*")] == ["docs", "docs/thesis.tex"]
    shutil.copytree(trained(replace(tfidf, model=ModelOptions(name="majority", kind="majority"))), "run")
    train(dataset, tfidf, out=Path("run"))
    assert load_model("run/model").info.kind == "tfidf"


def test_a_failed_run_leaves_what_it_had_done_alone(
    dataset: LabelledDataset, tfidf: TrainOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detente.training import run as module

    def interrupted(*args: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "model_card", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(dataset, tfidf)
    assert [path.name for path in Path("runs").iterdir()] == [".unfinished"]


def test_two_processes_at_the_same_run(dataset: LabelledDataset, tfidf: TrainOptions) -> None:
    from filelock import FileLock

    from detente.training.planning import plan_run

    folder = Path("runs/.unfinished") / plan_run(dataset, tfidf).key[:16]
    folder.parent.mkdir(parents=True)
    with FileLock(folder.with_suffix(".lock")), pytest.raises(TrainingError, match="another process is at this very run"):
        train(dataset, tfidf)
    assert train(dataset, tfidf).evaluation.n == 81


def test_flat_config_has_the_names_of_the_command_line() -> None:
    assert flat_config({"a": {"b": 1, "c": {"d": ""}}, "e": 0}) == {"a.b": 1, "a.c.d": "", "e": 0}


@pytest.mark.slow
def test_phobert_is_fine_tuned_for_real(phobert_folder: Path, dataset: LabelledDataset) -> None:
    """The exact PhoBERT-base shape goes through one epoch and comes back from its folder; its weights are random."""
    from detente import places
    from detente.model import save_model
    from detente.training.fitting import encoder_folder, fit

    options = TrainOptions(
        model=ModelOptions(name="phobert_base", path=str(phobert_folder), licence="MIT"),
        training=TrainingOptions(method="finetune", epochs=1, batch_size=8, learning_rate=3e-5),
    )
    encoder = encoder_folder(options)
    assert encoder == phobert_folder != places.MINI
    rows = dataset.labelled("stance")[:16]
    classifier = fit(rows, options, seed=0, encoder=encoder)
    assert not classifier.info.untrained
    save_model(classifier, Path("model"))
    texts = [row.text for row in rows[:2]]
    assert (load_model("model").score(texts).probs["stance"] == classifier.score(texts).probs["stance"]).all()
