"""The text path over a corpus: batches over all cores, results in order, memory flat in the length of the corpus.

The workers are loky's, joblib's pool: they start fresh (a Java machine survives no fork), need no ``__main__`` guard in the
caller's script, and a worker that dies is noticed. What is under way is bounded, so that a slow reader holds the workers back.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any, TypeVar

from detente.errors import TextError
from detente.text.path import TextPath

_In = TypeVar("_In")
_Out = TypeVar("_Out")

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
    batches = _batches(chain(first, source), batch_size)
    yield from chain.from_iterable(over_workers(partial(_run, path), batches, n_workers))


def n_cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_workers(function: Callable[[_In], _Out], items: Iterable[_In], n_workers: int) -> Iterator[_Out]:
    """What a picklable function makes of each item, in their order, with two items a worker under way.

    Raises TextError if a worker dies.
    """
    from loky import ProcessPoolExecutor
    from loky.process_executor import BrokenProcessPool

    with ProcessPoolExecutor(n_workers, initializer=_start_worker) as executor:
        under_way: deque[Any] = deque()
        try:
            for item in items:
                under_way.append(executor.submit(function, item))
                # Two items a worker keep all of them busy; more would only pile up.
                if len(under_way) > 2 * n_workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise TextError(
                "a worker process of the text path died; was it killed, or the machine out of memory? Run again with fewer "
                "workers."
            ) from error
        finally:
            for future in under_way:
                future.cancel()


def _start_worker() -> None:
    # Ctrl-C reaches every process of a terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from detente.translator import without_translator

    without_translator()


def _run(path: TextPath, batch: Sequence[str]) -> list[str]:
    return path.batch(batch)


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    source = iter(texts)
    while batch := list(islice(source, size)):
        yield batch
