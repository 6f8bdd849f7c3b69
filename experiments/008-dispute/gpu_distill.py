"""Distil classifiers into a small one on a machine that has a GPU and nothing else: PyTorch, transformers, safetensors, numpy.

    python gpu_distill.py PACK OUT [--checkpoint-minutes 2] [--stop-after MINUTES]

PACK comes from pack.py: teachers and student as folders of transformers, every text as the ids that each of them reads (no
tokenizer or segmenter is needed here), gold rows, and pack.json. All goes into OUT: what each teacher says (teacher-N.npy),
checkpoint.safetensors, log.jsonl and at the end student.safetensors, of which pack.py makes a model folder. The same command
goes on from a checkpoint in OUT and ends with the same weights: every step is decided by the seed and its number.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch.nn.functional import cross_entropy
from transformers import AutoModelForSequenceClassification

TEACHER_TOKENS = 65_536
MISSING, N_HELD_OUT = -100, 1000
MOMENTS = ("step", "exp_avg", "exp_avg_sq")


@dataclass(frozen=True)
class Texts:
    """Ids of texts one after another, (n_tokens,), with where each begins and how long it is, (n,), on the device."""

    ids: torch.Tensor
    starts: torch.Tensor
    lengths: torch.Tensor
    pad_id: int

    @classmethod
    def load(cls, path: Path, pad_id: int, device: torch.device) -> Texts:
        with np.load(path) as stored:
            ids, lengths = (torch.from_numpy(stored[name].astype(np.int64)).to(device) for name in ("ids", "lengths"))
        return cls(ids, lengths.cumsum(0) - lengths, lengths, pad_id)

    def batch(self, rows: torch.Tensor) -> dict[str, torch.Tensor]:
        """input_ids and attention_mask of some rows, (rows, longest)."""
        place = torch.arange(int(self.lengths[rows].max()), device=self.ids.device)
        mask = place < self.lengths[rows, None]
        found = self.ids[(self.starts[rows, None] + place).clamp_max(len(self.ids) - 1)]
        return {"input_ids": torch.where(mask, found, self.pad_id), "attention_mask": mask.long()}


def network_of(folder: Path, device: torch.device) -> Any:
    return AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32).to(device)


def autocast(device: torch.device) -> Any:
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda")


def by_task(values: torch.Tensor, pack: dict[str, Any]) -> tuple[torch.Tensor, ...]:
    return values.split([len(labels) for labels in pack["tasks"].values()], dim=-1)


@torch.inference_mode()
def teacher_probs(folder: Path, teacher: dict[str, Any], pack: dict[str, Any], device: torch.device) -> np.ndarray:
    """What a teacher says of every text, (n, labels of all tasks), each task at its temperature."""
    network = network_of(folder / teacher["folder"], device).eval()
    texts = Texts.load(folder / teacher["ids"], teacher["pad_id"], device)
    order = texts.lengths.argsort(descending=True)
    probs = torch.empty(len(order), sum(map(len, pack["tasks"].values())))
    start, begun = 0, time.monotonic()
    while start < len(order):
        rows = order[start : start + max(TEACHER_TOKENS // int(texts.lengths[order[start]]), 1)]
        with autocast(device):
            logits = network(**texts.batch(rows)).logits.float()
        parts = zip(by_task(logits, pack), teacher["temperatures"], strict=True)
        probs[rows.cpu()] = torch.cat([(part / temperature).softmax(1) for part, temperature in parts], dim=1).cpu()
        start += len(rows)
    print(f"{teacher['folder']}: {len(order) / (time.monotonic() - begun):.0f} sentences a second", flush=True)
    return probs.numpy()


def targets_of(folder: Path, out: Path, pack: dict[str, Any], device: torch.device) -> torch.Tensor:
    """The mean of all teachers' probabilities; what a teacher has said already is read from OUT."""
    each = []
    for number, teacher in enumerate(pack["teachers"]):
        path = out / f"teacher-{number}.npy"
        if not path.is_file():
            np.save(out / "teacher.tmp.npy", teacher_probs(folder, teacher, pack, device))
            (out / "teacher.tmp.npy").replace(path)
        each.append(torch.from_numpy(np.load(path)))
    return torch.stack(each).mean(0).to(device)


