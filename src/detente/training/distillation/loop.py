"""Stage 3: train the student shard by shard, with a checkpoint after each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from detente import strict_json
from detente.atomic import write_text
from detente.errors import TrainingError
from detente.training.checkpoints import Checkpoints, optimizer_tensors, restore_optimizer
from detente.training.distillation.batches import Batch, Shard
from detente.training.distillation.options import DistillTrainingOptions
from detente.training.precision import choose_device, choose_dtype

N_HELD_OUT = 1000


@dataclass(frozen=True, slots=True)
class ShardFacts:
    """What is said of a shard: counts so far, mean loss, and agreement with the teacher on what was not shown."""

    shards: int
    sentences: int
    loss: float
    agreement: float
    learning_rate: float
    seconds: float


class Loop:
    """The state of a training: objective, optimizer, and how many sentences were shown in how many shards.

    ``gold`` are sentences with gold labels, some of which are in every step.
    """

    def __init__(
        self, objective: Any, options: DistillTrainingOptions, seed: int, folder: Path, gold: Shard | None = None
    ) -> None:
        decayed = [parameter for parameter in objective.parameters() if parameter.dim() > 1]
        others = [parameter for parameter in objective.parameters() if parameter.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": options.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.device = choose_device()
        self.objective = objective.to(self.device)
        self.optimizer = torch.optim.AdamW(groups, lr=options.learning_rate, betas=(0.9, 0.98), fused=True)
        self.n_shards = self.n_sentences = 0
        self._options, self._seed, self._folder, self._gold = options, seed, folder, gold
        self.n_gold = n_gold_in_a_step(options, len(gold)) if gold is not None else 0
        self._checkpoints = Checkpoints(folder)
        self._dtype = choose_dtype(options.precision)

    @property
    def finished(self) -> bool:
        """Whether all sentences have been shown."""
        return self.n_sentences >= self._options.sentences

    def run(
        self, n_shards: int, load: Callable[[int], Shard], progress: Callable[[int], None], say: Callable[[str], None]
    ) -> None:
        """Show shards until all sentences have been shown. A fifth of the last shard, a thousand at most, is held out."""
        held_out = load(n_shards - 1)
        test = range(len(held_out) - min(N_HELD_OUT, max(len(held_out) // 5, 1)), len(held_out))
        if n_shards == 1 and not test.start:
            raise TrainingError("the corpus has one sentence, which is held out; expected more. Give it more text: corpus.path")
        for epoch, number in self._order(n_shards):
            shard = held_out if number == n_shards - 1 else load(number)
            rows = range(test.start if number == n_shards - 1 else len(shard))
            if not rows:
                self.n_shards += 1
                continue
            started, losses = time.monotonic(), []
            generator = np.random.default_rng((self._seed, epoch, number))
            of_gold = np.random.default_rng((self._seed, epoch, number, 1))
            for batch in shard.batches(rows, self._options.batch_size, self._options.mask, generator):
                if self.finished:
                    break
                losses.append(self._step(batch, of_gold))
                self.n_sentences += len(batch.input_ids)
                progress(len(batch.input_ids))
            self.n_shards += 1
            facts = ShardFacts(
                shards=self.n_shards,
                sentences=self.n_sentences,
                loss=round(float(np.mean(losses)), 4),
                agreement=round(self.agreement(held_out, test), 4),
                learning_rate=self.learning_rate,
                seconds=round(time.monotonic() - started, 1),
            )
            self.save(facts)
            say(", ".join(f"{name} {_shown(value)}" for name, value in asdict(facts).items()))
            if self.finished:
                return

    @property
    def learning_rate(self) -> float:
        """The rate at this point of the schedule."""
        options = self._options
        done = self.n_sentences / options.sentences
        rising = (self.n_sentences + options.batch_size) / max(options.warmup * options.sentences, 1)
        falling = (1 - done) / options.decay if options.decay else 1.0
        return options.learning_rate * max(min(rising, falling, 1.0), 0.0)

    def _step(self, batch: Batch, of_gold: np.random.Generator) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate
        self.objective.train()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self._dtype is torch.bfloat16):
            loss = self.objective(batch.to(self.device))
            if self._gold is not None:
                rows = of_gold.choice(len(self._gold), self.n_gold, replace=False).tolist()
                gold = self.objective.gold(self._gold.batch(rows, 0.0, of_gold).to(self.device))
                loss = (1 - self._options.gold_weight) * loss + self._options.gold_weight * gold
        if not torch.isfinite(loss):
            raise TrainingError(
                f"the loss is {float(loss.detach())} after {self.n_sentences:,} sentences. Lower training.learning_rate."
            )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.objective.parameters(), self._options.max_grad_norm)
        self.optimizer.step()
        return float(loss.detach())

    def agreement(self, shard: Shard, rows: Sequence[int]) -> float:
        """Agreement with the teacher on sentences that were not shown, nothing masked."""
        self.objective.eval()
        batches = list(shard.batches(rows, 64, 0.0, np.random.default_rng(0)))
        found = [(float(self.objective.agreement(batch.to(self.device))), len(batch.input_ids)) for batch in batches]
        return sum(value * n for value, n in found) / max(sum(n for _, n in found), 1)

    def log(self) -> list[ShardFacts]:
        """What was said of each shard. Raises TrainingError."""
        path = self._folder / "log.jsonl"
        remedy = f"Remove {self._folder}, and the student is trained anew."
        lines = strict_json.read_lines(path, ShardFacts, error=TrainingError, remedy=remedy) if path.is_file() else ()
        return [facts for _, facts in lines]

    @property
    def last(self) -> ShardFacts:
        """What was said of the last shard. Raises TrainingError where nothing is left of it."""
        if not (log := self.log()):
            raise TrainingError(f"{self._folder / 'log.jsonl'}: missing or empty. Remove {self._folder}, and train anew.")
        return log[-1]

    def _order(self, n_shards: int) -> Iterator[tuple[int, int]]:
        """Epoch and shard, from where the checkpoint stopped, in an order of its own for each seed and epoch."""
        at = self.n_shards
        while True:
            epoch, place = divmod(at, n_shards)
            order = np.random.default_rng((self._seed, epoch)).permutation(n_shards)
            yield epoch, int(order[place])
            at += 1

    # ---- checkpoints ----

    def save(self, facts: ShardFacts) -> None:
        """Write the checkpoint, and a line of the log."""
        tensors = {f"objective.{name}": value for name, value in self.objective.state_dict().items()}
        counts = {"shards": self.n_shards, "sentences": self.n_sentences}
        self._checkpoints.save(self.n_shards, tensors | optimizer_tensors(self.optimizer), counts)
        lines = [json.dumps(asdict(each)) + "\n" for each in [*self.log(), facts]]
        write_text(self._folder / "log.jsonl", "".join(lines))

    def resume(self) -> bool:
        """Go back to the checkpoint, if there is one."""
        found = self._checkpoints.load()
        if found is None:
            return False
        self.n_shards, self.n_sentences = found.facts["shards"], found.facts["sentences"]
        own = {
            name.removeprefix("objective."): tensor for name, tensor in found.tensors.items() if name.startswith("objective.")
        }
        self.objective.load_state_dict(own)
        restore_optimizer(self.optimizer, found.tensors)
        return True


def n_gold_in_a_step(options: DistillTrainingOptions, n_rows: int) -> int:
    """How many sentences with gold labels stand beside a batch, so that they are ``gold_weight`` of a step's; at most all."""
    beside = options.batch_size * options.gold_weight / (1 - options.gold_weight)
    return min(max(round(beside), 1), n_rows)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
