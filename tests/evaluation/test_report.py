from __future__ import annotations

from detente.evaluation import evaluate_labels
from detente.evaluation.pictures import confusion_picture
from detente.evaluation.report import RunFacts, markdown_table, run_report, score_table, short_names
from detente.labels import STANCE

EVALUATION = evaluate_labels(
    "stance", STANCE, ["dialogue", "neutral", "neutral"], [["dialogue", "neutral", "dialogue"]], ["000_a", "001_b", "001_b"]
)
FACTS = RunFacts(
    model="tiny (untrained encoder)",
    untrained=True,
    licence="AGPL-3.0",
    task="stance",
    dataset="seeds",
    dataset_version="1.0.0",
    digest="sha256:0123456789abcdef",
    run_key="f" * 64,
    version="0.1.0",
    split="out-of-fold predictions",
    n_left_out=8,
    n_truncated=1,
    n_texts=3,
    seeds=(0,),
)


def test_the_report_says_what_a_reader_must_know() -> None:
    report = run_report(FACTS, EVALUATION, {"majority": EVALUATION})
    assert "n = 3 sentences in 2 groups" in report
    assert "2 groups of articles are a smoke test, not evidence" in report
    assert "The encoder is untrained" in report
    assert "8 training sentences, summed over the folds, were left out as near-copies" in report
    assert "1 of 3 texts were longer than the model reads" in report
    assert "AGPL-3.0" in report
    assert "| tiny (untrained encoder) | 0.667 | 0.667 | 1/1 | 1/2 |" in report
    assert "| escalation | not defined | not defined | not defined | 0 | 0 |" in report
    assert "interval not estimable: 2 groups" in report


def test_group_names_are_shortened_only_where_they_stay_distinct() -> None:
    assert short_names(EVALUATION) == {"000_a": "000", "001_b": "001"}
    same = evaluate_labels("stance", STANCE, ["neutral"] * 2, [["neutral"] * 2], ["x_1", "x_2"])
    assert short_names(same) == {}
    assert score_table({"m": same})[0] == ["model", "macro-F1", "accuracy", "x_1", "x_2"]


def test_pipes_do_not_break_a_table() -> None:
    assert markdown_table([["a"], ["b|c"]]) == "| a |\n| --- |\n| b\\|c |"


def test_the_picture_is_a_png() -> None:
    assert confusion_picture(EVALUATION, "stance").startswith(b"\x89PNG")
