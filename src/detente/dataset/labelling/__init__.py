"""Sentences out to annotators and their labels back in: Label Studio, CSV, XLSX and JSON Lines."""

from detente.dataset.labelling.exporting import ExportOptions, export_sentences
from detente.dataset.labelling.importing import ImportOptions
from detente.dataset.labelling.merging import import_labels

__all__ = ["ExportOptions", "ImportOptions", "export_sentences", "import_labels"]
