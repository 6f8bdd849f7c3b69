"""The fine-tuning loop: batches of similar length, every step decided by the seed and its number alone.

Nothing random is kept between steps (the order of an epoch comes from seed and epoch, dropout from seed and step), so that a
fit that was killed goes on from its checkpoint to the very weights it would have ended with.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import torch

from detente.errors import TrainingError
from detente.model.encoder import pad
from detente.training import distributed
from detente.training.checkpoints import Checkpoints, optimizer_tensors, restore_optimizer
from detente.training.interrupts import interrupts_wait
from detente.training.options import TrainingOptions
from detente.training.parameters import parameter_groups
from detente.training.precision import attend_in_fp32, choose_device, choose_dtype

OnEpoch = Callable[[int, float], None]
"""Called at the end of every epoch with its number and its mean training loss."""
Say = Callable[[str], None]

LENGTH_NOISE = 0.2
"""Lengths are stretched by up to this share before they are sorted, so that no two epochs have the same batches."""


@dataclass(frozen=True)
class Item:
    """A training sentence: its ids, and the target of each task."""

    ids: list[int]
    targets: list[int]


class Stop(StrEnum):
    """Why a fit is over."""

    EPOCHS = "all epochs done"
    NO_GAIN = "no better loss on the inner group"
    TIME = "training.max_minutes: time is up"


@dataclass
class State:
    """Where a fit is. ``total`` is the loss of this epoch so far, summed over its sentences."""

    epoch: int = 0
    step: int = 0
    total: float = 0.0
    best_loss: float = math.inf
    since_best: int = 0
    stopped: Stop | None = None


class Loop:
    """One fit of a network on items, from its start or its last checkpoint to the end."""

    def __init__(
        self,
        network: Any,
        items: Sequence[Item],
        loss: Callable[[Any, Any], Any],
        options: TrainingOptions,
        *,
        seed: int,
        pad_id: int,
        inner: Sequence[Item] = (),
        checkpoints: Checkpoints | None = None,
        deadline: float = math.inf,
        on_epoch: OnEpoch = lambda epoch, loss: None,
        say: Say = lambda line: None,
    ) -> None:
        self._device, self._dtype = choose_device(), choose_dtype(options.precision)
        self._network = network.to(self._device)
        if self._dtype is torch.bfloat16 and self._device.type == "cpu":
            attend_in_fp32(network)
        self._trained = {name: each for name, each in network.named_parameters() if each.requires_grad}
        self._optimizer = torch.optim.AdamW(parameter_groups(network, options), fused=True)
        self._rates = [group["lr"] for group in self._optimizer.param_groups]
        self._items, self._inner, self._loss, self._options = items, inner, loss, options
        self._seed, self._pad_id = seed, pad_id
        self._checkpoints, self._deadline, self._on_epoch, self._say = checkpoints, deadline, on_epoch, say
        self._per_epoch = math.ceil(len(items) / options.batch_size)
        self.n_steps = options.epochs * self._per_epoch
        self._micro = options.batch_size
        self._best: dict[str, Any] = {}
        self.state = State()

    def run(self) -> State:
        """Train to the end; the network then has the weights of the best epoch where an inner group is watched, else the last.

        After Ctrl-C the step under way is ended and a checkpoint written. Raises TrainingError if the loss is no number.
        """
        self._resume()
        saved = time.monotonic()
        with interrupts_wait() as interrupted:
            while not self.state.stopped:
                self._advance()
                due = time.monotonic() - saved >= 60 * self._options.checkpoint_minutes
                if self._checkpoints and (due or interrupted()):
                    self._save()
                    saved = time.monotonic()
                if interrupted():
                    raise KeyboardInterrupt
        with torch.no_grad():
            for name, tensor in self._best.items():
                self._trained[name].copy_(tensor)
        self._network.eval()
        return self.state

    def _advance(self) -> None:
        """One step; at the end of an epoch its loss, and what it means for going on."""
        state = self.state
        if state.epoch == self._options.epochs:
            state.stopped = Stop.EPOCHS
            return
        at = state.step - state.epoch * self._per_epoch
        rows = self._order(state.epoch)[at]
        loss = distributed.sum_of(self._step(rows))
        if not math.isfinite(loss):
            raise TrainingError(
                f"the training loss is {loss} in epoch {state.epoch + 1}. Lower training.learning_rate (now "
                f"{self._options.learning_rate})."
            )
        state.step += 1
        state.total += loss
        if at + 1 == self._per_epoch:
            state.epoch += 1
            self._on_epoch(state.epoch, state.total / len(self._items))
            state.total = 0.0
            self._watch()
        # The first process's clock decides for all.
        late = distributed.sum_of(float(distributed.is_main() and time.monotonic() > self._deadline))
        if late and state.step < self.n_steps and not state.stopped:
            state.stopped = Stop.TIME

    def _order(self, epoch: int) -> list[list[int]]:
        """The batches of an epoch: rows of similar length together, the batches in random order."""
        if self._ordered[0] != epoch:
            generator = np.random.default_rng((self._seed, epoch))
            lengths = np.array([len(item.ids) for item in self._items])
            stretched = lengths * (1 + LENGTH_NOISE * generator.random(len(lengths)))
            rows = np.lexsort((generator.random(len(lengths)), stretched))
            size = self._options.batch_size
            batches = [rows[start : start + size].tolist() for start in range(0, len(rows), size)]
            self._ordered = epoch, [batches[at] for at in generator.permutation(len(batches))]
        return self._ordered[1]

    _ordered: tuple[int, list[list[int]]] = (-1, [])

    def _step(self, rows: Sequence[int]) -> float:
        """Forward, backward and one step of the optimizer; the sum of this process's losses."""
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._schedule()
        own = rows[distributed.rank() :: distributed.world_size()]
        self._network.train()
        while True:
            self._optimizer.zero_grad(set_to_none=True)
            # Dropout's draws are of the seed, the step and the process, whatever came before.
            draw = np.random.SeedSequence((self._seed, self.state.step, distributed.rank())).generate_state(1)
            torch.manual_seed(int(draw[0]))
            try:
                total = sum(
                    (self._backward(own[start : start + self._micro], len(rows)) for start in range(0, len(own), self._micro)),
                    0.0,
                )
                break
            except torch.cuda.OutOfMemoryError:
                if self._micro == 1:
                    raise TrainingError("the GPU's memory does not hold a single sentence of this encoder.") from None
                self._micro = (self._micro + 1) // 2
                torch.cuda.empty_cache()
                self._say(f"out of memory: batches of {self._options.batch_size} are read {self._micro} at a time from here on")
        distributed.sum_gradients(self._trained.values())
        torch.nn.utils.clip_grad_norm_(self._trained.values(), self._options.max_grad_norm)
        self._optimizer.step()
        return total

    def _backward(self, rows: Sequence[int], batch_size: int) -> float:
        loss = self._sum([self._items[row] for row in rows])
        (loss / batch_size).backward()
        return float(loss.detach())

    def _sum(self, items: Sequence[Item]) -> Any:
        """The summed loss of items."""
        batch = {name: tensor.to(self._device) for name, tensor in pad([item.ids for item in items], self._pad_id).items()}
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._dtype is torch.bfloat16):
            logits = self._network(**batch).logits
        return self._loss(logits.float(), torch.tensor([item.targets for item in items], device=self._device))

    def _schedule(self) -> float:
        """The share of the learning rate at this step: rising over the warm-up, then falling to 0."""
        steps, step = self.n_steps, self.state.step
        warmup = math.ceil(self._options.warmup * steps)
        return (step + 1) / warmup if step < warmup else (steps - step) / max(steps - warmup, 1)

    def _watch(self) -> None:
        """After an epoch: the loss on the inner group, the best weights so far, and whether to stop."""
        if not self._inner:
            return
        self._network.eval()
        size = 2 * self._options.batch_size
        with torch.no_grad():
            parts = [float(self._sum(self._inner[at : at + size])) for at in range(0, len(self._inner), size)]
        loss, state = math.fsum(parts) / len(self._inner), self.state
        if loss < state.best_loss:
            state.best_loss, state.since_best = loss, 0
            self._best = {name: tensor.detach().clone() for name, tensor in self._trained.items()}
        else:
            state.since_best += 1
            if state.since_best >= self._options.early_stopping:
                state.stopped = Stop.NO_GAIN

    # ---- checkpoints ----

    def _save(self) -> None:
        if self._checkpoints is None or not distributed.is_main():
            return
        tensors = {f"network.{name}": tensor.detach() for name, tensor in self._trained.items()}
        tensors |= {f"best.{name}": tensor for name, tensor in self._best.items()}
        tensors |= optimizer_tensors(self._optimizer)
        try:
            self._checkpoints.save(self.state.step, tensors, vars(self.state))
        except OSError as error:
            self._say(f"checkpoint not written, training goes on without it ({error})")

    def _resume(self) -> None:
        found = self._checkpoints.load() if self._checkpoints else None
        if found is None:
            return
        self.state = State(**found.facts)
        self.state.stopped = Stop(self.state.stopped) if self.state.stopped else None
        with torch.no_grad():
            for name, parameter in self._trained.items():
                parameter.copy_(found.tensors[f"network.{name}"])
        self._best = {
            name.removeprefix("best."): tensor.to(self._device)
            for name, tensor in found.tensors.items()
            if name.startswith("best.")
        }
        restore_optimizer(self._optimizer, found.tensors)
        self._say(f"went on from the checkpoint after step {self.state.step}")
