from __future__ import annotations

import math

import pytest
from prediction_rows import row

from detente.errors import InputError
from detente.evaluation import predictions_of
from label_sets import STANCE_TASK


def test_rows_become_arrays_in_the_order_of_their_ids() -> None:
    rows = [row(2, "e", "e", group="b"), row(1, "d", "n", group="a"), row(3, "-", "n", group="a")]
    found = predictions_of(rows, STANCE_TASK)
    assert found.sentence_ids == ("a#1", "b#2")
    assert found.gold.tolist() == ["dialogue", "escalation"]
    assert found.predicted.tolist() == [["neutral", "escalation"]]
    assert found.n_groups == 2
    assert found.probs is not None
    assert found.probs.shape == (1, 2, 3)
    assert found.probs[0, 0].tolist() == pytest.approx([0.1, 0.8, 0.1])


def test_each_random_seed_is_a_layer() -> None:
    rows = [row(at, "d", predicted, seed=seed) for seed, predicted in ((1, "d"), (0, "n")) for at in range(3)]
    found = predictions_of(rows, STANCE_TASK)
    assert found.seeds == (0, 1)
    assert found.predicted.tolist() == [["neutral"] * 3, ["dialogue"] * 3]


def test_rows_without_probabilities_have_none() -> None:
    rows = [{key: value for key, value in row(1, "d", "d").items() if "_prob_" not in key}]
    assert predictions_of(rows, STANCE_TASK).probs is None


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no row with a stance label"),
        ([row(1, "-", "d")], "no row with a stance label"),
        ([row(1, "d", "d"), row(1, "d", "n")], "a#1 stands twice under one random seed"),
        ([row(1, "d", "d"), row(2, "d", "d"), row(1, "d", "d", seed=1)], "random seeds 0 and 1 do not cover the same"),
        ([row(1, "d", "d", stance_pred="dialog")], "a#1 has the stance_pred 'dialog'; expected dialogue, neutral, escalation"),
        ([row(1, "d", "d", stance="peace")], "a#1 has the stance 'peace'"),
        ([row(1, "d", "d", stance_prob_neutral=math.nan)], "1 rows have stance probabilities that are none, first a#1"),
        ([row(1, "d", "d", stance_prob_neutral=math.inf)], "logits were NaN or infinite"),
        ([row(1, "d", "d", prob=0.8, stance_prob_dialogue=0.1)], "expected numbers from 0 that sum to 1"),
        ([{"stance": "dialogue", "sentence_id": "a"}], "no column group_id, stance_pred"),
    ],
)
def test_what_cannot_be_scored_is_refused(rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        predictions_of(rows, STANCE_TASK)
