"""What a configuration says of training, and the key under which a run is known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from detente import places
from detente.errors import ConfigError, near_miss
from detente.labels import JOINT, tasks_of
from detente.model.options import KINDS, ModelOptions
from detente.model.phobert import ENCODER_FILES
from detente.text import TextOptions, TextPath
from detente.training.precision import PRECISIONS

METHODS = ("finetune", "lora", "probe")
LOSSES = ("cross_entropy", "ordinal")
CALIBRATIONS = ("temperature", "none")
RESUME = ("auto", "never")


@dataclass(frozen=True)
class TaskOptions:
    """Which label is learnt: stance, sentiment, or both with one encoder (joint)."""

    name: str = "stance"


@dataclass(frozen=True)
class TrainingOptions:
    """How an encoder is trained; those of fine-tuning suit PhoBERT (configs/training/finetune_small.yaml the embedded one).

    ``method`` is ``probe``: the encoder stays as it is, and a linear layer reads its states, regularised by the best of
    ``probe_strengths`` (C, the inverse strength); of the other options a probe heeds ``class_weights`` alone. Or ``finetune``,
    or ``lora``: small matrices of ``lora_rank`` beside the query and value projections, merged into the weights afterwards.

    ``layer_decay`` is the learning rate of a layer as a share of that of the layer above it; ``freeze_embeddings`` and
    ``freeze_layers`` (the lowest so many, with the embeddings) leave parts of the encoder as they are. ``loss`` is
    ``cross_entropy``, or ``ordinal``, which takes the labels for places in an order; ``label_smoothing`` is a share.
    ``warmup`` is a share of the steps; ``class_weights`` is ``balanced`` (each label weighs the same over the training side)
    or ``none``; ``early_stopping`` is the number of epochs without a better loss on an inner held-out group after which a fit
    stops and goes back to its best epoch, 0 for fixed epochs. ``precision`` is fp32, bf16, or auto: matrices in bf16 where the
    hardware multiplies it. ``checkpoint_minutes`` lie between two checkpoints of a fit; ``max_minutes`` is what the whole run
    may take, shared out among its fits, 0 for no limit. ``calibration`` is ``temperature`` (one is fitted on the predictions
    that the run is scored on, and saved in the model; labels stay as they are) or ``none``.
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
    probe_strengths: tuple[float, ...] = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class TrainOptions:
    """What decides the numbers of a training run, besides the data.

    ``resume``: with ``auto`` a run that was cut goes on where it stopped, and one that is finished is not run again; ``never``
    starts anew.
    """

    seed: int = 0
    repeats: int = 1
    resume: str = "auto"
    task: TaskOptions = field(default_factory=TaskOptions)
    text: TextOptions = field(default_factory=TextOptions)
    model: ModelOptions = field(default_factory=ModelOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The random seeds of the repeats."""
        return tuple(range(self.seed, self.seed + self.repeats))


def check_options(options: TrainOptions) -> None:
    """Raise ConfigError that lists every value that cannot be, before anything is computed."""
    training, problems = options.training, []
    if options.model.kind not in KINDS:
        problems.append(
            f"model.kind: expected {', '.join(KINDS)}, got '{options.model.kind}'.{near_miss(options.model.kind, KINDS)}"
        )
    positive = {
        "repeats": options.repeats,
        "training.epochs": training.epochs,
        "training.batch_size": training.batch_size,
        "training.learning_rate": training.learning_rate,
        "training.max_grad_norm": training.max_grad_norm,
        "training.lora_rank": training.lora_rank,
        "training.lora_alpha": training.lora_alpha,
        "model.ngram_max": options.model.ngram_max,
        "model.regularisation": options.model.regularisation,
    }
    problems += [f"{key}: expected more than 0, got {value}." for key, value in positive.items() if value <= 0]
    if options.seed < 0:
        problems.append(f"seed: expected 0 or more, got {options.seed}.")
    shares = {
        "training.warmup": training.warmup,
        "training.label_smoothing": training.label_smoothing,
        "training.lora_dropout": training.lora_dropout,
        "model.dropout": options.model.dropout,
    }
    for key, share in shares.items():
        if not 0 <= share < 1:
            problems.append(f"{key}: expected a share from 0 to below 1, got {share}.")
    names = {
        "training.method": (training.method, METHODS),
        "training.loss": (training.loss, LOSSES),
        "training.precision": (training.precision, PRECISIONS),
        "training.class_weights": (training.class_weights, ("balanced", "none")),
        "training.calibration": (training.calibration, CALIBRATIONS),
        "resume": (options.resume, RESUME),
    }
    for key, (value, known) in names.items():
        if value not in known:
            problems.append(f"{key}: expected {', '.join(known)}, got '{value}'.{near_miss(value, known)}")
    if not 0 < training.layer_decay <= 1:
        problems.append(f"training.layer_decay: expected a share above 0, at most 1, got {training.layer_decay}.")
    if options.task.name == JOINT and options.model.kind != "encoder":
        problems.append(f"task=joint: model.kind '{options.model.kind}' learns one task at a time; expected an encoder.")
    if not training.probe_strengths or min(training.probe_strengths) <= 0:
        problems.append(f"training.probe_strengths: expected numbers above 0, got {list(training.probe_strengths)}.")
    at_least_zero = ("early_stopping", "weight_decay", "freeze_layers", "checkpoint_minutes", "max_minutes")
    problems += [f"training.{key}: expected 0 or more." for key in at_least_zero if getattr(training, key) < 0]
    if problems:
        raise ConfigError("\n".join(problems))
    tasks_of(options.task.name)
    TextPath.from_options(options.text)


def run_key(options: TrainOptions, data_digest: str, encoder: Path | None) -> str:
    """sha256 of what decides a run's numbers: the configuration, the data's digest, the encoder's and the code's bytes.

    Paths, tracking, and what only says how to go on after a stop are left out: the same run elsewhere has the same key. What a
    path leads to counts by its content.
    """
    everything = asdict(options)
    config: dict[str, Any] = {name: everything[name] for name in (f.name for f in fields(TrainOptions))}
    del config["model"]["path"], config["resume"], config["training"]["checkpoint_minutes"]
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    digest.update(data_digest.encode())
    for path in [
        *sorted(places.PACKAGE.rglob("*.py")),
        *((encoder / name for name in ENCODER_FILES) if encoder else ()),
    ]:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
