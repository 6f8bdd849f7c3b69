"""The batch loop: a file of texts in, the same rows with predictions out."""

from detente.prediction.batch import PredictionSummary, predict, predict_texts

__all__ = ["PredictionSummary", "predict", "predict_texts"]
