from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import row

from detente.evaluation import evaluate, metric_values, predictions_of
from detente.evaluation.ordered import quadratic_weighted_kappa
from label_sets import STANCE, STANCE_TASK


def by_definition(gold: list[str], predicted: list[str]) -> float:
    """1 - Σ w·observed / Σ w·expected, written out."""
    places = {label: at for at, label in enumerate(STANCE)}
    observed = np.zeros((3, 3))
    for a, b in zip(gold, predicted, strict=True):
        observed[places[a], places[b]] += 1
    expected = np.outer(observed.sum(1), observed.sum(0)) / observed.sum()
    weights = np.array([[(i - j) ** 2 for j in range(3)] for i in range(3)])
    return float(1 - (weights * observed).sum() / (weights * expected).sum())


def test_weighted_kappa_worked_by_hand() -> None:
    # One of four is off by two: Σ w·observed = 4; margins 2,0,2 and 1,0,3: Σ w·expected = 4·(2·3/4 + 2·1/4) = 8.
    gold = np.array(["dialogue", "dialogue", "escalation", "escalation"])
    predicted = np.array(["dialogue", "escalation", "escalation", "escalation"])
    assert quadratic_weighted_kappa(gold, predicted, STANCE) == pytest.approx(0.5)


@given(st.lists(st.tuples(st.sampled_from(STANCE), st.sampled_from(STANCE)), min_size=2, max_size=40))
def test_weighted_kappa_is_the_definition(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [a for a, _ in pairs], [b for _, b in pairs]
    found = quadratic_weighted_kappa(np.array(gold), np.array(predicted), STANCE)
    if len({*gold, *predicted}) == 1:
        assert found is None
    else:
        assert found == pytest.approx(by_definition(gold, predicted))


def test_flips_are_counted_over_sentences_whose_gold_label_is_an_end() -> None:
    rows = [row(at, gold, predicted) for at, (gold, predicted) in enumerate(["de", "dn", "dd", "ed", "nn", "ne"])]
    found = evaluate(predictions_of(rows, STANCE_TASK))
    assert found.ordered is not None
    assert (found.ordered.n_flips, found.ordered.n_ends) == (2, 4)
    assert metric_values(found, "oof")["oof/flip_rate"] == pytest.approx(0.5)


def test_one_label_only_is_not_estimable() -> None:
    found = evaluate(predictions_of([row(at, "n", "n") for at in range(4)], STANCE_TASK))
    assert found.ordered is not None
    assert str(found.ordered.weighted_kappa) == "not estimable (one label only in gold and predictions)"
    assert found.ordered.flip_rate is None
    assert not {"oof/weighted_kappa", "oof/flip_rate"} & metric_values(found, "oof").keys()
