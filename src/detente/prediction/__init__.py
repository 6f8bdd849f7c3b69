"""The batch loop: rows of texts in, the same rows with predictions out; resumable, and in shards."""

from detente.prediction.batch import PredictionSummary, predict, predict_texts
from detente.prediction.options import PredictOptions
from detente.prediction.work import Shard

__all__ = ["PredictOptions", "PredictionSummary", "Shard", "predict", "predict_texts"]
