"""The segmented texts of a dataset, each made once: folds and random seeds read the same sentences over and over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence

from detente.text import TextPath
from detente.text.pool import WORTH_WORKERS, segment_corpus

Segmented = Mapping[str, str]
"""Raw text → segmented text."""


def segment_texts(texts: Sequence[str], path: TextPath) -> Segmented:
    """Run the text path over the distinct texts; raw text → segmented text.

    From some thousand texts on it runs over all cores and is kept on disk in the cache of `datasets`, under a fingerprint of
    the text path and the texts, so that the next run on the same dataset starts at once. Raises TextError.
    """
    distinct = list(dict.fromkeys(texts))
    if len(distinct) < WORTH_WORKERS:
        return dict(zip(distinct, path.batch(distinct), strict=True))
    return dict(zip(distinct, _cached(distinct, path), strict=True))


def _cached(texts: Sequence[str], path: TextPath) -> list[str]:
    from datasets import Dataset, Features, Value
    from datasets.utils.logging import disable_progress_bar, enable_progress_bar, is_progress_bar_enabled

    bars = is_progress_bar_enabled()
    disable_progress_bar()
    try:
        found = Dataset.from_generator(
            _rows,
            features=Features({"segmented": Value("string")}),
            gen_kwargs={"path": path, "texts": texts},
            fingerprint=fingerprint(texts, path),
        )
    finally:
        if bars:
            enable_progress_bar()
    segmented: list[str] = found["segmented"][:]
    return segmented


def _rows(path: TextPath, texts: Sequence[str]) -> Iterator[dict[str, str]]:
    for segmented in segment_corpus(path, texts):
        yield {"segmented": segmented}


def fingerprint(texts: Sequence[str], path: TextPath) -> str:
    """The same for the same texts in the same order through the same text path, its versions included; 16 hex digits."""
    digest = hashlib.sha256(json.dumps([path.to_json(), path.versions()], sort_keys=True).encode())
    for text in texts:
        digest.update(b"\0" + text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
