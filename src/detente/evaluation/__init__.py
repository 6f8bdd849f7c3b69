"""Tables in, numbers, pictures and pages out; nothing here knows a model or a file."""

from detente.evaluation.scores import Evaluation, evaluate_labels, metric_values
from detente.intervals import Estimate

__all__ = ["Estimate", "Evaluation", "evaluate_labels", "metric_values"]
