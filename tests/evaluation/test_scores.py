from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from detente import intervals
from detente.errors import InputError
from detente.evaluation import evaluate_labels, metric_values, scores
from detente.evaluation.counts import macro_f1
from row_intervals import interval_over_groups

LABELS = ("dialogue", "neutral", "escalation")
NAMES = {"d": "dialogue", "n": "neutral", "e": "escalation"}


def spell(short: str) -> list[str]:
    return [NAMES[c] for c in short]


def test_macro_f1_worked_by_hand() -> None:
    # d: 2 right, 3 gold, 3 predicted: 2/3. n: 1 right, 2 gold, 3 predicted: 2/5. e: 1 gold, never predicted: 0.
    assert macro_f1(spell("dddnne"), spell("ddnndn")) == pytest.approx((2 / 3 + 2 / 5 + 0) / 3)


def test_macro_f1_is_over_the_labels_that_occur() -> None:
    assert macro_f1(spell("ddnn"), spell("ddnn")) == 1.0
    assert macro_f1(spell("dddd"), spell("dddn")) == pytest.approx((6 / 7 + 0) / 2)


@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=50))
def test_macro_f1_is_scikit_learns(pairs: list[tuple[str, str]]) -> None:
    gold, predicted = [g for g, _ in pairs], [p for _, p in pairs]
    expected = f1_score(gold, predicted, labels=sorted({*gold, *predicted}), average="macro", zero_division=0.0)
    assert macro_f1(gold, predicted) == pytest.approx(expected)


def test_an_evaluation_and_its_metrics() -> None:
    evaluation = evaluate_labels("stance", LABELS, spell("dddnne"), [spell("ddnndn")], list("aabbcc"))
    assert (evaluation.n, evaluation.n_groups) == (6, 3)
    assert evaluation.accuracy == pytest.approx(3 / 6)
    assert [(g.group_id, g.n_right, g.n) for g in evaluation.by_group] == [("a", 2, 2), ("b", 1, 2), ("c", 0, 2)]
    assert evaluation.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    escalation = evaluation.by_class["escalation"]
    assert (escalation.precision, escalation.recall, escalation.f1) == (None, 0.0, 0.0)
    metrics = metric_values(evaluation, "oof")
    assert metrics["oof/confusion_dialogue_as_neutral"] == 1
    assert metrics["oof/f1_neutral"] == pytest.approx(2 / 5)
    assert "oof/precision_escalation" not in metrics
    assert metrics["oof/macro_f1.low"] < metrics["oof/macro_f1"] < metrics["oof/macro_f1.high"]


def test_matthews_correlation_against_its_formula() -> None:
    # Two classes: (tp·tn - fp·fn) / sqrt(...) with tp 2, tn 1, fp 1, fn 1.
    evaluation = evaluate_labels("stance", LABELS, spell("dddnn"), [spell("ddnnd")], list("abcde"))
    assert evaluation.mcc.value == pytest.approx((2 * 1 - 1 * 1) / np.sqrt(3 * 3 * 2 * 2))


def test_matthews_of_a_constant_side_is_undefined_and_never_zero() -> None:
    evaluation = evaluate_labels("stance", LABELS, spell("ddn"), [spell("ddd")], list("abc"))
    assert evaluation.mcc.value is None
    assert str(evaluation.mcc) == "not estimable (one label only predicted)"
    assert "oof/mcc" not in metric_values(evaluation, "oof")


def test_several_seeds_give_means_of_pooled_scores() -> None:
    gold, first, second = spell("dnde"), spell("dnde"), spell("dddd")
    evaluation = evaluate_labels("stance", LABELS, gold, [first, second], list("abcd"))
    assert evaluation.macro_f1_by_seed == (1.0, pytest.approx((4 / 6) / 3))
    assert evaluation.macro_f1.value == pytest.approx(np.mean([1.0, (4 / 6) / 3]))
    assert evaluation.macro_f1_sd == pytest.approx(np.std([1.0, (4 / 6) / 3], ddof=1))
    assert evaluation.accuracy == pytest.approx(0.75)


@pytest.mark.parametrize("predictions", [[], [["dialogue"]]])
def test_nothing_to_evaluate_or_lengths_that_differ(predictions: list[list[str]]) -> None:
    with pytest.raises(InputError, match=r"nothing to evaluate|expected one each a row"):
        evaluate_labels("stance", LABELS, spell("dd"), predictions, ["a", "a"])


@pytest.mark.parametrize("k", [2, 5, 40])
def test_the_interval_by_counts_is_that_of_rows(monkeypatch: pytest.MonkeyPatch, k: int) -> None:
    monkeypatch.setattr(intervals, "N_RESAMPLES", 200)  # a row at a time each is slow
    generator = np.random.default_rng(0)
    groups = [f"g{at % k}" for at in range(4 * k)]
    gold, *predicted = (generator.choice(LABELS, len(groups), p=[0.6, 0.3, 0.1]) for _ in range(3))
    found = evaluate_labels("stance", LABELS, gold.tolist(), [own.tolist() for own in predicted], groups).macro_f1

    def by_row(rows: np.ndarray) -> float:
        scores = [
            f1_score(gold[rows], own[rows], average="macro", labels=sorted({*gold[rows], *own[rows]}), zero_division=0)
            for own in predicted
        ]
        return float(np.mean(scores))

    expected = interval_over_groups(by_row, groups, bounds=(0, 1))
    assert (found.method, found.reason) == (expected.method, expected.reason)
    assert found.value == pytest.approx(expected.value)
    if k > 2:
        assert (found.low, found.high) == (pytest.approx(expected.low), pytest.approx(expected.high))


def test_resamples_are_of_groups_and_look_at_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty thousand rows are counted once; an interval over the rows themselves would take half a minute."""
    rows, shapes = [0], []
    count, interval = scores.counts_by_group, scores.interval_over_sums

    def counting(gold: Sequence[str], *arguments: Any) -> Any:
        rows[0] += len(gold)
        return count(gold, *arguments)

    def over_sums(value: float, statistic: Any, counts: np.ndarray, **keywords: Any) -> Any:
        shapes.append(counts.shape)
        return interval(value, statistic, counts, **keywords)

    monkeypatch.setattr(scores, "counts_by_group", counting)
    monkeypatch.setattr(scores, "interval_over_sums", over_sums)
    generator = np.random.default_rng(0)
    gold, predicted = generator.choice(LABELS, 20_000), generator.choice(LABELS, 20_000)
    scored = evaluate_labels("stance", LABELS, gold.tolist(), [predicted.tolist()], [f"g{at // 20}" for at in range(20_000)])
    assert (scored.n, scored.n_groups, scored.macro_f1.method) == (20_000, 1000, "95 %, bootstrap over groups,")
    assert (rows, shapes) == ([20_000], [(1000, 1, 3, 3)])


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="unknown label 'peace'; expected dialogue, neutral, escalation"):
        evaluate_labels("stance", LABELS, spell("dd"), [["dialogue", "peace"]], ["a", "b"])
