"""A run's predictions assessed: beside baselines fitted on the same sides, with the temperature that the model is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from detente.dataset import LabelledDataset
from detente.dataset.segmented import Segmented
from detente.evaluation import challenge, masked, mistakes, slices
from detente.evaluation.assessment import REFERENCE, Assessment, assess
from detente.evaluation.blocks import Section
from detente.evaluation.challenge import ChallengeResult
from detente.model import Classifier
from detente.model.options import ModelOptions
from detente.text.actors import read_actors
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
        temperature="keep" if options.training.calibration == "temperature" else "none",
        threshold=options.training.threshold,
        is_reference=options.model.kind == REFERENCE,
    )


def insight(rows: Sequence[Row], task: str, classifier: Classifier) -> list[Section]:
    """What stands behind the scores: slices, confident mistakes, masked actors, and for stance the challenge.

    The challenge is scored by ``classifier``; it was trained on none of its items. Raises InputError if it was.
    """
    actors = read_actors()
    found = [
        slices.section(slices.slices(rows, task, actors), task),
        mistakes.section(mistakes.mistakes(rows, task), task),
    ]
    if f"{task}_pred_masked" in rows[0]:
        masked_pred = [row[f"{task}_pred_masked"] for row in rows]
        found.append(masked.section(masked.masked_effect(rows, masked_pred, task, actors), task))
    if task == "stance":
        found.append(challenge.section(challenge_result(classifier)))
    return found


def challenge_result(classifier: Classifier) -> ChallengeResult:
    """The seeds' challenge, group by group. Raises InputError if the model was trained on an item."""
    items = challenge.read_challenge()
    challenge.refuse_trained(items, classifier.info.training_hashes)
    probs = classifier.score([item.text for item in items]).probs["stance"]
    return challenge.score_challenge(items, [classifier.info.tasks["stance"][at] for at in probs.argmax(axis=1)])


def baseline_rows(
    name: str, task: str, dataset: LabelledDataset, options: TrainOptions, split: str, segmented: Segmented
) -> list[Row]:
    """A baseline's predictions on the rows that a run was scored on: cross-validated, or fitted on train."""
    own = replace(options, model=BASELINES[name], repeats=1, task=replace(options.task, name=task))
    if split == "oof":
        return list(cross_validate(dataset, own, segmented=segmented).rows)
    classifier = fit(dataset.labelled(task, "train"), own, seed=own.seed, encoder=None, segmented=segmented)
    return score_examples(classifier, dataset.labelled(task, split), fold=None, seed=own.seed)
