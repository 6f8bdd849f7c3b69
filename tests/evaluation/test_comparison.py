from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prediction_rows import row

from detente.errors import InputError
from detente.evaluation.comparison import compare_family, holm
from detente.evaluation.counts import macro_f1, macro_f1_of_counts
from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.selection import selection
from label_sets import STANCE_TASK


def run(predicted: str, gold: str, groups: str) -> Predictions:
    """One prediction, gold label and group a letter."""
    rows = [row(at, g, p, group=group) for at, (p, g, group) in enumerate(zip(predicted, gold, groups, strict=True))]
    return predictions_of(rows, STANCE_TASK)


def made(k: int, right: float, seed: int, per_group: int = 4) -> Predictions:
    generator = np.random.default_rng(seed)
    gold = np.random.default_rng(99).choice(list("dne"), size=k * per_group)
    predicted = [g if generator.random() < right else "dne"[("dne".index(g) + 1) % 3] for g in gold]
    rows = [row(at, g, p, group=f"g{at // per_group:03}") for at, (g, p) in enumerate(zip(gold, predicted, strict=True))]
    return predictions_of(rows, STANCE_TASK)


def test_five_groups_are_not_testable_whatever_the_difference() -> None:
    gold, groups = "dnedn" * 2, "aabbccddee"
    (found,) = compare_family(
        {"all wrong": run("edned" * 2, gold, groups), "all right": run(gold, gold, groups)}, [("all wrong", "all right")]
    )
    assert found.difference.value == 1.0
    assert (found.p, found.p_holm, found.smallest_p) == (None, None, 2 / 32)
    assert found.verdict == "not testable: 5 groups, smallest p = 0.0625"
    assert found.differing == tuple(range(10))


def test_six_groups_can_reach_it_and_a_family_of_two_takes_it_back() -> None:
    gold, groups = "dne" * 4, "aabbccddeeff"
    wrong, right = run("edn" * 4, gold, groups), run(gold, gold, groups)
    (found,) = compare_family({"wrong": wrong, "right": right}, [("wrong", "right")])
    assert found.p == found.p_holm == 2 / 64
    assert found.verdict == "right is better (p = 0.0312)"
    both = compare_family(
        {"wrong": wrong, "right": right, "other": run("edn" * 4, gold, groups)}, [("wrong", "right"), ("wrong", "other")]
    )
    assert both[0].verdict == "not testable: 6 groups, smallest p = 0.0625"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_the_exchange_test_is_every_exchange_written_out(seed: int) -> None:
    k = 6
    one, other = made(k, 0.6, seed), made(k, 0.8, seed + 1)
    groups = one.groups
    names = sorted(set(groups.tolist()))
    differences = []
    for exchange in product([False, True], repeat=k):
        swapped = np.isin(groups, [name for name, own in zip(names, exchange, strict=True) if own])
        a = np.where(swapped, other.predicted[0], one.predicted[0])
        b = np.where(swapped, one.predicted[0], other.predicted[0])
        differences.append(abs(macro_f1(one.gold, b) - macro_f1(one.gold, a)))
    expected = np.mean(np.array(differences) >= differences[0] - 1e-12)
    (found,) = compare_family({"one": one, "other": other}, [("one", "other")])
    assert found.p == pytest.approx(expected)


@given(st.lists(st.tuples(st.sampled_from("dne"), st.sampled_from("dne")), min_size=1, max_size=30))
def test_macro_f1_of_counts_is_that_of_the_labels(pairs: list[tuple[str, str]]) -> None:
    counts = np.zeros((3, 3))
    for gold, predicted in pairs:
        counts["dne".index(gold), "dne".index(predicted)] += 1
    assert float(macro_f1_of_counts(counts)) == pytest.approx(macro_f1([g for g, _ in pairs], [p for _, p in pairs]))


def test_many_groups_are_sampled_and_bootstrapped_and_the_seed_decides() -> None:
    runs = {"weak": made(40, 0.5, 1), "strong": made(40, 0.8, 2)}
    (found,), (again,) = (compare_family(runs, [("weak", "strong")], seed=0) for _ in range(2))
    assert found == again
    assert found.p_holm is not None
    assert found.p_holm < 0.001
    assert "bootstrap" in found.difference.method
    assert found.difference.low is not None
    assert found.difference.low > 0
    (alike,) = compare_family({"one": made(40, 0.7, 3), "other": made(40, 0.7, 4)}, [("one", "other")])
    assert alike.verdict.startswith("no difference shown")


def test_runs_may_have_other_numbers_of_random_seeds() -> None:
    gold, groups = "dne" * 4, "aabbccddeeff"
    rows = [
        row(at, g, p, group=group, seed=seed)
        for seed, predicted in enumerate(["dne" * 4, "edn" * 4])
        for at, (p, g, group) in enumerate(zip(predicted, gold, groups, strict=True))
    ]
    (found,) = compare_family({"one": run("edn" * 4, gold, groups), "two": predictions_of(rows, STANCE_TASK)}, [("one", "two")])
    assert found.difference.value == pytest.approx(0.5)
    assert found.p is not None


def test_holm_worked_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03], 3) == [pytest.approx(0.03), pytest.approx(0.06), pytest.approx(0.06)]
    # A comparison that could not be tested still counts in the family.
    assert holm([0.01], 3) == [pytest.approx(0.03)]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (run("dn", "dn", "ab"), "scored on different sentences"),
        (run("dnd", "dne", "abc"), "different gold labels or groups, first at"),
    ],
)
def test_runs_of_other_sentences_or_labels_are_refused(other: Predictions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        compare_family({"one": run("dnd", "dnn", "abc"), "other": other}, [("one", "other")])


def test_the_best_of_many_that_know_nothing_loses_its_luck() -> None:
    # Twenty guessers of 36 sentences: the best one looks good by chance.
    runs = {f"guesser {seed}": made(12, 1 / 3, seed, per_group=3) for seed in range(20)}
    found = selection(runs)
    assert found.n_configurations == 20
    assert found.corrected.value is not None
    assert found.reported > 0.4
    assert found.corrected.value < found.reported - 0.05


def test_few_groups_cannot_correct_the_choice() -> None:
    found = selection({"one": made(5, 0.6, 1), "other": made(5, 0.7, 2)})
    assert str(found.corrected) == "not estimable (5 groups, at least 10 needed)"
    assert selection({"one": made(5, 0.6, 1)}).corrected.value == pytest.approx(selection({"one": made(5, 0.6, 1)}).reported)
