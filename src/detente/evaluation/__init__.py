"""Tables in, numbers, pictures and pages out; nothing here knows a model or a file."""

from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.scores import Evaluation, evaluate, evaluate_labels, metric_values
from detente.intervals import Estimate

__all__ = ["Estimate", "Evaluation", "Predictions", "evaluate", "evaluate_labels", "metric_values", "predictions_of"]
