"""Classifiers: encoders of every family, baselines, and the folder each is saved in."""

from detente.model.classifier import Classifier, ModelInfo, TextScores
from detente.model.folder import load_model, save_model

__all__ = ["Classifier", "ModelInfo", "TextScores", "load_model", "save_model"]
