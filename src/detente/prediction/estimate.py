"""How long a prediction would take, from a sample of the beginning; nothing is written."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice

from detente.model import Classifier
from detente.prediction.job import Output, plan
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Recipe, prepare, score
from detente.prediction.sources import ARTICLES, Source
from detente.text.pool import n_cores

SAMPLE_ROWS = 256
SAMPLE_PAGES = 16
_WARM = 8


SAMPLE_TEXTS = 512


def sample_texts(classifier: Classifier, source: Source, options: PredictOptions) -> list[str]:
    """Up to 512 texts from the beginning of an input, those that can be predicted."""
    units = list(islice(source.units(), SAMPLE_PAGES if source.kind == ARTICLES else SAMPLE_TEXTS))
    column = "text" if source.kind == ARTICLES else options.text_column
    rows = prepare(classifier.text_path, Recipe(source.name, column), units).rows
    return [row[column] for row in rows][:SAMPLE_TEXTS]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the sample took, and what all would. ``n_rows`` and ``n_rejected`` are the sample's."""

    n_units: int
    n_sample: int
    n_rows: int
    n_rejected: int
    seconds_text: float
    seconds_model: float
    seconds: float


def estimate(classifier: Classifier, source: Source, output: Output, options: PredictOptions) -> Estimate:
    """Check what ``predict`` checks, and predict a sample. The text path is counted as divided among the workers."""
    job = plan(classifier, source, output, options)
    units = list(islice(source.units(), SAMPLE_PAGES if source.kind == ARTICLES else SAMPLE_ROWS))
    # The first call of a model and of a segmenter loads what later ones have.
    score(classifier, prepare(classifier.text_path, job.recipe, units[:_WARM]), job.recipe)
    started = time.monotonic()
    prepared = prepare(classifier.text_path, job.recipe, units)
    halfway = time.monotonic()
    part = score(classifier, prepared, job.recipe)
    text, model = halfway - started, time.monotonic() - halfway
    share = job.survey.n_units / len(units)
    seconds = share * (text / (options.n_workers or n_cores()) + model)
    return Estimate(job.survey.n_units, len(units), len(part.rows), len(part.rejects), text, model, seconds)
