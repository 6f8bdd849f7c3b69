"""détente: which way the sentences of Vietnamese news point, toward dialogue or toward escalation, and with what sentiment.

The job in six lines::

    import detente

    dataset = detente.build_dataset()                          # the seeds; your own: BuildOptions(data=DataOptions(...))
    run = detente.train(dataset)                               # cross-validation, then a final model
    print(run.report)
    model = detente.load_model(run.model_folder)
    print(detente.predict_texts(model, ["Hai bên nhất trí nối lại đàm phán hòa bình."]).iloc[0])

Importing this package loads nothing heavy; torch comes with the first function that needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from detente._version import __version__

if TYPE_CHECKING:
    from detente.articles import extract_articles, read_pages, split_article
    from detente.config import load_config
    from detente.dataset import BuildOptions, LabelledDataset, build_dataset, read_annotations, read_dataset
    from detente.dataset.agreement import agreement
    from detente.dataset.build import DataOptions
    from detente.dataset.from_frame import build_table
    from detente.dataset.labelling import ExportOptions, ImportOptions, export_sentences, import_labels
    from detente.dataset.publishing import diff_datasets, publish_dataset, rebuild_dataset
    from detente.errors import DetenteError
    from detente.evaluation.explanations import explain
    from detente.indexing import IndexOptions, stance_index
    from detente.model import load_model, save_model
    from detente.model.families.phobert_tokenizer import PhobertTokenizerFast
    from detente.prediction import predict, predict_texts
    from detente.text import TextPath, normalise, segment_corpus, split_sentences
    from detente.tracking import mlflow_run
    from detente.tracking.comparing import compare_runs
    from detente.training import TrainOptions, cross_validate, train
    from detente.training.evaluating import evaluate_model

_HOMES = {
    "BuildOptions": "detente.dataset",
    "DataOptions": "detente.dataset.build",
    "DetenteError": "detente.errors",
    "ExportOptions": "detente.dataset.labelling",
    "ImportOptions": "detente.dataset.labelling",
    "IndexOptions": "detente.indexing",
    "LabelledDataset": "detente.dataset",
    "PhobertTokenizerFast": "detente.model.families.phobert_tokenizer",
    "TextPath": "detente.text",
    "TrainOptions": "detente.training",
    "agreement": "detente.dataset.agreement",
    "build_dataset": "detente.dataset",
    "build_table": "detente.dataset.from_frame",
    "compare_runs": "detente.tracking.comparing",
    "cross_validate": "detente.training",
    "diff_datasets": "detente.dataset.publishing",
    "evaluate_model": "detente.training.evaluating",
    "explain": "detente.evaluation.explanations",
    "export_sentences": "detente.dataset.labelling",
    "extract_articles": "detente.articles",
    "import_labels": "detente.dataset.labelling",
    "load_config": "detente.config",
    "load_model": "detente.model",
    "mlflow_run": "detente.tracking",
    "normalise": "detente.text",
    "predict": "detente.prediction",
    "predict_texts": "detente.prediction",
    "publish_dataset": "detente.dataset.publishing",
    "read_annotations": "detente.dataset",
    "read_dataset": "detente.dataset",
    "read_pages": "detente.articles",
    "rebuild_dataset": "detente.dataset.publishing",
    "save_model": "detente.model",
    "segment_corpus": "detente.text",
    "split_article": "detente.articles",
    "split_sentences": "detente.text",
    "stance_index": "detente.indexing",
    "train": "detente.training",
}

__all__ = [
    "BuildOptions",
    "DataOptions",
    "DetenteError",
    "ExportOptions",
    "ImportOptions",
    "IndexOptions",
    "LabelledDataset",
    "PhobertTokenizerFast",
    "TextPath",
    "TrainOptions",
    "__version__",
    "agreement",
    "build_dataset",
    "build_table",
    "compare_runs",
    "cross_validate",
    "diff_datasets",
    "evaluate_model",
    "explain",
    "export_sentences",
    "extract_articles",
    "import_labels",
    "load_config",
    "load_model",
    "mlflow_run",
    "normalise",
    "predict",
    "predict_texts",
    "publish_dataset",
    "read_annotations",
    "read_dataset",
    "read_pages",
    "rebuild_dataset",
    "save_model",
    "segment_corpus",
    "split_article",
    "split_sentences",
    "stance_index",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'detente' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
