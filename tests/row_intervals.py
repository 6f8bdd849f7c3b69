"""Intervals over groups as they are defined, on rows: what the intervals over sums must be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from detente.intervals import (
    MIN_BOOTSTRAP_GROUPS,
    MIN_JACKKNIFE_GROUPS,
    Estimate,
    _draws,
    _from_left_out,
    _too_few,
    from_resamples,
)


def interval_over_groups(
    statistic: Callable[[np.ndarray], float], groups: Sequence[str], *, bounds: tuple[float, float], seed: int = 0
) -> Estimate:
    """The statistic of all rows with an interval over groups, every resample scored row by row.

    ``statistic`` takes row numbers (n,) int, which may repeat, and gives a number; nan where it is not defined on them.
    """
    names = np.array(groups)
    rows = np.arange(len(names))
    value = statistic(rows)
    members = [rows[names == name] for name in dict.fromkeys(groups)]
    k = len(members)
    if k >= MIN_BOOTSTRAP_GROUPS:
        resampled = [statistic(np.concatenate([members[at] for at in draw])) for draw in _draws(k, seed)]
        return from_resamples(value, np.array(resampled), k, bounds)
    if k >= MIN_JACKKNIFE_GROUPS:
        left = [statistic(np.concatenate(members[:at] + members[at + 1 :])) for at in range(k)]
        return _from_left_out(value, np.array(left), bounds)
    return _too_few(value, k)
