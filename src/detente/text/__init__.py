"""str → str: Unicode, tone marks, sentence splitting, word segmentation, and the text path made of them."""

from detente.text.normalise import normalise
from detente.text.path import TextOptions, TextPath
from detente.text.sentences import split_sentences

__all__ = ["TextOptions", "TextPath", "normalise", "split_sentences"]
