"""Two sets of predictions of the same sentences compared, and several corrected for each other.

The test exchanges the two models' predictions group by group (a paired randomisation test; Yeh 2000, *More accurate tests for
the statistical significance of result differences*, over groups): if the models are alike, every one of the 2^k exchanges was
as likely as what happened. With few groups even the most extreme outcome is not rare, and then the difference is not testable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.errors import InputError
from detente.evaluation.counts import group_counts, macro_f1_of_counts, mean_macro_f1
from detente.evaluation.wording import counted
from detente.intervals import Estimate, interval_over_sums

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions

MAX_EXACT_GROUPS = 14
N_EXCHANGES = 9999


@dataclass(frozen=True, slots=True)
class Comparison:
    """``difference`` is pooled macro-F1 of ``second`` minus that of ``first``, means over their random seeds.

    ``p`` is two-sided, ``p_holm`` corrected for the family; both are None where ``smallest_p``, the least this number of
    groups can give (times the size of the family), exceeds the level: the difference is then not testable. ``differing`` are
    row numbers where the first seeds' predictions differ.
    """

    first: str
    second: str
    difference: Estimate
    p: float | None
    p_holm: float | None
    smallest_p: float
    n: int
    n_groups: int
    level: float
    differing: tuple[int, ...]

    @property
    def verdict(self) -> str:
        """One line: which is better and how surely, or why nothing can be said."""
        if self.p_holm is None:
            return f"not testable: {counted(self.n_groups, 'group')}, smallest p = {self.smallest_p:.3g}"
        if self.p_holm <= self.level and self.difference.value:
            better = self.second if self.difference.value > 0 else self.first
            return f"{better} is better (p = {self.p_holm:.3g})"
        return f"no difference shown (p = {self.p_holm:.3g})"


def compare_family(
    runs: dict[str, Predictions], pairs: Sequence[tuple[str, str]], *, level: float = 0.05, seed: int = 0
) -> tuple[Comparison, ...]:
    """Compare each pair of runs; p-values are corrected over all of the pairs (Holm 1979).

    Raises InputError unless all runs are of the same sentences with the same gold labels and groups.
    """
    check_alike(runs)
    tests = [_test(runs[first], runs[second], seed) for first, second in pairs]
    smallest = [min(1.0, least * len(pairs)) for _, least in tests]
    testable = [at for at, least in enumerate(smallest) if least <= level]
    adjusted = dict(zip(testable, holm([tests[at][0] for at in testable], len(pairs)), strict=True))
    return tuple(
        Comparison(
            first=first,
            second=second,
            difference=_difference(runs[first], runs[second]),
            p=tests[at][0] if at in adjusted else None,
            p_holm=adjusted.get(at),
            smallest_p=smallest[at],
            n=len(runs[first].gold),
            n_groups=runs[first].n_groups,
            level=level,
            differing=tuple((runs[first].predicted[0] != runs[second].predicted[0]).nonzero()[0].tolist()),
        )
        for at, (first, second) in enumerate(pairs)
    )


def holm(p_values: Sequence[float], n_family: int) -> list[float]:
    """Holm's step-down p-values in the given order, for a family that may hold more comparisons than could be tested."""
    order = sorted(range(len(p_values)), key=lambda at: p_values[at])
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (n_family - rank) * p_values[at]))
        adjusted[at] = highest
    return adjusted


def check_alike(runs: dict[str, Predictions]) -> None:
    """Raise InputError unless all runs are of the same sentences, with the same gold labels and groups."""
    names = list(runs)
    first = runs[names[0]]
    for name in names[1:]:
        own = runs[name]
        if own.sentence_ids != first.sentence_ids:
            missing = sorted({*first.sentence_ids} ^ {*own.sentence_ids})
            raise InputError(
                f"{names[0]} and {name} were scored on different sentences ({len(first.gold)} and {len(own.gold)}; first "
                f"that one of them lacks: {missing[0]}). Compare runs on one dataset and split."
            )
        differing = (own.gold != first.gold) | (own.groups != first.groups)
        if differing.any():
            at = int(differing.nonzero()[0][0])
            raise InputError(
                f"{names[0]} and {name} have different gold labels or groups, first at {first.sentence_ids[at]}. Compare runs "
                "on one dataset and split."
            )


def _difference(first: Predictions, second: Predictions) -> Estimate:
    """Pooled macro-F1 of the second minus the first: both sides' counts of a group are drawn together."""
    import numpy as np

    n_seeds = len(first.seeds)
    counts = np.concatenate([group_counts(first), group_counts(second)], axis=1)

    def difference(sums: np.ndarray) -> np.ndarray:
        return np.asarray(mean_macro_f1(sums[:, n_seeds:]) - mean_macro_f1(sums[:, :n_seeds]))

    value = float(difference(counts.sum(axis=0)[None])[0])
    return interval_over_sums(value, difference, counts, bounds=(-1.0, 1.0))


def _test(first: Predictions, second: Predictions, seed: int) -> tuple[float, float]:
    """Two-sided p of the exchange test over groups, and the smallest one it can give; exact up to 14 groups."""
    import numpy as np

    k = first.n_groups
    if k <= MAX_EXACT_GROUPS:
        # The first group need not be exchanged: exchanging all groups but turns the sign.
        codes = np.arange(2 ** (k - 1))
        exchanged = (codes[:, None] >> np.arange(k)) & 1
    else:
        exchanged = np.random.default_rng(seed).integers(0, 2, size=(N_EXCHANGES, k))
        exchanged = np.concatenate([np.zeros((1, k), dtype=exchanged.dtype), exchanged])
    differences = np.abs(_exchanged_differences(first, second, exchanged.astype(bool)))
    # Sums in another order may differ in the last bit.
    p = float((differences >= differences[0] - 1e-12).mean())
    return p, 1 / len(differences)


def _exchanged_differences(first: Predictions, second: Predictions, exchanged: np.ndarray) -> np.ndarray:
    """Macro-F1 of the second minus the first after each exchange of groups, (n_exchanges,): the mean over pairs of seeds.

    ``exchanged`` is (n_exchanges, k) bool. Confusion counts of the groups add up, so that no sentence is scored twice.
    """
    import numpy as np

    ones, others = (np.moveaxis(group_counts(own), 1, 0).astype(float) for own in (first, second))
    found = np.zeros(len(exchanged))
    for one in ones:
        for other in others:
            stay, go = (~exchanged).astype(float), exchanged.astype(float)
            of_first = np.tensordot(stay, one, axes=1) + np.tensordot(go, other, axes=1)
            of_second = np.tensordot(stay, other, axes=1) + np.tensordot(go, one, axes=1)
            found += macro_f1_of_counts(of_second) - macro_f1_of_counts(of_first)
    return found / (len(ones) * len(others))
