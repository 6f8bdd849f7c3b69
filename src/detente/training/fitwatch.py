"""Looking after the fits of a run: progress, a line an epoch, a fair share of the time, and what is done already."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import Any

from detente.training.finetuning import FitHooks
from detente.training.recorder import Recorder
from detente.training.unfinished import Unfinished


class FitWatch:
    """``n_fits`` fits of ``epochs`` each, in ``max_minutes`` (0: no limit); none of them shows a bar unless ``show``."""

    def __init__(
        self,
        unfinished: Unfinished | None = None,
        *,
        n_fits: int = 0,
        epochs: int = 0,
        max_minutes: float = 0.0,
        title: str = "",
        show: bool = False,
    ) -> None:
        from tqdm import tqdm

        self.unfinished = unfinished or Unfinished()
        self.cut_short: list[str] = []
        self._epochs, self._left = epochs, n_fits
        self._ends = time.monotonic() + 60 * max_minutes if max_minutes else math.inf
        # None: no bar where stderr is a file.
        disable = None if show and n_fits * epochs else True
        self._bar: Any = tqdm(
            total=n_fits * epochs, unit="epoch", desc=title, file=sys.stderr, disable=disable, leave=False, smoothing=0.05
        )

    def hooks(self, name: str, recorder: Recorder, say: Callable[[str], None]) -> FitHooks:
        """What the next fit tells and keeps, and until when it may take: its share of the time that is left."""

        def on_epoch(epoch: int, loss: float) -> None:
            recorder.metrics({"train/loss": loss}, step=epoch)
            self._bar.update()
            say(f"{name}, epoch {epoch}/{self._epochs}: loss {loss:.4f}")

        now = time.monotonic()
        deadline = now + max(self._ends - now, 0.0) / max(self._left, 1)
        self._left -= 1
        return FitHooks(
            on_epoch=on_epoch,
            say=lambda line: say(f"{name}: {line}"),
            on_time_up=lambda: self.cut_short.append(name),
            checkpoints=self.unfinished.checkpoints(name),
            deadline=deadline,
        )

    def skip(self) -> None:
        """A fit is done already."""
        self._left -= 1
        self._bar.update(self._epochs)

    def close(self) -> None:
        """Take the bar away."""
        self._bar.close()
