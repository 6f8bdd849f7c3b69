from __future__ import annotations

import pytest

from detente.evaluation import evaluate_labels
from detente.evaluation.tables import score_table


@pytest.mark.parametrize(("n_groups", "n_columns"), [(29, 29), (30, 0)])
def test_a_score_shows_its_groups_while_they_are_few(n_groups: int, n_columns: int) -> None:
    gold = ["a", "b"] * n_groups
    evaluation = evaluate_labels("own", ("a", "b"), gold, [gold], [f"g{n // 2}" for n in range(2 * n_groups)])
    header, row = score_table({"tfidf": evaluation})
    assert (len(header), header[:3]) == (3 + n_columns, ["model", "macro-F1", "accuracy"])
    assert row == ["tfidf", "1.000", "1.000", *["2/2"] * n_columns]
