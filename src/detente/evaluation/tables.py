"""Tables that several pages share: models beside each other, labels, confusion; and the plain words that go with few groups."""

from __future__ import annotations

from collections.abc import Mapping

from detente.evaluation.blocks import Table
from detente.evaluation.scores import Evaluation
from detente.intervals import MIN_BOOTSTRAP_GROUPS, Estimate


def smoke_test_line(n_groups: int) -> str:
    """The plain line that a score over few groups carries."""
    return (
        f"{n_groups} group{'s' * (n_groups != 1)} of articles {'are' if n_groups != 1 else 'is'} a smoke test, not evidence: "
        "the "
        "figures show that the tool runs, not which model is better."
    )


def score_table(rows: Mapping[str, Evaluation], group_names: Mapping[str, str] | None = None) -> list[list[str]]:
    """Header and rows: each model's macro-F1 with interval, accuracy, and, of few groups, right/total a group."""
    groups = next(iter(rows.values())).by_group
    if len(groups) >= MIN_BOOTSTRAP_GROUPS:
        groups = ()
    names = [(group_names or {}).get(score.group_id, score.group_id) for score in groups]
    table = [["model", "macro-F1", "accuracy", *names]]
    for name, evaluation in rows.items():
        by_group = {score.group_id: f"{score.n_right}/{score.n}" for score in evaluation.by_group}
        sd = f" ± {evaluation.macro_f1_sd:.3f} sd" if evaluation.macro_f1_sd is not None else ""
        table.append(
            [
                name,
                f"{evaluation.macro_f1.value:.3f}{sd}" if evaluation.macro_f1.value is not None else "not estimable",
                f"{evaluation.accuracy:.3f}",
                *(by_group[score.group_id] for score in groups),
            ]
        )
    return table


def short_names(evaluation: Evaluation) -> dict[str, str]:
    """Group ids cut at their first "_" where that leaves them distinct."""
    ids = [score.group_id for score in evaluation.by_group]
    short = [name.split("_", 1)[0] for name in ids]
    return dict(zip(ids, short, strict=True)) if len(set(short)) == len(ids) else {}


def models_table(rows: Mapping[str, Evaluation]) -> Table:
    """A row a model: macro-F1 with its interval and standard deviation over seeds, accuracy, Matthews, log loss skill."""
    found = []
    for name, own in rows.items():
        skill = own.probabilities.log_loss_skill if own.probabilities else Estimate(None, reason="no probabilities")
        found.append(
            (
                name,
                shown(own.macro_f1.value),
                interval(own.macro_f1),
                "" if own.macro_f1_sd is None else f"{own.macro_f1_sd:.3f}",
                shown(own.accuracy),
                shown(own.mcc.value),
                shown(skill.value),
                f"{own.n}",
                f"{own.n_groups}",
            )
        )
    header = ("model", "macro-F1", "95 %", "sd over seeds", "accuracy", "Matthews", "log loss skill", "n", "groups")
    return Table(header, tuple(found))


def groups_table(rows: Mapping[str, Evaluation]) -> Table:
    """A row a group, a column a model: right/total."""
    by_model = {name: {score.group_id: score for score in own.by_group} for name, own in rows.items()}
    ids = [score.group_id for score in next(iter(rows.values())).by_group]
    found = tuple((group, *(f"{own[group].n_right}/{own[group].n}" for own in by_model.values())) for group in ids)
    return Table(("group", *rows), found)


def labels_table(evaluation: Evaluation) -> Table:
    """A row a label: precision, recall, F1 and counts; what is not defined says so."""
    header = ("label", "precision", "recall", "F1", "gold", "predicted")
    rows = tuple(
        (label, shown(own.precision), shown(own.recall), shown(own.f1), str(own.n_gold), str(own.n_predicted))
        for label, own in evaluation.by_class.items()
    )
    return Table(header, rows)


def confusion_table(evaluation: Evaluation) -> Table:
    """Rows gold, columns predicted."""
    rows = tuple((label, *map(str, row.tolist())) for label, row in zip(evaluation.labels, evaluation.confusion, strict=True))
    return Table(("gold \\ predicted", *evaluation.labels), rows)


def shown(value: float | None) -> str:
    """A figure with three places."""
    return "not defined" if value is None else f"{value:.3f}"


def interval(estimate: Estimate) -> str:
    """An interval with how it was made, or why there is none."""
    if estimate.low is None or estimate.high is None:
        return f"not estimable: {estimate.reason}" if estimate.reason else ""
    rough = "rough " if "rough" in estimate.method else ""
    return f"{rough}{estimate.low:.2f} to {estimate.high:.2f}"


def short(estimate: Estimate) -> str:
    """An estimate's figure, or why there is none."""
    return shown(estimate.value) if estimate.value is not None else str(estimate)
