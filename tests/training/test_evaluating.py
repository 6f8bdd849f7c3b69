from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from notes import Notes

from detente.dataset import BuildOptions, LabelledDataset, build_dataset
from detente.dataset.splits import SplitOptions
from detente.errors import DatasetError, InputError, UsageError
from detente.evaluation import challenge
from detente.model import Classifier, load_model
from detente.model.classifier import sentence_hashes
from detente.prediction import predict_texts
from detente.tracking.serving import predict_request
from detente.training import TrainOptions, train
from detente.training.assessing import challenge_result
from detente.training.evaluating import evaluate_model, record_evaluation
from detente.training.options import TrainingOptions
from detente.training.recording import run_metrics
from label_sets import STANCE


@pytest.fixture(scope="module")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> LabelledDataset:
    """The seeds' five pages as train, validation and test."""
    folder = tmp_path_factory.mktemp("held-out")
    return build_dataset(BuildOptions(split=SplitOptions(method="holdout"), out=str(folder / "seeds")))


@pytest.fixture
def model(held_out: LabelledDataset, tfidf: TrainOptions) -> Classifier:
    return load_model(train(held_out, tfidf).model_folder)


def test_a_held_out_split_is_scored_beside_baselines_fitted_on_train(held_out: LabelledDataset, model: Classifier) -> None:
    result = evaluate_model(model, held_out, "test")
    scores = result.assessments["stance"]
    assert scores.evaluation.n == len(held_out.splits["test"])
    assert list(scores.baselines) == ["lexicon", "majority"]
    assert scores.evaluation.probabilities is not None
    assert not scores.evaluation.probabilities.within_groups
    assert scores.readings[0].n == scores.evaluation.n
    names = {path.name for path in result.folder.iterdir()}
    assert names == {"report.html", "report.md", "report.json", "pictures", "predictions.parquet", ".detente.json"}
    rows = pq.read_table(result.folder / "predictions.parquet").to_pylist()
    assert {row["sentence_id"] for row in rows} == {row.sentence_id for row in held_out.splits["test"]}
    metrics = json.loads((result.folder / "report.json").read_text(encoding="utf-8"))["metrics"]
    assert metrics["test/macro_f1"] == scores.evaluation.macro_f1.value
    assert "The worst mistakes, word by word" in result.report


def test_what_is_told_to_the_recorder(held_out: LabelledDataset, model: Classifier) -> None:
    notes = Notes()
    record_evaluation(notes, evaluate_model(model, held_out, "test"), held_out)
    assert notes.told["metrics"]["test/n"] == len(held_out.splits["test"])
    assert notes.told["report.html"].startswith("<!doctype html>")
    assert "model" not in notes.told


def test_rows_that_the_model_was_trained_on_are_refused_or_left_out(held_out: LabelledDataset, model: Classifier) -> None:
    with pytest.raises(DatasetError, match=r"trained on 59 of its 59 sentences.*Choose another split \(validation, test\)"):
        evaluate_model(model, held_out, "train")
    with pytest.raises(DatasetError, match="no labelled sentence is left"):
        evaluate_model(model, held_out, "train", seen="leave-out")
    assert not Path("evaluations").exists()


def test_a_dataset_it_has_partly_seen(dataset: LabelledDataset, model: Classifier) -> None:
    result = evaluate_model(model, dataset, "train", seen="leave-out")
    assert result.n_seen + result.assessments["stance"].evaluation.n == 81
    assert result.n_seen >= 29
    # No train split apart from this one: label shares are the model's own, and TF-IDF cannot be fitted.
    majority = result.assessments["stance"].baselines["majority"]
    assert majority.probabilities is not None
    assert majority.probabilities.log_loss_skill.value == 0.0
    assert f"{result.n_seen} sentences were left out because the model was trained on them" in result.report


@pytest.mark.parametrize(
    ("split", "seen", "error", "message"),
    [
        ("tset", "refuse", DatasetError, "no split 'tset'.*Did you mean 'test'"),
        ("test", "leave_out", UsageError, "seen: expected refuse or leave-out, got 'leave_out'"),
    ],
)
def test_wrong_calls(
    held_out: LabelledDataset, model: Classifier, split: str, seen: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate_model(model, held_out, split, seen=seen)


def test_a_model_trained_on_the_challenge_is_refused(model: Classifier) -> None:
    items = challenge.read_challenge()
    result = challenge_result(model, items)
    assert sum(own.n for own in result.groups) == 150
    model.info = replace(model.info, training_hashes=sentence_hashes([items[0].text]))
    with pytest.raises(InputError, match="the model was trained on 2 items of the challenge, first c001"):
        challenge_result(model, items)


def test_a_threshold_goes_the_whole_way(held_out: LabelledDataset, tfidf: TrainOptions) -> None:
    said: list[str] = []
    run = train(held_out, replace(tfidf, training=TrainingOptions(threshold=0.5)), say=said.append)
    about = json.loads((run.model_folder / "detente.json").read_text("utf-8"))
    assert about["threshold"] == {"stance": 0.5}
    assert "Below a highest probability of 0.500 in stance" in (run.model_folder / "README.md").read_text("utf-8")
    model = load_model(run.model_folder)
    texts = [row.text for row in held_out.splits["test"]]
    result = evaluate_model(model, held_out, "test")
    stored = pq.read_table(run.folder / "predictions.parquet").to_pylist()
    predicted = [dict(row) for _, row in predict_texts(model, texts).iterrows()]
    for rows in (stored, predicted, result.rows, predict_request(model, texts)):
        sure = [max(row[f"stance_prob_{label}"] for label in STANCE) for row in rows]
        assert [row["stance_abstain"] for row in rows] == [prob < 0.5 for prob in sure]
        assert len({row["stance_abstain"] for row in rows}) == 2
    n_answered = sum(not row["stance_abstain"] for row in result.rows)
    assert f"It answers {n_answered} of {len(texts)} sentences" in result.report
    n_stored = sum(not row["stance_abstain"] for row in stored)
    assert f"stance: threshold 0.500: {n_stored} of {len(stored)} scored sentences are answered" in said
    assert run_metrics(run.assessments, "validation")["validation/n_answered"] == n_stored