def soft_loss(logits: torch.Tensor, probs: torch.Tensor, pack: dict[str, Any]) -> torch.Tensor:
    """As détente's ProbabilityObjective: cross-entropy to the teacher's probabilities, both at a temperature."""
    heat, loss = pack["temperature"], logits.new_zeros(())
    for own, target in zip(by_task(logits, pack), by_task(probs, pack), strict=True):
        soft = (target.clamp_min(1e-6).log() / heat).softmax(1) if heat != 1 else target
        loss = loss - (soft * (own / heat).log_softmax(1)).sum(1).mean() * heat**2
    return loss


def gold_loss(logits: torch.Tensor, labels: torch.Tensor, pack: dict[str, Any]) -> torch.Tensor:
    """Cross-entropy to the labels, task by task over the rows that have one."""
    loss = logits.new_zeros(())
    for own, target in zip(by_task(logits, pack), labels.unbind(1), strict=True):
        known = (target != MISSING).sum().clamp_min(1)
        loss = loss + cross_entropy(own, target, ignore_index=MISSING, reduction="sum") / known
    return loss


def steps(lengths: np.ndarray, size: int, seed: int, done: int) -> Iterator[np.ndarray]:
    """The batches from step ``done`` on: rows of similar length together, in an order of each epoch's own."""
    epoch, start = divmod(done, math.ceil(len(lengths) / size))
    while True:
        generator = np.random.default_rng((seed, epoch))
        ordered = np.argsort(lengths + generator.uniform(0, 2, len(lengths)))
        parts = [ordered[first : first + size] for first in range(0, len(ordered), size)]
        yield from [parts[place] for place in generator.permutation(len(parts))][start:]
        epoch, start = epoch + 1, 0


class Training:
    """Student and optimizer, and how many steps and sentences were shown."""

    def __init__(self, folder: Path, out: Path, pack: dict[str, Any], device: torch.device) -> None:
        self.pack, self.out, self.device = pack, out, device
        self.network = network_of(folder / pack["student"]["folder"], device)
        self.named = dict(self.network.named_parameters())
        matrices, others = ([each for each in self.named.values() if (each.dim() > 1) == wide] for wide in (True, False))
        groups = [{"params": matrices, "weight_decay": pack["weight_decay"]}, {"params": others, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=pack["learning_rate"], betas=(0.9, 0.98), fused=True)
        self.texts = Texts.load(folder / pack["student"]["ids"], pack["student"]["pad_id"], device)
        self.targets = targets_of(folder, out, pack, device)
        self.gold, self.n_gold = None, 0
        if pack["gold_weight"]:
            self.gold = Texts.load(folder / "gold.npz", pack["student"]["pad_id"], device)
            with np.load(folder / "gold.npz") as stored:
                self.gold_labels = torch.from_numpy(stored["labels"].astype(np.int64)).to(device)
            share = pack["gold_weight"]
            self.n_gold = min(max(round(pack["batch_size"] * share / (1 - share)), 1), len(self.gold_labels))
        self.n_steps = self.n_sentences = 0
        self._resume()

    def rate(self) -> float:
        """The learning rate: it rises, stays and falls, as in `detente distill`."""
        pack, total = self.pack, self.pack["sentences"]
        rising = (self.n_sentences + pack["batch_size"]) / max(pack["warmup"] * total, 1)
        falling = (1 - self.n_sentences / total) / pack["decay"] if pack["decay"] else 1.0
        return float(pack["learning_rate"] * max(min(rising, falling, 1.0), 0.0))

    def step(self, batch: np.ndarray) -> torch.Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate()
        torch.manual_seed(self.pack["seed"] * 1_000_003 + self.n_steps)
        self.network.train()
        rows, share = torch.from_numpy(batch).to(self.device), self.pack["gold_weight"]
        with autocast(self.device):
            loss = soft_loss(self.network(**self.texts.batch(rows)).logits.float(), self.targets[rows], self.pack)
            if self.gold is not None:
                drawn = np.random.default_rng((self.pack["seed"], self.n_steps, 1))
                shown = torch.from_numpy(drawn.choice(len(self.gold_labels), self.n_gold, replace=False)).to(self.device)
                logits = self.network(**self.gold.batch(shown)).logits.float()
                loss = (1 - share) * loss + share * gold_loss(logits, self.gold_labels[shown], self.pack)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.pack["max_grad_norm"])
        self.optimizer.step()
        self.n_steps += 1
        self.n_sentences += len(batch)
        return loss.detach()

    @torch.inference_mode()
    def agreement(self, rows: torch.Tensor) -> float:
        """The share of held-out sentences, over tasks, with the teachers' most probable label."""
        self.network.eval()
        same = []
        for part in rows.split(256):
            with autocast(self.device):
                logits = self.network(**self.texts.batch(part)).logits.float()
            pairs = zip(by_task(logits, self.pack), by_task(self.targets[part], self.pack), strict=True)
            same += [(own.argmax(1) == target.argmax(1)).float() for own, target in pairs]
        return float(torch.cat(same).mean())

    def save(self) -> None:
        """Weights, moments and counters, whole or not at all."""
        tensors = {f"weight.{name}": each.detach() for name, each in self.named.items()}
        for name, each in self.named.items():
            tensors |= {f"{key}.{name}": value for key, value in self.optimizer.state[each].items()}
        counts = {"steps": str(self.n_steps), "sentences": str(self.n_sentences)}
        temporary = self.out / "checkpoint.tmp"
        save_file({name: each.contiguous() for name, each in tensors.items()}, temporary, counts)
        temporary.replace(self.out / "checkpoint.safetensors")

    def _resume(self) -> None:
        if not (path := self.out / "checkpoint.safetensors").is_file():
            return
        with torch.no_grad(), safe_open(path, "pt", str(self.device)) as stored:
            for name, each in self.named.items():
                each.copy_(stored.get_tensor(f"weight.{name}"))
                self.optimizer.state[each] = {key: stored.get_tensor(f"{key}.{name}") for key in MOMENTS}
            counts = stored.metadata()
        self.n_steps, self.n_sentences = int(counts["steps"]), int(counts["sentences"])


