"""What the student is to match: an encoder's vectors, or a classifier's probabilities."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from detente.model.classifier import SMALLEST_PROB
from detente.training.distillation.batches import Batch
from detente.training.distillation.teacher import TeacherOutputs

N_FOR_SCALE = 100_000


class VectorObjective(nn.Module):
    """Linear heads regress the teacher's standardised vectors.

    ``<s>`` and the mean of the tokens are to match the teacher's two vectors of the sentence, the mean of a word's pieces its
    vector of the word, masked words included. Each of the three losses is a mean squared error, 1 for knowing nothing.
    """

    def __init__(self, student: Any, width: int, word_weight: float) -> None:
        super().__init__()
        self.student = student
        own = student.config.hidden_size
        self.first, self.mean, self.word = nn.Linear(own, width), nn.Linear(own, width), nn.Linear(own, width)
        self.word_weight = word_weight
        for name, size in (("sentence", 2 * width), ("word", width)):
            self.register_buffer(f"{name}_mean", torch.zeros(size))
            self.register_buffer(f"{name}_sd", torch.ones(size))

    def standardise(self, outputs: TeacherOutputs) -> None:
        """Take mean and standard deviation of each dimension from a shard of the teacher's vectors."""
        words = torch.from_numpy(outputs.words[:N_FOR_SCALE].astype("float32")) if outputs.words is not None else None
        sentences = torch.from_numpy(outputs.sentences[:N_FOR_SCALE].astype("float32"))
        for name, sample in (("sentence", sentences), ("word", words)):
            if sample is not None:
                sample = sample[sample.abs().sum(1) > 0]
                getattr(self, f"{name}_mean").copy_(sample.mean(0))
                getattr(self, f"{name}_sd").copy_(sample.std(0).clamp_min(1e-6))

    def forward(self, batch: Batch) -> Any:
        """The loss of a batch."""
        hidden, pooled = self._states(batch)
        first, mean = self._targets(batch)
        loss = nn.functional.mse_loss(self.first(hidden[:, 0]).float(), first)
        loss = loss + nn.functional.mse_loss(self.mean(pooled).float(), mean)
        if batch.words is None or not self.word_weight:
            return loss
        states = self.word(_word_states(hidden, batch)).float()
        known = batch.words.abs().sum(1) > 0
        words = (batch.words - self.word_mean) / self.word_sd
        return loss + self.word_weight * nn.functional.mse_loss(states[known], words[known])

    @torch.no_grad()
    def agreement(self, batch: Batch) -> float:
        """The mean cosine between the student's and the teacher's standardised sentence vectors, of the last layer."""
        found, target = self.mean(self._states(batch)[1]).float(), self._targets(batch)[1]
        return float(nn.functional.cosine_similarity(found, target).mean())

    def _targets(self, batch: Batch) -> tuple[Any, Any]:
        first, mean = ((batch.sentences - self.sentence_mean) / self.sentence_sd).chunk(2, dim=1)
        return first, mean

    def _states(self, batch: Batch) -> tuple[Any, Any]:
        hidden = self.student(input_ids=batch.input_ids, attention_mask=batch.attention_mask).last_hidden_state
        mask = batch.attention_mask[..., None].to(hidden.dtype)
        return hidden, (hidden * mask).sum(1) / mask.sum(1)


class ProbabilityObjective(nn.Module):
    """The student's label probabilities match the teacher's: cross-entropy to them, task by task.

    Both are taken at ``temperature``; its square keeps the gradients as large as without it.
    """

    def __init__(self, student: Any, tasks: tuple[int, ...], temperature: float = 1.0) -> None:
        super().__init__()
        self.student = student
        self.tasks = tasks
        self.temperature = temperature

    def forward(self, batch: Batch) -> Any:
        """The loss of a batch."""
        loss = 0
        for logits, probs in zip(self._logits(batch), batch.sentences.split(self.tasks, dim=1), strict=True):
            soft = (probs.clamp_min(SMALLEST_PROB).log() / self.temperature).softmax(1) if self.temperature != 1 else probs
            loss = loss - (soft * (logits / self.temperature).log_softmax(1)).sum(1).mean() * self.temperature**2
        return loss

    def gold(self, batch: Batch) -> Any:
        """The loss of a batch with gold labels: 1 at the label, zeros in a task without one, which adds nothing."""
        loss = 0
        for logits, gold in zip(self._logits(batch), batch.sentences.split(self.tasks, dim=1), strict=True):
            loss = loss - (gold * logits.log_softmax(1)).sum() / gold.sum().clamp_min(1)
        return loss

    @torch.no_grad()
    def agreement(self, batch: Batch) -> float:
        """The share of sentences (over tasks) with the teacher's most probable label."""
        same = [
            (logits.argmax(1) == probs.argmax(1)).float().mean()
            for logits, probs in zip(self._logits(batch), batch.sentences.split(self.tasks, dim=1), strict=True)
        ]
        return float(torch.stack(same).mean())

    def _logits(self, batch: Batch) -> Any:
        found = self.student(input_ids=batch.input_ids, attention_mask=batch.attention_mask).logits
        return found.float().split(self.tasks, dim=1)


def _word_states(hidden: Any, batch: Batch) -> Any:
    """The mean state of each word's pieces, (n_words, hidden)."""
    owner = batch.word_of.flatten()
    owned = owner >= 0
    states = hidden.flatten(0, 1)[owned].float()
    sums = states.new_zeros(len(batch.words), states.shape[1]).index_add_(0, owner[owned], states)
    return sums / torch.bincount(owner[owned], minlength=len(batch.words)).clamp_min(1)[:, None]
