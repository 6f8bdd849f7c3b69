"""The report of a run, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from detente.evaluation.scores import Evaluation
from detente.intervals import MIN_BOOTSTRAP_GROUPS


@dataclass(frozen=True)
class RunFacts:
    """What a report says of a run besides its scores."""

    model: str
    untrained: bool
    licence: str
    task: str
    dataset: str
    dataset_version: str
    digest: str
    run_key: str
    version: str
    split: str
    n_left_out: int
    n_truncated: int
    n_texts: int
    seeds: tuple[int, ...]
    notes: tuple[str, ...] = field(default=())


def smoke_test_line(n_groups: int) -> str:
    """The plain line that a score over few groups carries."""
    return (
        f"{n_groups} groups of articles are a smoke test, not evidence: the figures show that the tool runs, not which model "
        "is better."
    )


def score_table(rows: Mapping[str, Evaluation], group_names: Mapping[str, str] | None = None) -> list[list[str]]:
    """Header and rows: each model's macro-F1 with interval, accuracy, and right/total a group."""
    first = next(iter(rows.values()))
    names = [(group_names or {}).get(score.group_id, score.group_id) for score in first.by_group]
    table = [["model", "macro-F1", "accuracy", *names]]
    for name, evaluation in rows.items():
        by_group = {score.group_id: f"{score.n_right}/{score.n}" for score in evaluation.by_group}
        sd = f" ± {evaluation.macro_f1_sd:.3f} sd" if evaluation.macro_f1_sd is not None else ""
        table.append(
            [
                name,
                f"{evaluation.macro_f1.value:.3f}{sd}" if evaluation.macro_f1.value is not None else "not estimable",
                f"{evaluation.accuracy:.3f}",
                *(by_group[score.group_id] for score in first.by_group),
            ]
        )
    return table


def short_names(evaluation: Evaluation) -> dict[str, str]:
    """Group ids cut at their first "_" where that leaves them distinct."""
    ids = [score.group_id for score in evaluation.by_group]
    short = [name.split("_", 1)[0] for name in ids]
    return dict(zip(ids, short, strict=True)) if len(set(short)) == len(ids) else {}


def markdown_table(table: list[list[str]]) -> str:
    """A table with its first row as header."""
    header, *rows = table
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def run_report(facts: RunFacts, evaluation: Evaluation, baselines: Mapping[str, Evaluation]) -> str:
    """The report of one training run."""
    score = evaluation.macro_f1
    lines = [
        f"# {facts.task}: {facts.model}",
        "",
        f"Dataset {facts.dataset} {facts.dataset_version} (`{facts.digest[:19]}`), scored on **{facts.split}**; "
        f"n = {evaluation.n} sentences in {evaluation.n_groups} groups. détente {facts.version}, run key "
        f"`{facts.run_key[:12]}`, random seeds {', '.join(map(str, facts.seeds))}.",
        "",
        f"**Macro-F1 {score}.**",
        "",
    ]
    if evaluation.n_groups < MIN_BOOTSTRAP_GROUPS:
        lines += [f"*{smoke_test_line(evaluation.n_groups)}*", ""]
    if facts.untrained:
        lines += ["*The encoder is untrained: random weights, no pretraining. Its score says nothing of PhoBERT.*", ""]
    lines += [markdown_table(score_table({facts.model: evaluation, **baselines}, short_names(evaluation))), ""]
    lines += [
        "The columns behind the accuracy are right/total in each group."
        + (" Confusion and groups are of the first random seed." if len(facts.seeds) > 1 else ""),
        "",
        f"Matthews correlation: {evaluation.mcc}.",
        "",
        "## Per label",
        "",
        markdown_table(_class_table(evaluation)),
        "",
        "## Confusion",
        "",
        markdown_table(_confusion_table(evaluation)),
        "",
        "Rows are gold labels, columns predictions.",
        "",
        "## What was left out or cut",
        "",
        f"- {facts.n_left_out} training sentences, summed over the folds, were left out as near-copies of held-out ones.",
        f"- {facts.n_truncated} of {facts.n_texts} texts were longer than the model reads and were cut.",
        *(f"- {note}" for note in facts.notes),
    ]
    if facts.licence:
        lines += [f"- The encoder's licence is {facts.licence}; it holds for the fine-tuned model too."]
    return "\n".join([*lines, ""])


def _class_table(evaluation: Evaluation) -> list[list[str]]:
    def shown(value: float | None) -> str:
        return "not defined" if value is None else f"{value:.3f}"

    return [
        ["label", "precision", "recall", "F1", "gold", "predicted"],
        *(
            [
                label,
                shown(score.precision),
                shown(score.recall),
                shown(score.f1),
                str(score.n_gold),
                str(score.n_predicted),
            ]
            for label, score in evaluation.by_class.items()
        ),
    ]


def _confusion_table(evaluation: Evaluation) -> list[list[str]]:
    return [
        ["gold \\ predicted", *evaluation.labels],
        *([label, *map(str, row.tolist())] for label, row in zip(evaluation.labels, evaluation.confusion, strict=True)),
    ]
