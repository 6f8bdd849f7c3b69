"""Several classifiers as one teacher: the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from detente.errors import ConfigError
from detente.model import Classifier, ModelInfo, TextScores
from detente.model.folder import read_info
from detente.training.distillation.options import TeacherOptions
from detente.training.distillation.teacher import TeacherOutputs


class MeanClassifier:
    """Several classifiers of the same tasks as one: the mean of their probabilities."""

    def __init__(self, classifiers: Sequence[Classifier], info: ModelInfo) -> None:
        self.classifiers = classifiers
        self.info = info
        self.text_path = classifiers[0].text_path

    def score(self, texts: Sequence[str], batch_size: int = 32) -> TextScores:
        """Probabilities for raw texts, which each reads through its own text path; the tokens are the first's."""
        scores = [classifier.score(texts, batch_size) for classifier in self.classifiers]
        means = {task: np.mean([each.probs[task] for each in scores], axis=0) for task in self.info.tasks}
        return replace(scores[0], probs=means)


def mean_info(paths: Sequence[str]) -> ModelInfo:
    """What is known of one classifier, or of several as one. Raises ConfigError where their tasks or labels differ."""
    infos = [read_info(path) for path in paths]
    first = infos[0]
    for path, info in zip(paths, infos, strict=True):
        if list(info.tasks.items()) != list(first.tasks.items()):
            raise ConfigError(
                f"teacher.path: the teachers' tasks and labels differ, and their probabilities have no mean:\n  {paths[0]}: "
                f"{dict(first.tasks)}\n  {path}: {dict(info.tasks)}"
            )
    name = first.name if len(infos) == 1 else f"{first.name} and {len(infos) - 1} more, averaged"
    hashes = frozenset[str]().union(*(info.training_hashes for info in infos))
    poles = first.poles if all(info.poles == first.poles for info in infos) else None  # which is not to say them
    return replace(
        first,
        name=name,
        training_hashes=hashes,
        poles=poles,
        licence=_joined(info.licence for info in infos),
        intended_use=_joined(info.intended_use for info in infos),
    )


def _joined(sayings: Iterable[str]) -> str:
    """What several models say, each once."""
    return "; ".join(dict.fromkeys(saying for saying in sayings if saying))


def single_teachers(options: TeacherOptions) -> list[TeacherOptions]:
    """Each of several teachers by itself: what one says is kept apart, so that another costs only its own work."""
    return [replace(options, path=(path,)) for path in options.path] or [options]


def mean_outputs(outputs: Sequence[TeacherOutputs]) -> TeacherOutputs:
    """The mean of several classifiers' probabilities; of one teacher its outputs as they are."""
    return outputs[0] if len(outputs) == 1 else TeacherOutputs(np.mean([each.sentences for each in outputs], axis=0))
