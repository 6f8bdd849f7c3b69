"""One fit of one model, whatever its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from detente.dataset.segmented import Segmented, segment_texts
from detente.errors import TrainingError
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.classifier import Classifier, ModelInfo, display_name, sentence_hashes
from detente.model.encoder_config import encoder_config
from detente.model.encoder_files import resolve_encoder
from detente.model.families import text_path_of
from detente.model.options import ModelOptions
from detente.records import Example
from detente.tasks import Task, tasks_named, title
from detente.text import TextPath
from detente.training.finetuning import FitHooks, finetune
from detente.training.options import TrainOptions
from detente.training.probing import probe
from detente.training.starting import start_of

EMBEDDED = ModelOptions().name
"""What the embedded encoder is called."""


def encoder_folder(options: TrainOptions) -> Path | None:
    """Where the encoder's files are; None for a baseline. Raises ModelError."""
    if options.model.kind != "encoder":
        return None
    folder = resolve_encoder(options.model.encoder_path, options.model.hub_id, options.model.revision)
    encoder_config(folder).check_length(text_path(options, folder).max_tokens, folder)
    return folder


def text_path(options: TrainOptions, encoder: Path | None) -> TextPath:
    """The text path of a run: what the options leave open is what the encoder was made on. Raises ConfigError, ModelError."""
    return TextPath.from_options(options.text, None if encoder is None else text_path_of(encoder))


def concrete(options: TrainOptions, encoder: Path | None) -> TrainOptions:
    """The options with the text path that they come to, and the name of the folder where ``model.path`` alone names the model.

    Raises ConfigError, ModelError.
    """
    model = options.model
    if model.path and model.name == EMBEDDED:
        model = replace(model, name=Path(model.path).resolve().name)
    return replace(options, model=model, text=text_path(options, encoder).options)


def run_name(options: TrainOptions) -> str:
    """What a run of these options is called: the model, untrained where it is, and the task. Raises ModelError."""
    encoder = encoder_folder(options)
    model = display_name(
        concrete(options, encoder).model.name, untrained=encoder is not None and encoder_config(encoder).untrained
    )
    return f"{model}, {title(options.task)}"


def fit(
    examples: Sequence[Example],
    options: TrainOptions,
    *,
    tasks: Sequence[Task] | None = None,
    seed: int,
    encoder: Path | None,
    segmented: Segmented | None = None,
    data_digest: str = "",
    hooks: FitHooks = FitHooks(),  # noqa: B008 - frozen
) -> Classifier:
    """Fit the configured model on examples that all have a label in one of the tasks.

    ``tasks`` are those that ``options.task`` stands for, as the dataset has them; by default as their files do.
    ``segmented`` (from ``segment_texts``) spares the text path where many fits read the same sentences. Raises TrainingError
    if there are too few of them, or if they have one label only.
    """
    tasks = tasks_named(options.task) if tasks is None else tasks
    for task in tasks:
        check_trainable([row for row in examples if row.label(task.name) is not None], task.name)
    start = start_of(encoder)
    info = ModelInfo(
        kind=options.model.kind,
        name=options.model.name,
        tasks={task.name: task.labels for task in tasks},
        ordered=tuple(task.name for task in tasks if task.ordered),
        poles={task.name: task.poles for task in tasks if task.poles},
        untrained=encoder is not None and encoder_config(encoder).untrained,
        licence=options.model.licence or (start.licence if start else ""),
        data_digest=data_digest,
        training_hashes=sentence_hashes(row.text for row in examples) | (start.training_hashes if start else frozenset()),
        label_counts={task.name: _label_counts(examples, task) for task in tasks},
    )
    path = text_path(options, encoder)
    if segmented is None:
        segmented = segment_texts([row.text for row in examples], path)
    if encoder is not None and options.training.method == "probe":
        return probe(examples, segmented, encoder, path, info, options.training, seed=seed)
    if encoder is not None:
        return finetune(
            examples,
            segmented,
            encoder,
            path,
            info,
            options.training,
            dropout=options.model.dropout,
            seed=seed,
            hooks=hooks,
        )
    balanced = options.training.class_weights == "balanced"
    (task,) = tasks  # what learns several is an encoder
    pipeline = PIPELINES[options.model.kind](options.model, task.labels, balanced=balanced, seed=seed)
    pipeline.fit([segmented[row.text] for row in examples], [row.label(task.name) for row in examples])
    return BaselineClassifier(pipeline, path, info)


def _label_counts(examples: Sequence[Example], task: Task) -> dict[str, int]:
    counts = Counter(row.label(task.name) for row in examples)
    return {label: counts[label] for label in task.labels}


def check_trainable(examples: Sequence[Example], task: str) -> None:
    """Raise TrainingError unless two labels at least occur."""
    counts = Counter(row.label(task) for row in examples)
    if not examples:
        raise TrainingError(f"no training sentence has a {task} label; expected some of at least two labels.")
    if len(counts) < 2:
        raise TrainingError(
            f"all {len(examples)} training sentences have the {task} label '{next(iter(counts))}'; expected at least two "
            "labels. Label more sentences, or check the annotations."
        )
