"""What the probabilities are worth: against the training side's label shares, and as a ranking.

Log loss and Brier score are given as skill, 1 - loss / loss of the reference (Murphy 1973; Gneiting & Raftery 2007), where the
reference always says the label shares of its training side: 0 is worth as much as knowing the shares, below 0 less.

Rankings are compared within groups, or on a split that one model scored, never over the pooled scores of several folds: every
fold's scores have a level of their own, and a model that knows nothing but its training shares ranks pooled sentences wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.errors import InputError
from detente.intervals import Estimate
from detente.model.classifier import SMALLEST_PROB

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class RankingScore:
    """How well one label's probability ranks its sentences above the others.

    ``auroc`` is the share of pairs (a sentence of the label, another one) in the right order, ties half, over ``n_pairs`` pairs
    of one group in ``n_groups`` groups; ``average_precision`` the mean over those groups, weighted by their sentences of the
    label, beside ``base_rate``, what chance gives.
    """

    auroc: Estimate
    average_precision: Estimate
    base_rate: float | None
    n_pairs: int
    n_groups: int


@dataclass(frozen=True)
class ProbabilityScores:
    """Means over the random seeds; skills are None without a reference."""

    log_loss: float
    brier: float
    log_loss_skill: Estimate
    brier_skill: Estimate
    ranking: Mapping[str, RankingScore]
    within_groups: bool


def log_loss(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> float:
    """Mean of -ln p(gold), probabilities cut at 1e-6; ``probs`` is (n, n_labels)."""
    import numpy as np

    at = np.array([labels.index(label) for label in gold])
    return float(-np.log(np.clip(probs[np.arange(len(at)), at], SMALLEST_PROB, 1.0)).mean())


def brier_score(probs: np.ndarray, gold: np.ndarray, labels: tuple[str, ...]) -> float:
    """Mean over the sentences of Σ over labels (p - [gold])² (Brier 1950), from 0 to 2."""
    import numpy as np

    hits = np.array([[label == name for name in labels] for label in gold], dtype=float)
    return float(((probs - hits) ** 2).sum(axis=1).mean())


def probability_scores(
    predictions: Predictions, reference: Predictions | None, *, within_groups: bool
) -> ProbabilityScores | None:
    """Scores of the probabilities; None where the rows have none.

    ``reference`` holds the same sentences with the label shares of the training side they were held out from as probabilities
    (the majority baseline's); ``within_groups`` says that several models scored the rows. Raises InputError if the reference
    is of other sentences.
    """
    import numpy as np

    if predictions.probs is None:
        return None
    gold, labels = predictions.gold, predictions.labels
    losses = [log_loss(own, gold, labels) for own in predictions.probs]
    briers = [brier_score(own, gold, labels) for own in predictions.probs]
    log_skill = brier_skill = Estimate(None, reason="no reference was scored on these sentences")
    if reference is not None and reference.probs is not None:
        if reference.sentence_ids != predictions.sentence_ids:
            raise InputError("the reference's probabilities are of other sentences than the model's; expected the same rows.")
        log_skill = _skill(losses, log_loss(reference.probs[0], gold, labels))
        brier_skill = _skill(briers, brier_score(reference.probs[0], gold, labels))
    return ProbabilityScores(
        log_loss=float(np.mean(losses)),
        brier=float(np.mean(briers)),
        log_loss_skill=log_skill,
        brier_skill=brier_skill,
        ranking={label: _ranking(predictions, label, within_groups=within_groups) for label in labels},
        within_groups=within_groups,
    )


def _skill(losses: list[float], of_reference: float) -> Estimate:
    import numpy as np

    if of_reference == 0:
        return Estimate(None, reason="the reference makes no error")
    return Estimate(1 - float(np.mean(losses)) / of_reference)


def _ranking(predictions: Predictions, label: str, *, within_groups: bool) -> RankingScore:
    import numpy as np
    from sklearn.metrics import average_precision_score, roc_auc_score

    probs, at = predictions.probs, predictions.labels.index(label)
    assert probs is not None
    own = predictions.gold == label
    strata = predictions.groups if within_groups else np.zeros(len(own), dtype=int)
    members = [strata == stratum for stratum in np.unique(strata)]
    usable = [rows for rows in members if own[rows].any() and not own[rows].all()]
    where = "group" if within_groups else "split"
    if not usable:
        nothing = Estimate(None, reason=f"no {where} has sentences with and without the label")
        return RankingScore(nothing, nothing, None, 0, 0)
    pairs = np.array([int(own[rows].sum()) * int((~own[rows]).sum()) for rows in usable])
    positives = np.array([int(own[rows].sum()) for rows in usable])
    aurocs = [[roc_auc_score(own[rows], layer[rows, at]) for rows in usable] for layer in probs]
    precisions = [[average_precision_score(own[rows], layer[rows, at]) for rows in usable] for layer in probs]
    return RankingScore(
        auroc=Estimate(float(np.mean(np.array(aurocs) @ pairs / pairs.sum()))),
        average_precision=Estimate(float(np.mean(np.array(precisions) @ positives / positives.sum()))),
        base_rate=float(np.array([own[rows].mean() for rows in usable]) @ positives / positives.sum()),
        n_pairs=int(pairs.sum()),
        n_groups=len(usable) if within_groups else len(set(predictions.groups.tolist())),
    )
