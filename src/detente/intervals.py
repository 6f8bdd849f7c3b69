"""Intervals over groups: what a small number of articles can bear, and nothing more.

Sentences of one page are no independent observations, so uncertainty is taken over groups. From ``MIN_BOOTSTRAP_GROUPS`` on
it is a percentile bootstrap over groups; below, where a percentile bootstrap covers far less than it says, a delete-one-group
jackknife with Student's t (Efron & Tibshirani 1993, ch. 11), called rough. A figure that no group moves has no interval:
that all draws are the same does not say how sure it is. What can be said then is how many groups of another kind k groups may
have missed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

MIN_BOOTSTRAP_GROUPS = 30
MIN_JACKKNIFE_GROUPS = 3
LEVEL = 0.95
N_RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; ``reason`` says why a part is missing, ``method`` how the interval was made."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    reason: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return f"not estimable ({self.reason})"
        if self.low is None or self.high is None:
            return f"{self.value:.3f} (interval not estimable: {self.reason})" if self.reason else f"{self.value:.3f}"
        return f"{self.value:.3f} ({self.method} {self.low:.2f} to {self.high:.2f})"


def interval_over_sums(
    value: float,
    statistic: Callable[[np.ndarray], np.ndarray],
    sums: np.ndarray,
    *,
    bounds: tuple[float, float],
    seed: int = 0,
) -> Estimate:
    """A figure with an interval over groups, cut to ``bounds``; it depends on sums over rows alone, such as a confusion matrix.

    ``sums`` (k, ...) holds each group's; ``statistic`` takes (m, ...) of them and gives m numbers, nan where it is not defined.
    There is no interval then, since the draws in which it is defined are no random ones.
    """
    import numpy as np

    k = len(sums)
    if k >= MIN_BOOTSTRAP_GROUPS:
        times = np.stack([np.bincount(draw, minlength=k) for draw in _draws(k, seed)])
        return from_resamples(value, statistic(np.tensordot(times, sums, axes=1)), k, bounds)
    if k >= MIN_JACKKNIFE_GROUPS:
        return _from_left_out(value, statistic(sums.sum(axis=0) - sums), bounds)
    return _too_few(value, k)


def _draws(k: int, seed: int) -> np.ndarray:
    """Numbers of the groups in each resample, shape (N_RESAMPLES, k)."""
    import numpy as np

    return np.random.default_rng(seed).integers(0, k, size=(N_RESAMPLES, k))


def from_resamples(value: float, resampled: np.ndarray, k: int, bounds: tuple[float, float]) -> Estimate:
    """The figure with the interval of its values in resamples of k groups, (n_resamples,)."""
    import numpy as np

    if n_undefined := int(np.isnan(resampled).sum()):
        return Estimate(value, reason=f"not defined in {n_undefined} of {len(resampled)} resamples")
    if _is_constant(resampled):
        return Estimate(value, reason=_unmoved(value, k, bounds))
    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high), method="95 %, bootstrap over groups,")


def _from_left_out(value: float, left: np.ndarray, bounds: tuple[float, float]) -> Estimate:
    import numpy as np

    if np.isnan(left).any():
        return Estimate(value, reason="not defined without one of the groups")
    if _is_constant(left):
        return Estimate(value, reason=_unmoved(value, len(left), bounds))
    half = jackknife_half_width(left)
    low, high = max(bounds[0], value - half), min(bounds[1], value + half)
    return Estimate(value, float(low), float(high), method="rough 95 %")


def missed_share(k: int) -> float:
    """The largest share of groups of a kind that k groups may have none of, at 95 % confidence: 1 - .05^(1/k).

    The exact one-sided binomial bound (Clopper & Pearson 1934), about 3/k (the rule of three, Hanley & Lippman-Hand 1983).

    >>> round(missed_share(5), 2), round(missed_share(30), 2)
    (0.45, 0.1)
    """
    return float(1 - (1 - LEVEL) ** (1 / k))


def _unmoved(value: float, k: int, bounds: tuple[float, float]) -> str:
    """Why a figure that no group moves has no interval; at an end of its range every group is there, and that has a bound."""
    if value not in bounds:
        return f"the same without any one of the {k} groups"
    end, other = ("high", "lower") if value == bounds[1] else ("low", "higher")
    return (
        f"as {end} as can be in all {k} groups; by the exact binomial bound, at 95 % confidence, up to "
        f"{missed_share(k) * 100:.0f} % of groups may be {other}"
    )


def _is_constant(values: np.ndarray) -> bool:
    return bool(values.max() - values.min() < 1e-12)  # sums in another order may differ in the last bit


def _too_few(value: float, k: int) -> Estimate:
    return Estimate(value, reason=f"{k} group{'s' * (k != 1)}, at least {MIN_JACKKNIFE_GROUPS} needed")


def jackknife_half_width(left: np.ndarray) -> float:
    """Half the 95 % interval from the k statistics with one group left out each.

    The jackknife's standard error is sqrt((k-1)/k · Σ (θ_(i) - mean)²), the factor Student's t with k - 1 degrees.
    """
    import numpy as np
    from scipy.stats import t

    k = len(left)
    error = np.sqrt((k - 1) / k * np.sum((left - left.mean()) ** 2))
    return float(t.ppf((1 + LEVEL) / 2, k - 1) * error)
