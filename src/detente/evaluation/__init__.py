"""Prediction rows in, numbers, pictures and pages out.

The scores know rows and a task alone. Beside them stand what asks a classifier for more predictions (``explanations``), what
reads a file of items (``challenge``), what changes texts (``masked``), and what writes the pages (``files``).
"""

from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.scores import Evaluation, evaluate, evaluate_labels, metric_values
from detente.intervals import Estimate

__all__ = ["Estimate", "Evaluation", "Predictions", "evaluate", "evaluate_labels", "metric_values", "predictions_of"]
