"""A run's predictions assessed: beside baselines fitted on the same sides, with the temperature that the model is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from detente.dataset import LabelledDataset
from detente.dataset.segmented import Segmented
from detente.evaluation import challenge, masked, mistakes, slices
from detente.evaluation.assessment import REFERENCE, Assessment, assess
from detente.evaluation.blocks import Section
from detente.evaluation.challenge import ChallengeItem, ChallengeResult
from detente.model import Classifier
from detente.model.lexicon import has_words
from detente.model.options import ModelOptions
from detente.tasks import Task
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
"""Computed beside every run, so that no score stands alone; the lexicon where there are words for the labels."""


def baselines_for(task: Task, kind: str) -> list[str]:
    """The baselines that a model of this kind stands beside in a task."""
    return [name for name in BASELINES if name != kind and (name != "lexicon" or has_words(task.labels))]


def assess_rows(
    rows: Sequence[Row], task: Task, dataset: LabelledDataset, options: TrainOptions, split: str, segmented: Segmented
) -> Assessment:
    """Scores of a run's prediction rows in one task; ``split`` is oof, or the held-out split that was scored."""
    return assess(
        rows,
        task,
        {
            name: baseline_rows(name, task, dataset, options, split, segmented)
            for name in baselines_for(task, options.model.kind)
        },
        dataset.readings,
        within_groups=split == "oof",
        temperature="keep" if options.training.calibration == "temperature" else "none",
        threshold=options.training.threshold,
        is_reference=options.model.kind == REFERENCE,
    )


def insight(rows: Sequence[Row], task: Task, classifier: Classifier, challenge_file: Path | None = None) -> list[Section]:
    """What stands behind the scores: slices, confident mistakes, masked actors, and the challenge if it has items of the task.

    The challenge is the seeds', or ``challenge_file``, scored by ``classifier``; it was trained on none of its items. Raises
    InputError if it was.
    """
    actors, name = read_actors(), task.name
    found = [
        slices.section(slices.slices(rows, task, actors), name),
        mistakes.section(mistakes.mistakes(rows, task), name),
    ]
    if f"{name}_pred_masked" in rows[0]:
        masked_pred = [row[f"{name}_pred_masked"] for row in rows]
        found.append(masked.section(masked.masked_effect(rows, masked_pred, task, actors), name))
    where = "the seeds' challenge" if challenge_file is None else str(challenge_file)
    if items := challenge.items_of(challenge.read_challenge(challenge_file), task, where):
        origin = challenge.ORIGIN if challenge_file is None else f"These are the items of {where}. {challenge.INVENTED}"
        found.append(challenge.section(challenge_result(classifier, items), origin))
    return found


def challenge_result(classifier: Classifier, items: Sequence[ChallengeItem]) -> ChallengeResult:
    """Items of one task, group by group. Raises InputError if the model was trained on an item."""
    challenge.refuse_trained(items, classifier.info.training_hashes)
    task = items[0].task
    probs = classifier.score([item.text for item in items]).probs[task]
    return challenge.score_challenge(items, [classifier.info.tasks[task][at] for at in probs.argmax(axis=1)])


def baseline_rows(
    name: str, task: Task, dataset: LabelledDataset, options: TrainOptions, split: str, segmented: Segmented
) -> list[Row]:
    """A baseline's predictions on the rows that a run was scored on: cross-validated, or fitted on train."""
    own = replace(options, model=BASELINES[name], repeats=1, task=task.name)
    if split == "oof":
        return list(cross_validate(dataset, own, segmented=segmented).rows)
    classifier = fit(dataset.labelled(task.name), own, tasks=[task], seed=own.seed, encoder=None, segmented=segmented)
    return score_examples(classifier, dataset.labelled(task.name, split), fold=None, seed=own.seed)
