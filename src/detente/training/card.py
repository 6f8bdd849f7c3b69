"""The README.md of a model folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.evaluation import Evaluation
from detente.evaluation.markdown import markdown_table
from detente.evaluation.report import RunFacts
from detente.evaluation.tables import score_table, short_names, smoke_test_line
from detente.model.classifier import ModelInfo
from detente.tasks import Task


def model_card(
    info: ModelInfo,
    tasks: Sequence[Task],
    facts: RunFacts,
    evaluations: Mapping[str, Evaluation],
    baselines: Mapping[str, Mapping[str, Evaluation]],
) -> str:
    """What the model is, what it was trained on, what it scores (by task), and what it must not be taken for."""
    n_groups = max(evaluation.n_groups for evaluation in evaluations.values())
    task = ", ".join(f"{name} ({', '.join(labels)})" for name, labels in info.tasks.items())
    lines = [
        "---",
        "language: vi",
        "pipeline_tag: text-classification",
        "library_name: detente",
        "---",
        "",
        f"# {info.display_name}, {' and '.join(info.tasks)}",
        "",
        f"Classifies one sentence of Vietnamese news: {task}.",
        "",
        *(f"*{each.name}*: {each.description.strip()}\n" for each in tasks if each.description),
    ]
    if info.untrained:
        lines += [
            "**The encoder under this classifier is untrained: random weights, no pretraining. Do not use its predictions for "
            "anything but trying out the tool.**",
            "",
        ]
    if info.licence:
        lines += [f"The encoder's licence is {info.licence}; it holds for this model too.", ""]
    lines += [
        "## Data and scores",
        "",
        f"Trained by detente {info.version} on {facts.dataset} {facts.dataset_version} (`{info.data_digest}`), "
        f"{len(info.training_hashes)} sentences. Scores on {facts.split}.",
        "",
    ]
    for name, evaluation in evaluations.items():
        lines += [
            f"{name}: macro-F1 {evaluation.macro_f1}, n = {evaluation.n}, {evaluation.n_groups} groups.",
            "",
            markdown_table(score_table({info.display_name: evaluation, **baselines[name]}, short_names(evaluation))),
            "",
        ]
    lines += [
        smoke_test_line(n_groups) if n_groups < 30 else "",
        "",
        "## Use",
        "",
        "    detente predict THIS_FOLDER sentences.txt -o predictions.csv",
        "",
        *(
            f"Below a highest probability of {threshold:.3f} in {name}, `{name}_abstain` is true: leave it to a human.\n"
            for name, threshold in info.threshold.items()
            if threshold is not None
        ),
        "`text.json` holds the text path and twenty sentences that are encoded anew at every load; `detente.json` the labels, "
        "the data's digest and fingerprints of the training sentences.",
        "",
    ]
    return "\n".join(lines)
