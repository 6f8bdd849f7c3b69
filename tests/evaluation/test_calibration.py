from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import row
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from detente.evaluation.calibration import (
    calibrate,
    calibration_error,
    fit_temperature,
    reliability,
)
from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.probabilities import log_loss
from detente.model.classifier import tempered
from label_sets import STANCE, STANCE_TASK


def drawn(n: int, sharpness: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from true probabilities, and those probabilities made ``sharpness`` times as sure."""
    generator = np.random.default_rng(seed)
    true = tempered(generator.dirichlet([1.0, 1.0, 1.0], size=n), 1.0)
    gold = np.array([STANCE[generator.choice(3, p=own / own.sum())] for own in true])
    return tempered(true, 1 / sharpness), gold


def as_predictions(probs: np.ndarray, gold: np.ndarray, n_groups: int) -> Predictions:
    rows = []
    for at, (own, label) in enumerate(zip(probs, gold, strict=True)):
        columns = dict(zip((f"stance_prob_{name}" for name in STANCE), own.tolist(), strict=True))
        rows.append({**row(at, label[0], "dne"[int(own.argmax())], group=f"g{at % n_groups:02}"), **columns})
    return predictions_of(rows, STANCE_TASK)


def test_the_temperature_undoes_what_made_a_model_too_sure() -> None:
    probs, gold = drawn(6000, sharpness=3.0)
    assert fit_temperature(probs, gold, STANCE) == pytest.approx(3.0, rel=0.06)
    assert fit_temperature(tempered(probs, 3.0), gold, STANCE) == pytest.approx(1.0, rel=0.06)


def test_the_temperature_is_scikit_learns() -> None:
    generator = np.random.default_rng(0)
    states = generator.normal(size=(400, 5))
    gold = np.array(sorted(STANCE))[(states @ generator.normal(size=(5, 3)) + generator.normal(size=(400, 3))).argmax(axis=1)]
    model = LogisticRegression(C=1000).fit(states[:100], gold[:100])
    theirs = CalibratedClassifierCV(FrozenEstimator(model), method="temperature", ensemble=False).fit(states[100:], gold[100:])
    labels = tuple(model.classes_.tolist())
    ours = fit_temperature(model.predict_proba(states[100:]), gold[100:], labels)
    expected = log_loss(theirs.predict_proba(states[100:]), gold[100:], labels)
    assert log_loss(tempered(model.predict_proba(states[100:]), ours), gold[100:], labels) == pytest.approx(expected, rel=1e-3)


@given(st.floats(0.1, 10.0), st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3))
def test_a_temperature_keeps_the_order_of_the_labels(temperature: float, weights: list[float]) -> None:
    probs = np.array(weights) / sum(weights)
    after = tempered(probs, temperature)
    assert after.sum() == pytest.approx(1.0)
    for one in range(3):
        for other in range(3):
            assert probs[one] <= probs[other] or after[one] >= after[other]


def test_after_figures_come_from_the_other_groups() -> None:
    probs, gold = drawn(900, sharpness=3.0)
    found = calibrate(as_predictions(probs, gold, n_groups=30))
    assert found is not None
    assert found.helps
    assert found.temperature == found.fitted == pytest.approx(3.0, rel=0.15)
    assert found.log_loss_after.value is not None
    assert found.log_loss_after.value < found.log_loss_before
    # On the very sentences it was fitted on, the loss is lower still.
    assert log_loss(tempered(probs, found.fitted), gold, STANCE) < found.log_loss_after.value


def test_a_temperature_that_does_not_help_other_groups_is_not_kept() -> None:
    # Group a is sure and right, group b sure and wrong: what one teaches hurts the other.
    rows = [row(at, "d", "d", group="a", prob=0.9) for at in range(10)]
    rows += [row(at, "d", "n", group="b", prob=0.9) for at in range(10)]
    found = calibrate(predictions_of(rows, STANCE_TASK))
    assert found is not None
    assert not found.helps
    assert found.temperature == 1.0
    assert found.fitted > 1.0


def test_one_group_gives_no_after_figure() -> None:
    found = calibrate(predictions_of([row(at, "d", "dn"[at % 2]) for at in range(6)], STANCE_TASK))
    assert found is not None
    assert str(found.log_loss_after) == "not estimable (one group only)"
    assert not found.helps


def test_rows_without_probabilities_are_not_calibrated() -> None:
    rows = [{key: value for key, value in row(at, "d", "d").items() if "_prob_" not in key} for at in range(3)]
    assert calibrate(predictions_of(rows, STANCE_TASK)) is None


def test_a_calibration_error_needs_a_thousand_sentences() -> None:
    probs, gold = drawn(1000, sharpness=1.0)
    assert str(calibration_error(probs[:999], gold[:999], STANCE)).startswith("not estimable (999 sentences, 1,000 needed")
    error = calibration_error(probs, gold, STANCE)
    assert error.value is not None
    assert error.value < 0.06
    too_sure = calibration_error(tempered(probs, 0.3), gold, STANCE)
    assert too_sure.value is not None
    assert too_sure.value > 0.15


def test_reliability_worked_by_hand() -> None:
    confidence = [0.4] * 8 + [0.9] * 8
    probs = np.array([[own, (1 - own) * 0.6, (1 - own) * 0.4] for own in confidence])
    gold = np.array(["dialogue"] * 2 + ["neutral"] * 6 + ["dialogue"] * 7 + ["neutral"])
    low, high = reliability(probs, gold, STANCE)
    assert (low.n_right, low.n, high.n_right, high.n) == (2, 8, 7, 8)
    assert (low.confidence, high.confidence) == (pytest.approx(0.4), pytest.approx(0.9))
