"""A run's predictions assessed: beside baselines fitted on the same sides, with the temperature that the model is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detente.dataset import LabelledDataset
from detente.dataset.segmented import Segmented
from detente.evaluation.assessment import REFERENCE, Assessment, assess
from detente.model.options import ModelOptions
from detente.training.crossvalidation import cross_validate
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from detente.training.scoring import Row, score_examples

BASELINES = {
    "tfidf": ModelOptions(name="tfidf", kind="tfidf"),
    "lexicon": ModelOptions(name="lexicon", kind="lexicon"),
    "majority": ModelOptions(name="majority", kind="majority"),
}
"""Computed beside every run, so that no score stands alone."""


def assess_rows(
    rows: Sequence[Row], task: str, dataset: LabelledDataset, options: TrainOptions, split: str, segmented: Segmented
) -> Assessment:
    """Scores of a run's prediction rows in one task; ``split`` is oof, or the held-out split that was scored."""
    return assess(
        rows,
        task,
        {
            name: baseline_rows(name, task, dataset, options, split, segmented)
            for name in BASELINES
            if name != options.model.kind
        },
        dataset.readings,
        within_groups=split == "oof",
        calibrated=options.training.calibration == "temperature",
        is_reference=options.model.kind == REFERENCE,
    )


def baseline_rows(
    name: str, task: str, dataset: LabelledDataset, options: TrainOptions, split: str, segmented: Segmented
) -> list[Row]:
    """A baseline's predictions on the rows that a run was scored on: cross-validated, or fitted on train."""
    own = replace(options, model=BASELINES[name], repeats=1, task=replace(options.task, name=task))
    if split == "oof":
        return list(cross_validate(dataset, own, segmented=segmented).rows)
    classifier = fit(dataset.labelled(task, "train"), own, seed=own.seed, encoder=None, segmented=segmented)
    return score_examples(classifier, dataset.labelled(task, split), fold=None, seed=own.seed)
