"""Fine-tuning an encoder with the Hugging Face Trainer."""

from __future__ import annotations

import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from detente.dataset.segmented import Segmented
from detente.errors import TrainingError
from detente.labels import labels_of
from detente.model.classifier import ModelInfo
from detente.model.encoder import EncoderClassifier, pad
from detente.model.phobert import encode, load_network, load_tokenizer
from detente.records import Example
from detente.text import TextPath
from detente.training.options import TrainingOptions
from detente.training.seeding import seeded

OnEpoch = Callable[[int, float], None]
"""Called at the end of every epoch with its number and its mean training loss."""


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
    on_epoch: OnEpoch = lambda epoch, loss: None,
) -> EncoderClassifier:
    """Fine-tune the encoder on labelled sentences of one task and return the classifier.

    ``segmented`` holds the text path's work on every example. The head is drawn, the batches are ordered and dropout is
    sampled from ``seed`` alone. Raises TrainingError if the loss is no number, or if early stopping is asked for with fewer
    than two groups.
    """
    from transformers import Trainer

    ((task, labels),) = info.tasks.items()
    inner: list[Example] = []
    if options.early_stopping:
        examples, inner = hold_out_inner_group(examples, task, seed)
    with seeded(seed), tempfile.TemporaryDirectory(prefix="detente-") as scratch:
        network = load_network(encoder, n_labels=len(labels), dropout=dropout, fresh_head=True)
        tokenizer = load_tokenizer(encoder, network.config.vocab_size)
        trainer = Trainer(
            model=network,
            args=_arguments(options, scratch, seed, evaluate=bool(inner)),
            train_dataset=_features(examples, segmented, task, tokenizer, text_path.max_tokens),
            eval_dataset=_features(inner, segmented, task, tokenizer, text_path.max_tokens) if inner else None,
            data_collator=lambda rows: _collate(rows, tokenizer.pad_token_id),
            compute_loss_func=_loss(_class_weights(examples, task, labels, options.class_weights)),
        )
        watch = _watch(on_epoch, options.early_stopping if inner else 0)
        _remove_printing(trainer)
        trainer.add_callback(watch)
        trainer.train()
        if watch.best_state is not None:
            network.load_state_dict(watch.best_state)
    network.eval()
    return EncoderClassifier(network, tokenizer, text_path, info)


def _arguments(options: TrainingOptions, scratch: str, seed: int, *, evaluate: bool) -> Any:
    """The Trainer's own options; what they print and save is left to the recorder."""
    from transformers import TrainingArguments

    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=2 * options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        warmup_steps=options.warmup,
        max_grad_norm=options.max_grad_norm,
        train_sampling_strategy="group_by_length",
        remove_unused_columns=False,
        seed=seed,
        logging_strategy="epoch",
        logging_nan_inf_filter=False,
        eval_strategy="epoch" if evaluate else "no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def _features(
    rows: Sequence[Example], segmented: Segmented, task: str, tokenizer: Any, max_tokens: int
) -> list[dict[str, Any]]:
    """Ids and label index of each row."""
    labels = labels_of(task)
    encoded = encode(tokenizer, [segmented[row.text] for row in rows], max_tokens)
    return [
        {"input_ids": ids, "labels": labels.index(row.label(task) or "")} for ids, row in zip(encoded.ids, rows, strict=True)
    ]


def hold_out_inner_group(examples: Sequence[Example], task: str, seed: int) -> tuple[list[Example], list[Example]]:
    """Part one group off the training side for early stopping to watch; the labels must all stay on the other side."""
    groups = sorted({row.group_id for row in examples})
    labels = {row.label(task) for row in examples}
    order = [groups[(at + seed) % len(groups)] for at in range(len(groups))]
    for group in order:
        rest = [row for row in examples if row.group_id != group]
        if rest and {row.label(task) for row in rest} == labels:
            return rest, [row for row in examples if row.group_id == group]
    raise TrainingError(
        f"training.early_stopping needs an inner group to watch, and the training side of {len(groups)} groups cannot spare "
        "one without losing a label. Use fixed epochs: training.early_stopping=0"
    )


def _class_weights(examples: Sequence[Example], task: str, labels: tuple[str, ...], how: str) -> list[float]:
    """Weights whose mean over the examples is 1; a label without examples weighs nothing."""
    counts = Counter(row.label(task) for row in examples)
    if how == "none":
        return [1.0] * len(labels)
    n_occurring = sum(counts[label] > 0 for label in labels)
    return [len(examples) / (n_occurring * counts[label]) if counts[label] else 0.0 for label in labels]


def _loss(weights: list[float]) -> Callable[..., Any]:
    import torch

    def weighted_cross_entropy(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        weight = torch.tensor(weights, device=labels.device, dtype=outputs.logits.dtype)
        total = torch.nn.functional.cross_entropy(outputs.logits, labels, weight=weight, reduction="sum")
        # Over the whole (accumulated) batch, not over the sum of weights, so that a rare label keeps its weight in any batch.
        return total / (num_items_in_batch if num_items_in_batch is not None else len(labels))

    return weighted_cross_entropy


def _collate(rows: Sequence[dict[str, Any]], pad_id: int) -> dict[str, Any]:
    import torch

    return {**pad([row["input_ids"] for row in rows], pad_id), "labels": torch.tensor([row["labels"] for row in rows])}


def _remove_printing(trainer: Any) -> None:
    from transformers.trainer_callback import PrinterCallback

    trainer.remove_callback(PrinterCallback)


def _watch(on_epoch: OnEpoch, patience: int) -> Any:
    """A callback that passes on each epoch's loss, refuses one that is no number, and stops early where asked to."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):  # type: ignore[misc]
        best_loss = math.inf
        best_state: dict[str, Any] | None = None
        since_best = 0

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
            if logs and "loss" in logs:
                if not math.isfinite(logs["loss"]):
                    raise TrainingError(
                        f"the training loss is {logs['loss']} in epoch {round(state.epoch or 0)}. Lower "
                        f"training.learning_rate (now {args.learning_rate})."
                    )
                on_epoch(round(state.epoch or 0), logs["loss"])

        def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float], model: Any, **_: Any) -> None:
            if metrics["eval_loss"] < self.best_loss:
                self.best_loss = metrics["eval_loss"]
                self.best_state = {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
                self.since_best = 0
            else:
                self.since_best += 1
                control.should_training_stop = self.since_best >= patience

    return Watch()
