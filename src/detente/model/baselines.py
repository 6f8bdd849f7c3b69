"""Baselines behind the classifier's interface: the majority of the training side, keywords, and TF-IDF with a linear model."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import ModelError
from detente.model.classifier import ModelInfo, TextScores, tempered
from detente.model.lexicon import lexicon_pipeline
from detente.model.options import ModelOptions
from detente.text import TextPath

WEIGHTS = "model.skops"
_FOR_TORCH = "sklearn.externals.array_api_compat.torch"


@dataclass
class BaselineClassifier:
    """A scikit-learn pipeline over segmented text, one task."""

    pipeline: Any
    text_path: TextPath
    info: ModelInfo

    @classmethod
    def load(cls, folder: Path, text_path: TextPath, info: ModelInfo) -> BaselineClassifier:
        """Load from a model folder; skops reads no pickle and admits scikit-learn's own types only. Raises ModelError."""
        skops = _skops()
        path = folder / WEIGHTS
        try:
            if unknown := skops.get_untrusted_types(file=path):
                raise ModelError(f"{path}: holds types that are not scikit-learn's ({', '.join(unknown[:5])}); not loaded.")
            pipeline = skops.load(path, trusted=[])
            pipeline.predict_proba([""])
            labels = set(map(str, pipeline.classes_))
        except ModelError:
            raise
        except Exception as error:  # a damaged file surfaces as whatever its parser meets, or what it made of it
            reason = f"{type(error).__name__}: {strict_json.shown(str(error))}"
            raise ModelError(
                f"{path}: not readable as a skops file of a classifier ({reason}). Copy it again, or train again."
            ) from error
        if others := labels.difference(*info.tasks.values()):
            raise ModelError(
                f"{path}: predicts {strict_json.shown(min(others))}, which is no label of {', '.join(info.tasks)}."
            )
        return cls(pipeline, text_path, info)

    def save_weights(self, folder: Path) -> None:
        """Write the pipeline."""
        _skops().dump(self.pipeline, folder / WEIGHTS)

    def encode(self, texts: Sequence[str]) -> None:
        """A baseline has no token ids."""
        return

    def score(self, texts: Sequence[str], batch_size: int = 32) -> TextScores:
        """Probabilities in the order of the texts; a label the training side lacked gets 0."""
        return self.score_segmented(self.text_path.batch(texts), batch_size)

    def score_segmented(self, segmented: Sequence[str], batch_size: int = 32, batch_tokens: int = 0) -> TextScores:
        """The same for texts that the text path has been over already; all are one batch."""
        import numpy as np

        ((task, labels),) = self.info.tasks.items()
        probs = np.zeros((len(segmented), len(labels)))
        if segmented:
            found = self.pipeline.predict_proba(segmented)
            for at, label in enumerate(self.pipeline.classes_):
                probs[:, labels.index(label)] = found[:, at]
            if (temperature := self.info.temperature.get(task, 1.0)) != 1.0:
                probs = tempered(probs, temperature)
        return TextScores(
            probs={task: probs},
            n_tokens=np.array([len(text.split()) for text in segmented], dtype=int),
            truncated=np.zeros(len(segmented), dtype=bool),
        )


def _skops() -> Any:
    """skops.io without torch, which takes three seconds and 300 MB: skops asks scikit-learn for all its estimators, and that
    imports every package it has, the one for torch's arrays too."""
    if "skops.io" in sys.modules or _FOR_TORCH in sys.modules:
        return import_module("skops.io")
    sys.modules[_FOR_TORCH] = None  # type: ignore[assignment]  # which makes an import fail
    try:
        return import_module("skops.io")
    finally:
        del sys.modules[_FOR_TORCH]


def _majority(options: ModelOptions, labels: Sequence[str], *, balanced: bool, seed: int) -> Any:
    """Always the most frequent label of the training side, with its label shares as probabilities."""
    from sklearn.dummy import DummyClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(), DummyClassifier(strategy="prior"))


def _lexicon(options: ModelOptions, labels: Sequence[str], *, balanced: bool, seed: int) -> Any:
    """Counts of keywords; nothing is fitted."""
    return lexicon_pipeline(labels)


def _tfidf(options: ModelOptions, labels: Sequence[str], *, balanced: bool, seed: int) -> Any:
    """TF-IDF over words and their n-grams, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, options.ngram_max), sublinear_tf=True),
        LogisticRegression(
            C=options.regularisation, class_weight="balanced" if balanced else None, max_iter=1000, random_state=seed
        ),
    )


PIPELINES: dict[str, Callable[..., Any]] = {"tfidf": _tfidf, "lexicon": _lexicon, "majority": _majority}
"""Kind of baseline → a function that makes its unfitted scikit-learn pipeline."""
