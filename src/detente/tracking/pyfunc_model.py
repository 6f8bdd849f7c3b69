"""The MLflow model, from code: raw text in, labels and probabilities out, through the model folder's own text path.

MLflow runs this file when it loads the model; the model folder comes with it as an artifact.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

from detente.model import load_model
from detente.prediction.columns import prediction_columns


class DetenteModel(PythonModel):  # type: ignore[misc]
    """Takes a column ``text``; gives the prediction columns of every task."""

    def load_context(self, context: Any) -> None:
        """Load the model folder."""
        self._classifier = load_model(context.artifacts["model"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Prediction columns, a row a text. Raises ValueError if the column is missing."""
        if "text" not in model_input.columns:
            raise ValueError(f"expected a column 'text', got {', '.join(map(str, model_input.columns))}")
        texts = ["" if text is None else str(text) for text in model_input["text"]]
        return pd.DataFrame(prediction_columns(self._classifier.info, self._classifier.score(texts)))


set_model(DetenteModel())
