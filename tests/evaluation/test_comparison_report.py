"""A comparison gives one verdict: what stands above the scores agrees with what the test says."""

from __future__ import annotations

import pytest
from prediction_rows import row

from detente.evaluation.comparison import compare_family
from detente.evaluation.comparison_report import Compared, comparison_report
from detente.evaluation.markdown import markdown
from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.selection import selection
from label_sets import STANCE_TASK


def run(predicted: str, n_groups: int) -> Predictions:
    rows = [
        row(at, "dne"[at % 3], letter, group=f"g{at % n_groups:02}")
        for at, letter in enumerate((predicted * n_groups)[: 3 * n_groups])
    ]
    return predictions_of(rows, STANCE_TASK)


@pytest.mark.parametrize(
    ("n_groups", "predicted", "verdict"),
    [
        (12, "dne", "right is better (p = 0.000488)"),
        (12, "edn", "no difference shown (p = 1)"),
        (5, "dne", "not testable: 5 groups, smallest p = 0.0625"),
        (40, "dne", "right is better (p = 0.0001)"),
    ],
)
def test_few_groups_do_not_take_back_what_the_test_says(n_groups: int, predicted: str, verdict: str) -> None:
    runs = {"wrong": run("edn", n_groups), "right": run(predicted, n_groups)}
    compared = Compared("stance", "oof", runs, compare_family(runs, [("wrong", "right")]), selection(runs), 2)
    text = markdown(comparison_report(compared))
    assert verdict in text
    assert ("not which model is better" in text) == verdict.startswith("not testable")
    assert ("the exchange test holds for few groups too" in text) == (n_groups == 12)
