"""Articles and annotations → a dataset folder with folds, card and digest."""

from detente.dataset.annotations import read_annotations
from detente.dataset.build import BuildOptions, build_dataset
from detente.dataset.folder import LabelledDataset, read_dataset

__all__ = ["BuildOptions", "LabelledDataset", "build_dataset", "read_annotations", "read_dataset"]
