"""A model by whatever name a command line gives it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from detente.cli import say

if TYPE_CHECKING:
    from detente.model import Classifier


def open_model(model: str) -> Classifier:
    """The classifier of a model folder, an MLflow run id, runs:/ID/model or models:/NAME/VERSION.

    An untrained encoder is said so on stderr. Raises ModelError or TrackingError.
    """
    from detente.model import load_model
    from detente.tracking.store import looks_like_uri, model_folder

    folder = model_folder(model) if looks_like_uri(model) and not Path(model).exists() else Path(model)
    classifier = load_model(folder)
    if classifier.info.untrained:
        say("note: the encoder of this model is untrained; its predictions mean nothing")
    return classifier
