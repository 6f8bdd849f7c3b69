"""Fine-tuning an encoder on labelled sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from detente.dataset.segmented import Segmented
from detente.model.architectures import architecture_of
from detente.model.classifier import ModelInfo, Tasks
from detente.model.encoder import EncoderClassifier
from detente.model.families import Tokenizer, encode, load_tokenizer
from detente.model.heads import take_heads
from detente.model.network import load_network
from detente.records import Example
from detente.text import TextPath
from detente.training.options import TrainingOptions
from detente.training.seeding import seeded
from detente.training.sides import training_side

if TYPE_CHECKING:
    from detente.training.loop import Item, OnEpoch, Say


@dataclass(frozen=True)
class FitHooks:
    """What a fit tells, where it keeps its checkpoints, and until when (``time.monotonic``) it may take."""

    on_epoch: OnEpoch = lambda epoch, loss: None
    say: Say = lambda line: None
    on_time_up: Callable[[], None] = lambda: None
    checkpoints: Path | None = None
    deadline: float = math.inf


def finetune(
    examples: Sequence[Example],
    segmented: Segmented,
    encoder: Path,
    text_path: TextPath,
    info: ModelInfo,
    options: TrainingOptions,
    *,
    dropout: float,
    seed: int,
    hooks: FitHooks = FitHooks(),
) -> EncoderClassifier:
    """Fine-tune the encoder on sentences with a label in at least one of the tasks of ``info``, and return the classifier.

    ``segmented`` holds the text path's work on every example. Where the encoder is a classifier's of the same tasks, its head
    is trained on. The head is drawn, the batches are ordered and dropout is
    sampled from ``seed`` alone. Raises ConfigError if the options do not fit encoder or data, TrainingError if the loss is no
    number, or if early stopping is asked for with fewer than two groups.
    """
    from detente.training.checkpoints import Checkpoints
    from detente.training.loop import Loop, Stop
    from detente.training.lora import merged
    from detente.training.losses import class_weights, loss_of
    from detente.training.parameters import adapt

    examples, inner = training_side(examples, info.tasks, options, seed)
    n_labels = sum(map(len, info.tasks.values()))
    with seeded(seed):
        network = load_network(encoder, n_labels=n_labels, dropout=dropout, fresh_head=True)
        take_heads(network, encoder, info.tasks)
        tokenizer = load_tokenizer(encoder)
        network = adapt(network, options)
        weights = {task: class_weights(examples, task, labels, options.class_weights) for task, labels in info.tasks.items()}
        loop = Loop(
            network,
            items_of(examples, segmented, info.tasks, tokenizer, text_path.max_tokens),
            loss_of(info.tasks, weights, options.loss, options.label_smoothing),
            options,
            seed=seed,
            pad_id=tokenizer.pad_token_id,
            inner=items_of(inner, segmented, info.tasks, tokenizer, text_path.max_tokens),
            checkpoints=Checkpoints(hooks.checkpoints) if hooks.checkpoints else None,
            deadline=hooks.deadline,
            on_epoch=hooks.on_epoch,
            say=hooks.say,
        )
        end = loop.run()
        if end.stopped is Stop.TIME:
            hooks.say(f"{end.stopped} after {end.step} of {loop.n_steps} steps")
            hooks.on_time_up()
    network = merged(network).cpu().eval()
    network.set_attn_implementation(architecture_of(network).attention)
    for parameter in network.parameters():
        parameter.requires_grad = True
    return EncoderClassifier(network, tokenizer, text_path, info)


def items_of(rows: Sequence[Example], segmented: Segmented, tasks: Tasks, tokenizer: Tokenizer, max_tokens: int) -> list[Item]:
    """Ids and targets of each row."""
    from detente.training.loop import Item
    from detente.training.losses import targets_of

    encoded = encode(tokenizer, [segmented[row.text] for row in rows], max_tokens)
    return [Item(ids, targets_of(row, tasks)) for ids, row in zip(encoded.ids, rows, strict=True)]
