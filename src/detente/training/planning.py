"""What a run comes to before anything is computed: its options in full, its key, its folder, and whether all of it can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from detente import places
from detente.dataset import LabelledDataset
from detente.markers import check_replaceable
from detente.model.encoder_config import encoder_config
from detente.outputs import check_outputs
from detente.tasks import Task
from detente.training.fitting import concrete, encoder_folder
from detente.training.options import TrainOptions, check_options, run_key
from detente.training.parameters import check_against_encoder
from detente.training.sides import check_sides
from detente.training.unfinished import Unfinished

Options = TypeVar("Options", bound=TrainOptions)


@dataclass(frozen=True)
class Plan:
    """``options`` leave nothing open; ``encoder`` is the folder of its files, None for a baseline."""

    options: TrainOptions
    tasks: tuple[Task, ...]
    encoder: Path | None
    key: str
    folder: Path

    @property
    def unfinished(self) -> Unfinished:
        """What the run has done so far."""
        return Unfinished(places.RUNS / ".unfinished" / self.key[:16])


def in_order(dataset: LabelledDataset, options: Options) -> Options:
    """The options with a list of tasks in the dataset's order: typed in another it is the same training, and is called so."""
    if isinstance(options.task, str):
        return options
    return replace(options, task=tuple(task.name for task in dataset.tasks_named(options.task)))


def plan_run(dataset: LabelledDataset, options: TrainOptions, out: Path | None = None) -> Plan:
    """Check a run, before anything is recorded or written.

    Raises ConfigError, DatasetError, ModelError, TrainingError; InputError or UsageError where ``out`` (default
    runs/<run_key>) would overwrite anything but a run.
    """
    check_options(options)
    options = in_order(dataset, options)
    encoder = encoder_folder(options)
    options = concrete(options, encoder)
    if encoder is not None:
        check_against_encoder(options.training, encoder_config(encoder).num_hidden_layers)
    if options.stepwise:
        check_sides(dataset, options)
    tasks = dataset.tasks_named(options.task)
    key = run_key(options, dataset.digest, encoder, tasks)
    folder = out or places.RUNS / key[:16]
    check_outputs([dataset.folder, encoder], folders=[folder])
    check_replaceable(folder, "run")
    return Plan(options, tasks, encoder, key, folder)


def left_open(dataset: LabelledDataset, options: TrainOptions) -> str | None:
    """The tracked run of this configuration that was cut, if there is one. Raises what ``plan_run`` does."""
    return plan_run(dataset, options).unfinished.run_id
