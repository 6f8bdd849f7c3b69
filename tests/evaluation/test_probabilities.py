from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prediction_rows import row
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from detente.errors import InputError
from detente.evaluation import evaluate, metric_values, predictions_of
from detente.evaluation.probabilities import brier_score, log_loss, probability_scores
from label_sets import STANCE, STANCE_TASK


def probs_row(at: int, gold: str, probs: tuple[float, float, float], group: str = "a", seed: int = 0) -> dict[str, Any]:
    best = "dne"[int(np.argmax(probs))]
    columns = dict(zip((f"stance_prob_{label}" for label in STANCE), probs, strict=True))
    return {**row(at, gold, best, group=group), **columns, "seed": seed}


PRIOR = (0.5, 0.25, 0.25)


def test_losses_worked_by_hand() -> None:
    probs, gold = np.array([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]]), np.array(["dialogue", "neutral"])
    assert log_loss(probs, gold, STANCE) == pytest.approx((-math.log(0.5) - math.log(0.2)) / 2)
    # (0.5² + 0.25² + 0.25²) and (0.2² + 0.8² + 0.6²)
    assert brier_score(probs, gold, STANCE) == pytest.approx((0.375 + 1.04) / 2)


@given(st.lists(st.tuples(st.sampled_from(STANCE), st.tuples(*[st.floats(0.01, 1.0)] * 3)), min_size=1, max_size=30))
def test_losses_are_scikit_learns(pairs: list[tuple[str, tuple[float, float, float]]]) -> None:
    gold = np.array([label for label, _ in pairs])
    probs = np.array([weights for _, weights in pairs])
    probs /= probs.sum(axis=1, keepdims=True)
    order = np.argsort(STANCE)  # scikit-learn wants its columns in alphabetic order
    names = [STANCE[at] for at in order]
    assert log_loss(probs, gold, STANCE) == pytest.approx(sklearn_log_loss(gold, probs[:, order], labels=names))
    assert brier_score(probs, gold, STANCE) == pytest.approx(brier_score_loss(gold, probs[:, order], labels=names))


def test_skill_is_zero_for_the_reference_itself_and_one_for_certainty() -> None:
    reference = predictions_of([probs_row(at, gold, PRIOR) for at, gold in enumerate("ddne")], STANCE_TASK)
    found = probability_scores(reference, reference, within_groups=True)
    assert found is not None
    assert (found.log_loss_skill.value, found.brier_skill.value) == (0.0, 0.0)
    sure = predictions_of(
        [probs_row(at, gold, tuple(float(gold == own) for own in "dne")) for at, gold in enumerate("ddne")], STANCE_TASK
    )
    certain = probability_scores(sure, reference, within_groups=True)
    assert certain is not None
    assert certain.log_loss_skill.value == pytest.approx(1.0, abs=1e-5)
    assert certain.brier_skill.value == 1.0


def test_without_a_reference_there_is_no_skill() -> None:
    found = evaluate(predictions_of([probs_row(at, "d", PRIOR) for at in range(3)], STANCE_TASK))
    assert found.probabilities is not None
    assert "no reference" in str(found.probabilities.log_loss_skill)
    assert "oof/log_loss_skill" not in metric_values(found, "oof")
    assert metric_values(found, "oof")["oof/log_loss"] == pytest.approx(-math.log(0.5))


def test_a_reference_of_other_sentences_is_refused() -> None:
    one, other = (predictions_of([probs_row(at, "d", PRIOR) for at in rows], STANCE_TASK) for rows in ((1, 2), (1, 3)))
    with pytest.raises(InputError, match="other sentences than the model's"):
        probability_scores(one, other, within_groups=True)


def test_a_model_that_knows_only_its_training_shares_ranks_at_chance_within_groups() -> None:
    # Held-out shares and training shares move against each other, so that pooled scores would rank below chance.
    rows = [probs_row(at, "d" if at < 8 else "n", (0.2, 0.7, 0.1), "a") for at in range(10)]
    rows += [probs_row(at, "d" if at < 2 else "n", (0.8, 0.1, 0.1), "b") for at in range(10)]
    predictions = predictions_of(rows, STANCE_TASK)
    within = probability_scores(predictions, None, within_groups=True)
    pooled = probability_scores(predictions, None, within_groups=False)
    assert within is not None
    assert pooled is not None
    ranking = within.ranking["dialogue"]
    assert ranking.auroc.value == 0.5
    assert (ranking.n_pairs, ranking.n_groups) == (8 * 2 + 2 * 8, 2)
    assert ranking.average_precision.value == pytest.approx((8 * 0.8 + 2 * 0.2) / 10)
    assert ranking.base_rate == pytest.approx(ranking.average_precision.value)
    assert pooled.ranking["dialogue"].auroc.value == pytest.approx(0.2)


def test_auroc_counts_pairs_of_one_group() -> None:
    # Group a: positives .9 .4, negatives .5 .1: 3 of 4 pairs in order. Group b: 1 of 1. Group c has no negative.
    probs = {"a": [(0.9, "d"), (0.4, "d"), (0.5, "n"), (0.1, "n")], "b": [(0.3, "d"), (0.2, "n")], "c": [(0.1, "d")]}
    rows = [
        probs_row(at, gold, (prob, (1 - prob) / 2, (1 - prob) / 2), group)
        for group, own in probs.items()
        for at, (prob, gold) in enumerate(own)
    ]
    found = probability_scores(predictions_of(rows, STANCE_TASK), None, within_groups=True)
    assert found is not None
    assert found.ranking["dialogue"].auroc.value == pytest.approx(4 / 5)
    assert (found.ranking["dialogue"].n_pairs, found.ranking["dialogue"].n_groups) == (5, 2)
    escalation = found.ranking["escalation"]
    assert str(escalation.auroc) == "not estimable (no group has sentences with and without the label)"
    assert escalation.n_pairs == 0
