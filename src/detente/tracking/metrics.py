"""Metrics as MLflow takes them: names hold labels, which may be any text, and a call takes so many and no more."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

MAX_BATCH = 1000
"""Metrics a call."""
_OTHER = re.compile(r"[^/\w.\- :]")


def metric_key(name: str) -> str:
    """The name under which MLflow keeps a metric: ``_`` for a character that it allows in none, and for a slash of a label.

    >>> metric_key("oof/macro_f1"), metric_key("oof/f1_thật à?"), metric_key("oof/f1_a//b")
    ('oof/macro_f1', 'oof/f1_thật à_', 'oof/f1_a__b')
    """
    key = _OTHER.sub("_", name)
    split, slash, rest = key.partition("/")
    return key if posixpath.normpath(key) == key else split + slash + rest.replace("/", "_")


def batches(values: Mapping[str, float]) -> Iterator[dict[str, float]]:
    """The metrics by their keys in calls that MLflow takes; names that would have one key are numbered."""
    keyed: dict[str, float] = {}
    for name, value in values.items():
        key, n = metric_key(name), 1
        while key in keyed:
            n += 1
            key = f"{metric_key(name)} {n}"
        keyed[key] = float(value)
    items = list(keyed.items())
    for start in range(0, len(items), MAX_BATCH):
        yield dict(items[start : start + MAX_BATCH])
