"""Ctrl-C between two steps, never inside one: what a checkpoint holds is then the end of a whole step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_wait() -> Iterator[Callable[[], bool]]:
    """Hold SIGINT and SIGTERM back inside the block; the function it yields tells whether one came.

    A second one is not held back. In a thread that gets no signals nothing is held back.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def hold(number: int, frame: Any) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    for number in _SIGNALS:
        signal.signal(number, hold)
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
