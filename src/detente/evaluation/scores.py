"""Scores of predicted against gold labels: macro-F1 first, then the rest, each with its n and its number of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detente.errors import InputError
from detente.evaluation.counts import counts_by_group, macro_f1_of_counts, mean_macro_f1
from detente.evaluation.ordered import OrderedScores, ordered_scores
from detente.evaluation.probabilities import ProbabilityScores, probability_scores
from detente.intervals import Estimate, interval_over_sums

if TYPE_CHECKING:
    import numpy as np

    from detente.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Precision, recall and F1 of one label; None where a denominator is 0 (never predicted, never gold)."""

    precision: float | None
    recall: float | None
    f1: float | None
    n_gold: int
    n_predicted: int


@dataclass(frozen=True, slots=True)
class GroupScore:
    """Right out of total in one group."""

    group_id: str
    n_right: int
    n: int


@dataclass(frozen=True)
class Evaluation:
    """The scores of one set of predictions, or of several over random seeds (then means over the seeds).

    ``confusion`` is (n_labels, n_labels) int: rows gold, columns predicted, of the first seed. ``ordered`` and
    ``probabilities`` are there where whole prediction rows were evaluated, the first of a task with ordered labels only.
    """

    task: str
    labels: tuple[str, ...]
    n: int
    n_groups: int
    macro_f1: Estimate
    macro_f1_by_seed: tuple[float, ...]
    accuracy: float
    mcc: Estimate
    by_class: Mapping[str, ClassScore]
    by_group: tuple[GroupScore, ...]
    confusion: np.ndarray = field(repr=False)
    ordered: OrderedScores | None = None
    probabilities: ProbabilityScores | None = None

    @property
    def macro_f1_sd(self) -> float | None:
        """Standard deviation of the pooled macro-F1 over random seeds; None for one seed."""
        if len(self.macro_f1_by_seed) < 2:
            return None
        from statistics import stdev

        return stdev(self.macro_f1_by_seed)


def evaluate(predictions: Predictions, reference: Predictions | None = None, *, within_groups: bool = True) -> Evaluation:
    """All scores of prediction rows.

    ``reference`` holds the same sentences with the label shares of the training side as probabilities; ``within_groups`` says
    that several models scored the rows (folds), so that their scores must not be ranked together. Raises InputError.
    """
    scores = evaluate_labels(
        predictions.task.name,
        predictions.labels,
        predictions.gold.tolist(),
        predictions.predicted.tolist(),
        predictions.groups.tolist(),
    )
    return replace(
        scores,
        ordered=ordered_scores(predictions) if predictions.task.ordered else None,
        probabilities=probability_scores(predictions, reference, within_groups=within_groups),
    )


def evaluate_labels(
    task: str, labels: tuple[str, ...], gold: Sequence[str], predictions: Sequence[Sequence[str]], groups: Sequence[str]
) -> Evaluation:
    """Score predictions, one sequence a random seed, against gold labels.

    Shapes: ``gold`` and ``groups`` (n,), each of ``predictions`` (n,). Raises InputError for no rows, unequal lengths, or a
    label that is none of ``labels``.
    """
    import numpy as np
    from sklearn.metrics import accuracy_score, confusion_matrix

    if not gold or not predictions:
        raise InputError("nothing to evaluate: no row with a gold label and a prediction.")
    if any(len(predicted) != len(gold) for predicted in predictions) or len(groups) != len(gold):
        lengths = [len(predicted) for predicted in predictions]
        raise InputError(f"{len(gold)} gold labels, {lengths} predictions and {len(groups)} groups; expected one each a row.")
    gold_, predicted_ = np.array(gold), [np.array(predicted) for predicted in predictions]

    counts = np.stack([counts_by_group(gold, predicted, groups, labels) for predicted in predictions], axis=1)
    by_seed = macro_f1_of_counts(counts.sum(axis=0))
    first = predicted_[0]
    return Evaluation(
        task=task,
        labels=labels,
        n=len(gold),
        n_groups=len(set(groups)),
        macro_f1=interval_over_sums(float(by_seed.mean()), mean_macro_f1, counts, bounds=(0.0, 1.0)),
        macro_f1_by_seed=tuple(by_seed.tolist()),
        accuracy=float(np.mean([accuracy_score(gold_, predicted) for predicted in predicted_])),
        mcc=_mcc(gold_, predicted_),
        by_class={label: _class_score(label, gold_, predicted_) for label in labels},
        by_group=_by_group(gold_, first, groups),
        confusion=confusion_matrix(gold_, first, labels=list(labels)),
    )


