"""The MLflow model, from code: raw text in, labels and probabilities out, through the model folder's own text path.

MLflow runs this file when it loads the model; the model folder comes with it as an artifact.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from detente.model.engines import load_engine
from detente.tracking.serving import COLUMN, predict_request


class DetenteModel(PythonModel):  # type: ignore[misc]
    """Takes a column ``text``; gives the prediction columns of every task."""

    def load_context(self, context: Any) -> None:
        """Load the model folder as `detente predict` does: on the GPU if there is one."""
        self._classifier = load_engine(context.artifacts["model"])
        # The scoring server answers in threads. One prediction has all cores anyway, and memory for one is all it takes; nor
        # are word segmenters promised to be for several threads.
        self._one_at_a_time = Lock()

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Prediction columns, a row a text. Raises BadRequestError for rows that are no sentences, or too many."""
        with self._one_at_a_time:
            return pd.DataFrame(predict_request(self._classifier, model_input[COLUMN].tolist()))


set_model(DetenteModel())
