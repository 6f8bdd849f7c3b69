"""What a configuration says of training, and the key under which a run is known."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from detente import places
from detente.errors import ConfigError, near_miss
from detente.evaluation.abstention import AUTO
from detente.model.architectures import POOLINGS
from detente.model.families import encoder_files
from detente.model.options import KINDS, ModelOptions
from detente.tasks import Task, task_names, tasks_named, title
from detente.text import TextOptions, TextPath
from detente.training.heeded import BY_METHOD
from detente.training.precision import PRECISIONS

METHODS = ("finetune", "lora", "probe")
LOSSES = ("cross_entropy", "ordinal")
CALIBRATIONS = ("temperature", "none")
RESUME = ("auto", "never")
MAX_SEED = 2**32 - 1
"""What every generator of random numbers takes."""
NEEDS_PEFT = "training=lora needs peft: pip install 'detente[lora]'"


@dataclass(frozen=True)
class TrainingOptions:
    """How an encoder is trained; those of fine-tuning suit PhoBERT (configs/training/finetune_small.yaml the embedded one).

    ``method`` is ``probe``: the encoder stays as it is, and a linear layer reads its states, regularised by the best of
    ``probe_strengths`` (C, the inverse strength): of ``probe_layers`` (1 is the lowest, -1 the last) the ``probe_pooling``,
    which is the state of the first token, the mean of all, first_mean, or auto (the encoder's family says). Of the other
    options a probe heeds ``class_weights`` alone. Or ``finetune``, or ``lora``: small matrices of ``lora_rank`` beside the
    query and value projections, merged into the weights afterwards.

    ``layer_decay`` is the learning rate of a layer as a share of that of the layer above it; ``freeze_embeddings`` and
    ``freeze_layers`` (the lowest so many, with the embeddings) leave parts of the encoder as they are. ``loss`` is
    ``cross_entropy``, or ``ordinal``, which takes the labels for places in an order; ``label_smoothing`` is a share.
    ``warmup`` is a share of the steps; ``class_weights`` is ``balanced`` (each label weighs the same over the training side)
    or ``none``; ``early_stopping`` is the number of epochs without a better loss on an inner held-out group after which a fit
    stops and goes back to its best epoch, 0 for fixed epochs. ``precision`` is fp32, bf16, or auto: matrices in bf16 where the
    hardware multiplies it. ``checkpoint_minutes`` lie between two checkpoints of a fit; ``max_minutes`` is what the whole run
    may take, shared out among its fits, 0 for no limit. ``calibration`` is ``temperature`` (one is fitted on the predictions
    that the run is scored on, and saved in the model; labels stay as they are) or ``none``. ``threshold`` is the probability
    below which the model abstains: none (null), a number, or ``auto``, chosen on the predictions that the run is scored on,
    where an error counts 1 and a sentence left to a human 1/2.
    """

    method: str = "probe"
    epochs: int = 10
    batch_size: int = 16
    learning_rate: float = 3e-5
    weight_decay: float = 0.01
    warmup: float = 0.1
    max_grad_norm: float = 1.0
    class_weights: str = "balanced"
    early_stopping: int = 0
    layer_decay: float = 1.0
    freeze_embeddings: bool = False
    freeze_layers: int = 0
    loss: str = "cross_entropy"
    label_smoothing: float = 0.0
    lora_rank: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.05
    precision: str = "auto"
    checkpoint_minutes: float = 5.0
    max_minutes: float = 0.0
    calibration: str = "temperature"
    threshold: float | int | str | None = None
    probe_layers: tuple[int, ...] = (-1,)
    probe_pooling: str = "auto"
    probe_strengths: tuple[float, ...] = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class TrainOptions:
    """What decides the numbers of a training run, besides the data.

    ``task`` names what is learnt: a task, a joint set, or several tasks; one encoder learns them together. ``resume``: with
    ``auto`` a run that was cut goes on where it stopped, and one that is finished is not run again; ``never`` starts anew.
    """

    seed: int = 0
    repeats: int = 1
    resume: str = "auto"
    task: str | tuple[str, ...] = "stance"
    text: TextOptions = field(default_factory=TextOptions)
    model: ModelOptions = field(default_factory=ModelOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The random seeds of the repeats."""
        return tuple(range(self.seed, self.seed + self.repeats))

    @property
    def stepwise(self) -> bool:
        """Whether a fit goes step by step from random numbers; a probe and the baselines have one solution for all seeds."""
        return self.model.kind == "encoder" and self.training.method != "probe"


def check_options(options: TrainOptions) -> None:
    """Raise ConfigError that lists every value that cannot be, before anything is computed."""
    training, model = options.training, options.model
    problems = [*_unknown_names(options), *_out_of_range(options)]
    if len(names := task_names(options.task)) > 1 and model.kind != "encoder":
        problems.append(
            f"task={title(options.task)}: model.kind '{model.kind}' learns one task at a time, not {' and '.join(names)}; "
            "expected an encoder."
        )
    if model.kind == "encoder" and training.method in METHODS:
        problems += _unheeded(training)
        if training.method == "lora" and find_spec("peft") is None:
            problems.append(NEEDS_PEFT)
    if problems:
        raise ConfigError("\n".join(problems))
    TextPath.from_options(options.text)


def _unknown_names(options: TrainOptions) -> list[str]:
    training = options.training
    names = {
        "model.kind": (options.model.kind, KINDS),
        "training.method": (training.method, METHODS),
        "training.loss": (training.loss, LOSSES),
        "training.precision": (training.precision, PRECISIONS),
        "training.class_weights": (training.class_weights, ("balanced", "none")),
        "training.calibration": (training.calibration, CALIBRATIONS),
        "training.probe_pooling": (training.probe_pooling, ("auto", *POOLINGS)),
        "resume": (options.resume, RESUME),
    }
    return [
        f"{key}: expected {', '.join(known)}, got '{value}'.{near_miss(value, known)}"
        for key, (value, known) in names.items()
        if value not in known
    ]


def _out_of_range(options: TrainOptions) -> list[str]:
    training, model = options.training, options.model
    problems = []
    for part, own in (("training", training), ("model", model)):
        for name, value in vars(own).items():
            if isinstance(value, float) and not math.isfinite(value):
                problems.append(f"{part}.{name}: expected a number, got {value}.")
    positive = {
        "repeats": options.repeats,
        "training.epochs": training.epochs,
        "training.batch_size": training.batch_size,
        "training.learning_rate": training.learning_rate,
        "training.max_grad_norm": training.max_grad_norm,
        "training.lora_rank": training.lora_rank,
        "training.lora_alpha": training.lora_alpha,
        "model.ngram_max": model.ngram_max,
        "model.regularisation": model.regularisation,
    }
    problems += [f"{key}: expected more than 0, got {value}." for key, value in positive.items() if value <= 0]
    shares = {
        "training.warmup": training.warmup,
        "training.label_smoothing": training.label_smoothing,
        "training.lora_dropout": training.lora_dropout,
        "model.dropout": model.dropout,
    }
    problems += [
        f"{key}: expected a share from 0 to below 1, got {value}." for key, value in shares.items() if not 0 <= value < 1
    ]
    if not 0 < training.layer_decay <= 1:
        problems.append(f"training.layer_decay: expected a share above 0, at most 1, got {training.layer_decay}.")
    if not training.probe_strengths or not all(0 < each < math.inf for each in training.probe_strengths):
        problems.append(f"training.probe_strengths: expected numbers above 0, got {list(training.probe_strengths)}.")
    layers = training.probe_layers
    if not layers or 0 in layers or len(set(layers)) < len(layers):
        problems.append(
            f"training.probe_layers: expected some layers once each, 1 the lowest or -1 the last, got {list(layers)}."
        )
    if not _is_threshold(training.threshold):
        near = near_miss(str(training.threshold), (AUTO,))
        problems.append(
            f"training.threshold: expected null, auto or a probability from 0 to 1, got {training.threshold}.{near}"
        )
    if not 0 <= options.seed <= MAX_SEED - max(options.repeats, 1) + 1:
        problems.append(f"seed: expected 0 to {MAX_SEED}, with repeats the last one too, got {options.seed}.")
    at_least_zero = ("early_stopping", "weight_decay", "freeze_layers", "checkpoint_minutes", "max_minutes")
    return problems + [f"training.{key}: expected 0 or more." for key in at_least_zero if getattr(training, key) < 0]


def _is_threshold(value: float | str | None) -> bool:
    return value is None or value == AUTO or (isinstance(value, int | float) and 0 <= value <= 1)


def _unheeded(training: TrainingOptions) -> list[str]:
    """What was set and would be of no effect, so that nobody takes a probe for a fine-tuning with early stopping."""
    usual = TrainingOptions()
    return [
        f"training.{name}={getattr(training, name)}: training.method={training.method} has no use for it; leave it at "
        f"{getattr(usual, name)}, or choose a method that has: {', '.join(methods)}."
        for name, methods in BY_METHOD.items()
        if training.method not in methods and getattr(training, name) != getattr(usual, name)
    ]


def run_key(options: TrainOptions, data_digest: str, encoder: Path | None, tasks: Sequence[Task] | None = None) -> str:
    """sha256 of what decides a run's numbers: the configuration, the data's digest, the encoder's and the code's bytes.

    ``tasks`` are those that ``options.task`` stands for, by default as their files have them; names, labels and order count.

    The versions of what turns text into ids count too, since a model is refused after an upgrade that changes them.
    Paths, tracking, and what only says how to go on after a stop are left out: the same run elsewhere has the same key. What a
    path leads to counts by its content.
    """
    everything = asdict(options)
    config: dict[str, Any] = {name: everything[name] for name in (f.name for f in fields(TrainOptions))}
    del config["model"]["path"], config["resume"], config["training"]["checkpoint_minutes"]
    chosen = tasks_named(options.task) if tasks is None else tasks
    config["task"] = [(task.name, task.labels, task.ordered) for task in chosen]
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    digest.update(data_digest.encode() + json.dumps(_id_versions(options), sort_keys=True).encode())
    for path in sorted(places.PACKAGE.rglob("*.py")):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    digest.update(encoder_digest(encoder).encode())
    return digest.hexdigest()


def encoder_digest(encoder: Path | None) -> str:
    """16 hexadecimal digits over an encoder's files, wherever they lie; empty for a baseline."""
    if encoder is None:
        return ""
    digest = hashlib.sha256()
    for path in (encoder / name for name in encoder_files(encoder)):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _id_versions(options: TrainOptions) -> dict[str, str]:
    """Package → version, of what turns text into the ids that a model of this kind reads."""
    of_tokenizer = ("tokenizers", "transformers") if options.model.kind == "encoder" else ()
    return {**TextPath.from_options(options.text).versions(), **{name: version(name) for name in of_tokenizer}}
