from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from detente.dataset import LabelledDataset
from detente.errors import InputError, UsageError
from detente.labels import STANCE
from detente.model import Classifier
from detente.prediction import batch, predict, predict_texts
from detente.training.fitting import fit
from detente.training.options import TrainOptions


@pytest.fixture(scope="module")
def classifier(dataset: LabelledDataset) -> Classifier:
    from detente.model.options import ModelOptions

    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"))
    return fit(dataset.labelled("stance"), options, seed=0, encoder=None)


def test_rows_keep_their_order_and_columns(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 2)
    Path("in.jsonl").write_text("".join(json.dumps({"n": n, "text": f"Câu {n}."}) + "\n" for n in range(7)), "utf-8")
    summary = predict(classifier, "in.jsonl", "out.jsonl")
    rows = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert (summary.n_rows, summary.n_truncated) == (7, 0)
    assert [row["n"] for row in rows] == list(range(7))
    assert list(rows[0]) == [
        "n",
        "text",
        "stance_pred",
        *(f"stance_prob_{label}" for label in STANCE),
        "stance_abstain",
        "n_tokens",
        "truncated",
    ]
    one = predict_texts(classifier, ["Câu 3."]).iloc[0]
    assert rows[3]["stance_prob_dialogue"] == pytest.approx(one["stance_prob_dialogue"])
    assert sum(rows[3][f"stance_prob_{label}"] for label in STANCE) == pytest.approx(1, abs=2e-6)


def test_csv_out_of_txt(classifier: Classifier) -> None:
    Path("in.txt").write_text('Ông nói: "Một, hai".\nCâu 🙂\n', "utf-8")
    predict(classifier, "in.txt", "out.csv")
    with Path("out.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == ['Ông nói: "Một, hai".', "Câu 🙂"]
    assert rows[0]["truncated"] == "False"


def test_a_clash_of_names_is_an_error(classifier: Classifier) -> None:
    Path("in.csv").write_text("text,stance_pred\nmột,dialogue\n", "utf-8")
    with pytest.raises(InputError, match="has a column 'stance_pred', which the predictions would overwrite"):
        predict(classifier, "in.csv", "out.csv")


def test_the_input_is_never_replaced(classifier: Classifier) -> None:
    Path("in.csv").write_text("text\nmột\n", "utf-8")
    with pytest.raises(UsageError, match="is the input itself"):
        predict(classifier, "in.csv", "in.csv")
    assert Path("in.csv").read_text("utf-8") == "text\nmột\n"


@pytest.mark.parametrize(("texts", "message"), [("Hai bên", "got one string"), (["Hai bên", None], "text 1 is NoneType")])
def test_texts_must_be_a_sequence_of_strings(classifier: Classifier, texts: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        predict_texts(classifier, texts)  # type: ignore[arg-type]


def test_a_bad_last_row_costs_no_prediction_and_leaves_no_file(classifier: Classifier) -> None:
    Path("in.txt").write_text("một\n" * 20 + "\nhai", "utf-8")
    Path("out.csv").write_text("older")
    with pytest.raises(InputError, match=r"in\.txt:21"):
        predict(classifier, "in.txt", "out.csv")
    assert Path("out.csv").read_text() == "older"
    with pytest.raises(UsageError, match=r"unknown format '\.parq'"):
        predict(classifier, "in.txt", "out.parq")


def test_a_failure_in_the_middle_leaves_nothing_half_written(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "CHUNK", 2)
    Path("in.txt").write_text("một\nhai\nba\nbốn\n", "utf-8")
    calls = []
    score = type(classifier).score

    def failing(self: Classifier, texts: list[str], batch_size: int = 32) -> object:
        calls.append(len(texts))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return score(self, texts, batch_size)

    monkeypatch.setattr(type(classifier), "score", failing)
    with pytest.raises(KeyboardInterrupt):
        predict(classifier, "in.txt", "out.csv")
    assert sorted(path.name for path in Path().iterdir()) == ["in.txt"]
