from __future__ import annotations

import numpy as np
import pytest

from detente.intervals import interval_over_sums, jackknife_half_width, missed_share
from row_intervals import interval_over_groups


def test_jackknife_worked_by_hand() -> None:
    # Statistics with one group left out: .2 .4 .6. Mean .4, sum of squares .08; sqrt(2/3 · .08) = .2309; t(2) = 4.3027.
    assert jackknife_half_width(np.array([0.2, 0.4, 0.6])) == pytest.approx(4.302653 * np.sqrt(2 / 3 * 0.08), rel=1e-5)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    values = np.array([0.1, 0.5, 0.4, 0.9, 0.3])
    estimate = interval_over_groups(lambda rows: float(values[rows].mean()), list("abcde"), bounds=(-9, 9))
    half = 2.776445 * values.std(ddof=1) / np.sqrt(5)
    assert estimate.high == pytest.approx(values.mean() + half, rel=1e-5)
    assert estimate.low == pytest.approx(values.mean() - half, rel=1e-5)
    assert estimate.method == "rough 95 %"


def test_too_few_groups_give_no_interval_and_the_reason() -> None:
    estimate = interval_over_groups(lambda rows: 0.5, ["a", "a", "b"], bounds=(0, 1))
    assert (estimate.value, estimate.low) == (0.5, None)
    assert str(estimate) == "0.500 (interval not estimable: 2 groups, at least 3 needed)"


def test_thirty_groups_are_bootstrapped_and_the_seed_decides() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(0.5, 0.1, 60)
    groups = [f"g{at // 2}" for at in range(60)]

    def mean(rows: np.ndarray) -> float:
        return float(values[rows].mean())

    first, again = (interval_over_groups(mean, groups, bounds=(0, 1), seed=0) for _ in range(2))
    assert first == again
    assert "bootstrap" in first.method
    by_group = values.reshape(30, 2).mean(axis=1)
    half = 1.96 * by_group.std(ddof=1) / np.sqrt(30)
    assert first.high - first.low == pytest.approx(2 * half, rel=0.15)


def test_bounds_are_kept() -> None:
    estimate = interval_over_groups(lambda rows: float(np.isin(rows, [0, 1]).mean()), list("abcd"), bounds=(0, 1))
    assert 0 <= estimate.low <= estimate.high <= 1


def test_a_statistic_that_is_not_defined_on_a_draw_has_no_interval() -> None:
    def undefined_without_a(rows: np.ndarray) -> float:
        return 0.5 if (rows == 0).any() else float("nan")

    few = interval_over_groups(undefined_without_a, list("abcd"), bounds=(0, 1))
    assert str(few) == "0.500 (interval not estimable: not defined without one of the groups)"
    many = interval_over_groups(undefined_without_a, [f"g{at}" for at in range(30)], bounds=(0, 1))
    assert many.low is None
    assert "of 2000 resamples" in many.reason


@pytest.mark.parametrize("k", [2, 5, 40])
def test_sums_give_the_interval_that_rows_give(k: int) -> None:
    generator = np.random.default_rng(2)
    groups = [f"g{at}" for at in range(k) for _ in range(1 + at % 3)]
    values = generator.random(len(groups))

    def mean(sums: np.ndarray) -> np.ndarray:
        return sums[..., 0] / sums[..., 1]

    by_rows = interval_over_groups(lambda rows: float(values[rows].mean()), groups, bounds=(0, 1))
    names = np.array(groups)
    sums = np.array([[values[names == name].sum(), (names == name).sum()] for name in dict.fromkeys(groups)])
    by_sums = interval_over_sums(float(values.mean()), mean, sums, bounds=(0, 1))
    assert (by_sums.method, by_sums.reason) == (by_rows.method, by_rows.reason)
    if k > 2:
        assert (by_sums.low, by_sums.high) == (pytest.approx(by_rows.low), pytest.approx(by_rows.high))


@pytest.mark.parametrize("k", [5, 40])
def test_what_no_group_moves_has_no_interval(k: int) -> None:
    groups = [f"g{at}" for at in range(k)]
    perfect = interval_over_groups(lambda rows: 1.0, groups, bounds=(0, 1))
    share = {5: "45 %", 40: "7 %"}[k]
    assert str(perfect) == (
        f"1.000 (interval not estimable: as high as can be in all {k} groups; by the exact binomial bound, at 95 % confidence, "
        f"up to {share} of groups may be lower)"
    )
    assert interval_over_groups(lambda rows: 0.0, groups, bounds=(0, 1)).reason.endswith("may be higher")
    same = interval_over_groups(lambda rows: 0.0, groups, bounds=(-1, 1))
    assert (same.low, same.high, same.reason) == (None, None, f"the same without any one of the {k} groups")
    sums = np.ones((k, 2))
    by_sums = interval_over_sums(1.0, lambda sums: sums[..., 0] / sums[..., 1], sums, bounds=(0, 1))
    assert by_sums == perfect


def test_the_share_that_k_groups_may_miss_is_scipys() -> None:
    from scipy.stats import binomtest

    for k in (3, 5, 30):
        exact = binomtest(0, k, alternative="less").proportion_ci(0.95, method="exact")
        assert missed_share(k) == pytest.approx(exact.high)