def train(folder: Path, out: Path, checkpoint_minutes: float = 2, stop_after: float = math.inf) -> bool:
    """Train to the end, or for so many minutes; whether the end was reached."""
    out.mkdir(parents=True, exist_ok=True)
    begun = saved = time.monotonic()
    pack = json.loads((folder / "pack.json").read_text(encoding="utf-8"))
    training = Training(folder, out, pack, torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    lengths = training.texts.lengths.cpu().numpy()
    n_shown = len(lengths) - min(N_HELD_OUT, max(len(lengths) // 5, 1))
    held_out = torch.arange(n_shown, len(lengths), device=training.device)
    losses: list[torch.Tensor] = []
    for batch in steps(lengths[:n_shown], pack["batch_size"], pack["seed"], training.n_steps):
        finished = training.n_sentences >= pack["sentences"]
        stopped = bool(losses) and time.monotonic() - begun >= 60 * stop_after
        if losses and (finished or stopped or time.monotonic() - saved >= 60 * checkpoint_minutes):
            facts = {"sentences": training.n_sentences, "loss": float(torch.stack(losses).mean())}
            facts["per_second"] = len(losses) * pack["batch_size"] / (time.monotonic() - saved)
            facts["agreement"] = training.agreement(held_out)
            training.save()
            with (out / "log.jsonl").open("a", encoding="utf-8") as log:
                print(json.dumps(facts), file=log)
            print(json.dumps(facts), flush=True)
            saved, losses = time.monotonic(), []
        if finished or stopped:
            break
        losses.append(training.step(batch))
    if finished:
        save_file(dict(training.network.state_dict()), out / "student.safetensors")
    return finished


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--checkpoint-minutes", type=float, default=2)
    parser.add_argument("--stop-after", type=float, default=math.inf)
    given = parser.parse_args()
    train(given.pack, given.out, given.checkpoint_minutes, given.stop_after)
