"""Fitting classifiers: fine-tuning, cross-validation over groups, and the whole training run."""

from detente.training.crossvalidation import CrossValidation, cross_validate
from detente.training.fitting import run_name
from detente.training.options import TrainingOptions, TrainOptions
from detente.training.planning import left_open
from detente.training.recorder import NullRecorder, Recorder
from detente.training.run import TrainingRun, train

__all__ = [
    "CrossValidation",
    "NullRecorder",
    "Recorder",
    "TrainOptions",
    "TrainingOptions",
    "TrainingRun",
    "cross_validate",
    "left_open",
    "run_name",
    "train",
]
