from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from prediction_rows import row

from detente.evaluation.abstention import Coverage, abstain, abstention, choose_threshold, threshold_line
from detente.evaluation.predictions import Predictions, predictions_of
from label_sets import STANCE, STANCE_TASK


def sure_and_unsure() -> Predictions:
    """Six sentences sure and right, four unsure of which three are wrong."""
    rows = [row(at, "d", "d", prob=0.9) for at in range(6)]
    rows += [row(6 + at, "n" if at else "d", "d", prob=0.41) for at in range(4)]
    return predictions_of(rows, STANCE_TASK)


def test_abstention_leaves_the_least_sure_to_a_human() -> None:
    probs = np.array([[0.9, 0.05, 0.05], [0.5, 0.3, 0.2]] * 5)
    gold = np.array(["dialogue", "neutral"] * 5)
    points = abstention(probs, gold, STANCE)
    assert (points[0].coverage, points[0].accuracy, points[0].threshold) == (1.0, 0.5, 0.5)
    half = next(point for point in points if point.n == 5)
    assert (half.coverage, half.accuracy, half.macro_f1, half.threshold) == (0.5, 1.0, 1.0, 0.9)


def test_chows_rule_worked_by_hand() -> None:
    # All answered: 3 errors of 10 cost .3. Six answered: no error, four left at 1/2 each cost .2.
    found = abstain(sure_and_unsure(), "auto")
    assert found is not None
    assert [(point.n, round(point.cost, 3)) for point in found.curve] == [(10, 0.3), (6, 0.2)]  # ties stay together
    assert (found.threshold, found.asked) == (0.9, "auto")
    assert found.answered is not None
    assert (found.answered.n, found.answered.accuracy) == (6, 1.0)


def test_a_threshold_that_is_given_stands_and_zero_is_one() -> None:
    given = abstain(sure_and_unsure(), 0.5)
    assert given is not None
    assert (given.threshold, given.answered.n if given.answered else 0) == (0.5, 6)
    assert threshold_line(given) == "threshold 0.500: 6 of 10 scored sentences are answered"
    zero = abstain(sure_and_unsure(), 0)
    assert zero is not None
    assert (zero.threshold, zero.answered.n if zero.answered else 0) == (0.0, 10)
    none_left = abstain(sure_and_unsure(), 1.0)
    assert none_left is not None
    assert (none_left.threshold, none_left.answered) == (1.0, None)


def test_no_threshold_where_none_is_asked_or_none_pays() -> None:
    assert (found := abstain(sure_and_unsure())) is not None
    assert (found.threshold, found.answered, threshold_line(found)) == (None, None, None)
    right = predictions_of([row(at, "d", "d", prob=0.5 + at / 100) for at in range(10)], STANCE_TASK)
    assert (all_right := abstain(right, "auto")) is not None
    assert all_right.threshold is None
    assert threshold_line(all_right) == "no threshold: to answer every sentence costs least"
    assert abstain(replace(right, probs=None), "auto") is None


@pytest.mark.parametrize("lowest", [0.12345678, 0.5, 0.9999999])
def test_the_last_sentence_that_the_curve_answers_is_answered(lowest: float) -> None:
    curve = [Coverage(1.0, 0.1, 10, 0.1, 0.1), Coverage(0.5, lowest, 5, 1.0, 1.0)]
    threshold = choose_threshold(curve)
    assert threshold is not None
    assert lowest - 1e-6 < threshold <= lowest
    assert round(threshold, 6) == threshold
