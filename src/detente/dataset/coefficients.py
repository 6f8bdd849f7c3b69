"""Coefficients of agreement as functions of sums over sentences, for the thousands of resamples behind an interval.

The figures themselves come from the field's libraries, which check their input and count sentence by sentence; these are the
same formulas on many tables at once, and tests hold them against the libraries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def equal_pairs(counts: np.ndarray) -> np.ndarray:
    """Equal pairs of labels, and all pairs, of every sentence: (n, 2) of label counts (n, n_labels)."""
    import numpy as np

    n_given = counts.sum(axis=1)
    return np.stack([(counts * (counts - 1)).sum(axis=1), n_given * (n_given - 1)], axis=1)


def confusion_tables(first: np.ndarray, second: np.ndarray, n_labels: int) -> np.ndarray:
    """What two annotators gave, as a table a sentence: (n, n_labels, n_labels) with a single 1."""
    import numpy as np

    one_hot = np.eye(n_labels)
    tables: np.ndarray = one_hot[first][:, :, None] * one_hot[second][:, None, :]
    return tables


def coincidence_tables(counts: np.ndarray) -> np.ndarray:
    """Krippendorff's coincidences of every sentence with at least two labels: (n, n_labels, n_labels)."""
    import numpy as np

    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    tables: np.ndarray = pairs / (counts.sum(axis=1) - 1)[:, None, None]
    return tables


def group_sums(rows: np.ndarray, groups: Sequence[str]) -> np.ndarray:
    """Rows (n, ...) summed by group: (k, ...), in the order in which the groups appear."""
    import numpy as np

    number = {name: at for at, name in enumerate(dict.fromkeys(groups))}
    sums = np.zeros((len(number), *rows.shape[1:]))
    np.add.at(sums, [number[name] for name in groups], rows)
    return sums


def raw_agreement(pairs: np.ndarray) -> np.ndarray:
    """Share of equal pairs, of sums (m, 2)."""
    equal: np.ndarray = pairs[..., 0] / pairs[..., 1]
    return equal


def cohen_kappa(tables: np.ndarray) -> np.ndarray:
    """Cohen's kappa of confusion tables (m, n_labels, n_labels); nan where both gave one and the same label throughout."""
    import numpy as np

    shares = tables / tables.sum(axis=(-2, -1), keepdims=True)
    expected = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
    observed = np.trace(shares, axis1=-2, axis2=-1)
    return _ratio(observed - expected, 1 - expected)


def specific_agreement(tables: np.ndarray, label: int) -> np.ndarray:
    """Agreement on one label, 2·both / (first + second), of confusion tables (m, n_labels, n_labels); nan: neither gave it."""
    given = tables[..., label, :].sum(axis=-1) + tables[..., :, label].sum(axis=-1)
    return _ratio(2 * tables[..., label, label], given)


def krippendorff_alpha(coincidences: np.ndarray, *, ordinal: bool) -> np.ndarray:
    """Krippendorff's alpha of sums of coincidences (m, n_labels, n_labels); nan where only one label was given.

    1 - D_o/D_e; nominal: two labels differ or do not; ordinal: the square of how many labels lie from one to the other, half
    of the two themselves (Krippendorff 2011).
    """
    import numpy as np

    n_label = coincidences.sum(axis=-1)
    n = n_label.sum(axis=-1)[..., None, None]
    expected = (n_label[..., :, None] * n_label[..., None, :] - n_label[..., :, None] * np.eye(n_label.shape[-1])) / (n - 1)
    if ordinal:
        up_to = np.cumsum(n_label, axis=-1) - n_label / 2
        distance = (up_to[..., :, None] - up_to[..., None, :]) ** 2
    else:
        distance = 1 - np.eye(n_label.shape[-1])
    observed_sum, expected_sum = (coincidences * distance).sum(axis=(-2, -1)), (expected * distance).sum(axis=(-2, -1))
    return _ratio(expected_sum - observed_sum, expected_sum)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    import numpy as np

    tiny = 1e-12
    ratio: np.ndarray = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=np.abs(below) > tiny)
    return ratio
