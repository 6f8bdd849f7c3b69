"""The text path over a corpus: batches over all cores, results in order, memory flat in the length of the corpus.

The workers are loky's, joblib's pool: they start fresh (a Java machine survives no fork), need no ``__main__`` guard in the
caller's script, and a worker that dies is noticed. What is under way is bounded, so that a slow reader holds the workers back.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from detente.errors import TextError
from detente.text.path import TextPath

BATCH = 512
WORTH_WORKERS = 4096
"""Below this many texts one process is done before workers have started."""


def segment_corpus(
    path: TextPath, texts: Iterable[str], n_workers: int | None = None, batch_size: int = BATCH
) -> Iterator[str]:
    """Segmented texts in the order of ``texts``, which may be endless.

    ``n_workers`` is the number of cores by default; 1 stays in this process, as a short corpus does. Raises TextError if the
    segmenter is missing or a worker dies.
    """
    n_workers = n_workers or n_cores()
    source = iter(texts)
    first = list(islice(source, WORTH_WORKERS if n_workers > 1 else 0))
    if n_workers == 1 or len(first) < WORTH_WORKERS:
        for batch in _batches(chain(first, source), batch_size):
            yield from path.batch(batch)
        return
    yield from _over_workers(path, chain(first, source), n_workers, batch_size)


def n_cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _over_workers(path: TextPath, texts: Iterable[str], n_workers: int, batch_size: int) -> Iterator[str]:
    from loky import ProcessPoolExecutor
    from loky.process_executor import BrokenProcessPool

    with ProcessPoolExecutor(n_workers, initializer=_start_worker) as executor:
        under_way: deque[Any] = deque()
        try:
            for batch in _batches(texts, batch_size):
                under_way.append(executor.submit(_run, path, batch))
                # Two batches a worker keep all of them busy; more would only pile up.
                if len(under_way) > 2 * n_workers:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()
        except BrokenProcessPool as error:
            raise TextError(
                "a worker process of the text path died; was it killed, or the machine out of memory? Run again with fewer "
                "workers."
            ) from error
        finally:
            for future in under_way:
                future.cancel()


def _start_worker() -> None:
    from detente.text.segmentation import without_translator

    without_translator()


def _run(path: TextPath, batch: Sequence[str]) -> list[str]:
    return path.batch(batch)


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    source = iter(texts)
    while batch := list(islice(source, size)):
        yield batch