def metric_values(evaluation: Evaluation, split: str) -> dict[str, float]:
    """The scores as flat metrics ``<split>/<metric>``; what is not defined has no entry."""
    score = evaluation.macro_f1
    values: dict[str, float | None] = {
        "macro_f1": score.value,
        "macro_f1.low": score.low,
        "macro_f1.high": score.high,
        "macro_f1.sd": evaluation.macro_f1_sd,
        "accuracy": evaluation.accuracy,
        "mcc": evaluation.mcc.value,
        "n": evaluation.n,
        "n_groups": evaluation.n_groups,
    }
    for label, of_class in evaluation.by_class.items():
        values |= {
            f"f1_{label}": of_class.f1,
            f"precision_{label}": of_class.precision,
            f"recall_{label}": of_class.recall,
        }
    for gold, row in zip(evaluation.labels, evaluation.confusion, strict=True):
        for predicted, count in zip(evaluation.labels, row, strict=True):
            values[f"confusion_{gold}_as_{predicted}"] = int(count)
    if evaluation.ordered is not None:
        values |= {"weighted_kappa": evaluation.ordered.weighted_kappa.value, "flip_rate": evaluation.ordered.flip_rate}
    if evaluation.probabilities is not None:
        values |= _probability_values(evaluation.probabilities)
    return {f"{split}/{name}": float(value) for name, value in values.items() if value is not None}


def _probability_values(scores: ProbabilityScores) -> dict[str, float | None]:
    values: dict[str, float | None] = {
        "log_loss": scores.log_loss,
        "log_loss_skill": scores.log_loss_skill.value,
        "brier": scores.brier,
        "brier_skill": scores.brier_skill.value,
    }
    for label, ranking in scores.ranking.items():
        values |= {
            f"auroc_{label}": ranking.auroc.value,
            f"average_precision_{label}": ranking.average_precision.value,
        }
    return values


def _mcc(gold: np.ndarray, predictions: Sequence[np.ndarray]) -> Estimate:
    """Matthews correlation; scikit-learn's 0 for a constant side is no correlation but an undefined one."""
    import numpy as np
    from sklearn.metrics import matthews_corrcoef

    if len(set(gold)) < 2:
        return Estimate(None, reason="one label only in gold")
    if any(len(set(predicted)) < 2 for predicted in predictions):
        return Estimate(None, reason="one label only predicted")
    return Estimate(float(np.mean([matthews_corrcoef(gold, predicted) for predicted in predictions])))


def _class_score(label: str, gold: np.ndarray, predictions: Sequence[np.ndarray]) -> ClassScore:
    n_gold = int((gold == label).sum())
    right = sum(int(((predicted == label) & (gold == label)).sum()) for predicted in predictions)
    n_predicted = sum(int((predicted == label).sum()) for predicted in predictions)
    n_gold_all = n_gold * len(predictions)
    return ClassScore(
        precision=right / n_predicted if n_predicted else None,
        recall=right / n_gold_all if n_gold_all else None,
        f1=2 * right / (n_predicted + n_gold_all) if n_predicted + n_gold_all else None,
        n_gold=n_gold,
        n_predicted=round(n_predicted / len(predictions)),
    )


def _by_group(gold: np.ndarray, predicted: np.ndarray, groups: Sequence[str]) -> tuple[GroupScore, ...]:
    import numpy as np

    names = np.array(groups)
    return tuple(
        GroupScore(group, int((gold[names == group] == predicted[names == group]).sum()), int((names == group).sum()))
        for group in dict.fromkeys(groups)
    )
