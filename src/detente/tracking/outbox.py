"""What a tracking store that is lost in the middle of a run did not take, to be sent again later."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from detente.passwords import without_passwords

RETRY_SECONDS = 20.0
LAST_TRIES = 3
OUR_FAULT = ("BAD_REQUEST", "INVALID_PARAMETER_VALUE", "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST")
"""Answers of a store that is there."""


class Outbox:
    """Calls to the store in their order. One that fails stays at the head of the queue; training goes on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._calls: deque[Callable[[], object]] = deque()
        self._down_since: float | None = None

    def send(self, call: Callable[[], object]) -> None:
        """Send a call after those that wait, or let it wait with them."""
        self._calls.append(call)
        if self._down_since is None or time.monotonic() - self._down_since > RETRY_SECONDS:
            self.flush()

    def flush(self, last: bool = False) -> None:
        """Send what waits; the ``last`` time what cannot be sent is counted and given up."""
        for attempt in range(LAST_TRIES if last else 1):
            try:
                while self._calls:
                    self._calls[0]()
                    self._calls.popleft()
                if self._down_since is not None:
                    self._say("the tracking store is back; what it missed was sent")
                self._down_since = None
                return
            except (AttributeError, KeyError, TypeError):  # a fault of this code, not of the store
                self._calls.popleft()
                raise
            except Exception as error:  # requests', SQLAlchemy's and mlflow's own
                if getattr(error, "error_code", "") in OUR_FAULT:
                    self._calls.popleft()
                    raise
                if self._down_since is None:
                    self._say(f"the tracking store does not answer ({_first_line(error)}); training goes on, records wait")
                self._down_since = time.monotonic()
                if last and attempt + 1 < LAST_TRIES:
                    time.sleep(1.0)
        if last and self._calls:
            self._say(f"{len(self._calls)} records never reached the tracking store; the run's folder has its results")
            self._calls.clear()

    def lost(self, what: str, error: Exception) -> None:
        """Say that something cannot be recorded at all."""
        self._say(f"{what} is not recorded: the tracking store does not answer ({_first_line(error)})")


def _first_line(error: BaseException) -> str:
    text = without_passwords(str(error).strip()) or type(error).__name__
    return text.splitlines()[0].rstrip(".")[:200]
