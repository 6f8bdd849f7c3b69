from __future__ import annotations

from dataclasses import replace

import pytest

from detente.dataset import LabelledDataset
from detente.model import Classifier
from detente.model.options import ModelOptions
from detente.text.path import TextOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions


@pytest.fixture(scope="session")
def classifier(dataset: LabelledDataset) -> Classifier:
    """TF-IDF over syllables: a model and a text path that need no time."""
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"), text=TextOptions(segmenter="syllables"))
    found = fit(dataset.labelled("stance"), options, seed=0, encoder=None)
    found.info = replace(found.info, name="quick")
    return found
