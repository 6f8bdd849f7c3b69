from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import cohen_kappa_score

from detente.dataset.coefficients import (
    cohen_kappa,
    coincidence_tables,
    confusion_tables,
    equal_pairs,
    group_sums,
    krippendorff_alpha,
    raw_agreement,
)

PAIRS = st.integers(1, 30).flatmap(lambda n: arrays(np.int64, (n, 2), elements=st.integers(0, 2)))
COUNTS = st.integers(1, 30).flatmap(lambda n: arrays(np.int64, (n, 3), elements=st.integers(0, 3)))


@given(PAIRS)
@settings(deadline=None)
def test_kappa_is_scikit_learns(pairs: np.ndarray) -> None:
    first, second = pairs.T
    found = cohen_kappa(confusion_tables(first, second, 3).sum(axis=0)[None])[0]
    if len(np.unique(pairs)) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(cohen_kappa_score(first, second), abs=1e-9)


@given(COUNTS, st.sampled_from(["nominal", "ordinal"]))
@settings(deadline=None)
def test_alpha_is_the_librarys(counts: np.ndarray, level: str) -> None:
    counts = counts[counts.sum(axis=1) > 1]
    assume(len(counts) > 0)
    found = krippendorff_alpha(coincidence_tables(counts).sum(axis=0)[None], ordinal=level == "ordinal")[0]
    if (counts.sum(axis=0) > 0).sum() < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(krippendorff.alpha(value_counts=counts, level_of_measurement=level), abs=1e-9)


def test_ordinal_alpha_takes_the_ends_of_the_scale_for_further_apart() -> None:
    near, far = np.array([[5, 0, 0], [1, 1, 0], [0, 0, 2], [0, 2, 0]]), np.array([[5, 0, 0], [1, 0, 1], [0, 0, 2], [0, 2, 0]])
    sums = np.stack([coincidence_tables(counts).sum(axis=0) for counts in (near, far)])
    closer, further = krippendorff_alpha(sums, ordinal=True)
    assert closer > further


def test_raw_agreement_counts_pairs_of_labels() -> None:
    pairs = equal_pairs(np.array([[2, 1, 0], [0, 3, 0], [1, 0, 1]]))
    assert pairs.tolist() == [[2, 6], [6, 6], [0, 2]]
    assert raw_agreement(pairs.sum(axis=0)) == pytest.approx(8 / 14)


def test_groups_are_summed_in_the_order_they_appear() -> None:
    assert group_sums(np.array([[1, 2], [3, 4], [5, 6]]), ["b", "a", "b"]).tolist() == [[6, 8], [3, 4]]
