"""Who makes the parts: this process, or whatever maps the same function over their numbers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Protocol

from detente.model import Classifier
from detente.prediction.job import Job, prepared_parts
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Part, score


class Runner(Protocol):
    """Makes the parts of some numbers, which rise; they may come in any order, each once."""

    def __call__(
        self, classifier: Classifier, job: Job, numbers: Sequence[int], options: PredictOptions
    ) -> Generator[tuple[int, Part]]:
        """Numbers and their parts; closing the generator stops what was started."""
        ...


def run_here(classifier: Classifier, job: Job, numbers: Sequence[int], options: PredictOptions) -> Generator[tuple[int, Part]]:
    """The parts in their order: the text path over worker processes where there is enough to do, the model in this one."""
    wanted = set(numbers)
    units = ((number, units) for number, units in job.source.parts() if number in wanted)
    n_units = sum(job.n_units_of(number) for number in numbers)
    for number, prepared in prepared_parts(job.source, units, job.recipe, classifier.text_path, options.n_workers, n_units):
        yield number, score(classifier, prepared, job.recipe)
