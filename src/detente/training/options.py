"""What a configuration says of training, and the key under which a run is known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from detente import places
from detente.errors import ConfigError, near_miss
from detente.labels import labels_of
from detente.model.options import KINDS, ModelOptions
from detente.model.phobert import ENCODER_FILES
from detente.text import TextOptions, TextPath

METHODS = ("finetune", "probe")


@dataclass(frozen=True)
class TaskOptions:
    """Which of the two labels is learnt."""

    name: str = "stance"


@dataclass(frozen=True)
class TrainingOptions:
    """How an encoder is trained; those of fine-tuning suit PhoBERT (configs/training/finetune_small.yaml the embedded one).

    ``method`` is ``probe``: the encoder stays as it is, and a linear layer reads its states, regularised by the best of
    ``probe_strengths`` (C, the inverse strength); of the other options a probe heeds ``class_weights`` alone. Or ``finetune``.
    ``warmup`` is a share of the steps; ``class_weights`` is ``balanced`` (each label weighs the same over the training side)
    or ``none``; ``early_stopping`` is the number of epochs without a better loss on an inner held-out group after which a fit
    stops and goes back to its best epoch, 0 for fixed epochs.
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
    probe_strengths: tuple[float, ...] = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)


@dataclass(frozen=True)
class TrainOptions:
    """What decides the numbers of a training run, besides the data."""

    seed: int = 0
    repeats: int = 1
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
        "model.ngram_max": options.model.ngram_max,
        "model.regularisation": options.model.regularisation,
    }
    problems += [f"{key}: expected more than 0, got {value}." for key, value in positive.items() if value <= 0]
    if options.seed < 0:
        problems.append(f"seed: expected 0 or more, got {options.seed}.")
    for key, share in (("training.warmup", training.warmup), ("model.dropout", options.model.dropout)):
        if not 0 <= share < 1:
            problems.append(f"{key}: expected a share from 0 to below 1, got {share}.")
    if training.method not in METHODS:
        problems.append(
            f"training.method: expected {' or '.join(METHODS)}, got '{training.method}'.{near_miss(training.method, METHODS)}"
        )
    if not training.probe_strengths or min(training.probe_strengths) <= 0:
        problems.append(f"training.probe_strengths: expected numbers above 0, got {list(training.probe_strengths)}.")
    if training.class_weights not in ("balanced", "none"):
        problems.append(f"training.class_weights: expected balanced or none, got '{training.class_weights}'.")
    if training.early_stopping < 0 or training.weight_decay < 0:
        problems.append("training.early_stopping and training.weight_decay: expected 0 or more.")
    if problems:
        raise ConfigError("\n".join(problems))
    labels_of(options.task.name)
    TextPath.from_options(options.text)


def run_key(options: TrainOptions, data_digest: str, encoder: Path | None) -> str:
    """sha256 of what decides a run's numbers: the configuration, the data's digest, the encoder's and the code's bytes.

    Paths and tracking are left out: the same run elsewhere has the same key. What a path leads to counts by its content.
    """
    everything = asdict(options)
    config: dict[str, Any] = {name: everything[name] for name in (f.name for f in fields(TrainOptions))}
    del config["model"]["path"]
    digest = hashlib.sha256(json.dumps(config, sort_keys=True).encode())
    digest.update(data_digest.encode())
    for path in [
        *sorted(places.PACKAGE.rglob("*.py")),
        *((encoder / name for name in ENCODER_FILES) if encoder else ()),
    ]:
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
