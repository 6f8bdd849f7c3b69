"""str → str: Unicode, tone marks, sentence splitting, word segmentation, and the text path made of them."""

from detente.text.alignment import Aligned
from detente.text.normalise import normalise
from detente.text.path import TextOptions, TextPath
from detente.text.pool import segment_corpus
from detente.text.sentences import split_sentences
from detente.text.tones import old_tone_marks

__all__ = ["Aligned", "TextOptions", "TextPath", "normalise", "old_tone_marks", "segment_corpus", "split_sentences"]
