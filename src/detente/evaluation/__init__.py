"""Tables in, numbers, pictures and pages out; nothing here knows a model or a file."""

from detente.evaluation.intervals import Estimate
from detente.evaluation.scores import Evaluation, evaluate_labels, metric_values

__all__ = ["Estimate", "Evaluation", "evaluate_labels", "metric_values"]
