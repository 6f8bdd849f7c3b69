"""Tracked runs compared on their stored predictions, and the outcome written back to where the MLflow UI shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

from detente.errors import ConfigError, InputError, UsageError, near_miss
from detente.evaluation.blocks import Report
from detente.evaluation.comparison import compare_family
from detente.evaluation.comparison_report import Compared, comparison_report
from detente.evaluation.files import as_json
from detente.evaluation.markdown import markdown
from detente.evaluation.predictions import Predictions, predictions_of
from detente.evaluation.selection import selection
from detente.tasks import Task, check_same, tasks_of_columns
from detente.tracking.configurations import by_configuration, n_tried
from detente.tracking.store import open_store
from detente.tracking.tracked import TrackedRun, read_run

FAMILIES = ("first", "all")


@dataclass(frozen=True)
class CompareOptions:
    """How runs are compared. The ``family`` is every run with the first one named (``first``), or every pair (``all``)."""

    family: str = "first"
    level: float = 0.05
    seed: int = 0


@dataclass(frozen=True)
class RunComparison:
    """What `detente compare` says; ``runs`` are those behind each name, one a random seed or several."""

    compared: Compared
    runs: Mapping[str, tuple[TrackedRun, ...]] = field(repr=False)

    @cached_property
    def report(self) -> Report:
        """The report as data."""
        return comparison_report(self.compared)

    @property
    def markdown(self) -> str:
        """The report as Markdown."""
        return markdown(self.report)

    def to_json(self) -> dict[str, Any]:
        """Figures and report as data."""
        best = self.compared.selection
        return {
            "task": self.compared.task,
            "split": self.compared.split,
            "runs": {name: [run.run_id for run in own] for name, own in self.runs.items()},
            "comparisons": [
                {
                    "first": own.first,
                    "second": own.second,
                    "difference": own.difference.value,
                    "low": own.difference.low,
                    "high": own.difference.high,
                    "interval": own.difference.method or own.difference.reason,
                    "p": own.p,
                    "p_holm": own.p_holm,
                    "smallest_p": own.smallest_p,
                    "verdict": own.verdict,
                    "n": own.n,
                    "n_groups": own.n_groups,
                    "n_differing": len(own.differing),
                }
                for own in self.compared.comparisons
            ],
            "best": {
                "run": best.best,
                "reported": best.reported,
                "corrected": best.corrected.value,
                "reason": best.corrected.reason,
                "n_compared": best.n_configurations,
                "n_tried": self.compared.n_tried,
            },
            "report": as_json(self.report, {}),
        }


def compare_runs(
    runs: Sequence[str],
    options: CompareOptions | None = None,
    *,
    task: str | None = None,
    allow_different_data: bool = False,
    tracking_uri: str = "",
    known: bool = True,
) -> RunComparison:
    """Compare runs (folders or MLflow run ids) on their stored predictions.

    Runs of one configuration that differ in their random seeds count as one. ``allow_different_data`` compares runs on other
    data or folds, on the sentences they share. Folders of runs that were tracked must be ``known`` to the store, else it is not
    asked how many configurations were tried. Raises UsageError, InputError, TrackingError.
    """
    options = options or CompareOptions()
    check_compare_options(options)
    if len(runs) < 2:
        raise UsageError(f"{len(runs)} run{'s' * (len(runs) != 1)} named; expected two at least.")
    found = [read_run(run, tracking_uri) for run in runs]
    notes = _check_data(found, runs, allow_different_data)
    chosen = _task_of(found, runs, task)
    grouped = by_configuration(found)
    predictions = {
        name: predictions_of([row for run in own for row in run.rows], chosen, name) for name, own in grouped.items()
    }
    if allow_different_data:
        predictions, dropped = _shared(predictions, chosen)
        notes += dropped
    names = list(predictions)
    pairs = [(names[0], name) for name in names[1:]] if options.family == "first" else list(combinations(names, 2))
    compared = Compared(
        task=chosen.name,
        split=found[0].split,
        runs=predictions,
        comparisons=compare_family(predictions, pairs, level=options.level, seed=options.seed),
        selection=selection(predictions, options.seed),
        n_tried=max(n_tried(found, tracking_uri, known=known), len(names)),
        notes=tuple(notes),
    )
    return RunComparison(compared, grouped)


def check_compare_options(options: CompareOptions) -> None:
    """Raise ConfigError for a value that cannot be."""
    if options.family not in FAMILIES:
        hint = near_miss(options.family, FAMILIES)
        raise ConfigError(f"family: expected {' or '.join(FAMILIES)}, got '{options.family}'.{hint}")
    if not 0 < options.level < 1:
        raise ConfigError(f"level: expected a share between 0 and 1, got {options.level}.")


def record_comparison(comparison: RunComparison, tracking_uri: str = "") -> int:
    """Write each comparison to the runs of its second name: a metric, tags, and the whole as an artifact; how many runs got it.

    With a family of all pairs a run keeps its comparison with the first run named.
    """
    if not any(run.run_id for own in comparison.runs.values() for run in own):
        return 0
    client = open_store(tracking_uri).MlflowClient()
    done = set()
    everything = json.dumps(comparison.to_json(), ensure_ascii=False, indent=1)
    best = comparison.compared.selection
    for own in comparison.compared.comparisons:
        for run in comparison.runs[own.second]:
            if run.run_id is None or run.run_id in done:
                continue
            done.add(run.run_id)
            prefix = f"{comparison.compared.split}/macro_f1_difference"
            if own.difference.value is not None:
                client.log_metric(run.run_id, prefix, own.difference.value)
            tags = {
                "compared_with": own.first,
                "comparison": own.verdict,
                "compared_in_family_of": str(len(comparison.compared.comparisons)),
            }
            for key, value in tags.items():
                client.set_tag(run.run_id, key, value)
    for run in (run for own in comparison.runs.values() for run in own):
        if run.run_id is not None:
            client.log_text(run.run_id, everything, "comparison.json")
            client.log_text(run.run_id, comparison.markdown, "comparison.md")
    for run in comparison.runs[best.best]:
        if run.run_id is not None:
            client.set_tag(
                run.run_id, "best_of_compared", f"of {best.n_configurations}; corrected for the choice: {best.corrected}"
            )
    return len(done)


def _check_data(found: Sequence[TrackedRun], names: Sequence[str], allowed: bool) -> list[str]:
    """Notes on what differs; raises InputError for runs on other data or folds unless that is allowed."""
    first = found[0]
    for name, own in zip(names[1:], found[1:], strict=True):
        if own.split != first.split:
            raise InputError(
                f"{names[0]} was scored on {first.split} and {name} on {own.split}; compare runs scored on one split."
            )
        different = "other data" if own.data_digest != first.data_digest else "other folds" if own.folds != first.folds else ""
        if different and not allowed:
            raise InputError(
                f"{names[0]} and {name} are of {different} (digests {first.data_digest[:19]}… and {own.data_digest[:19]}…). "
                "Their "
                "scores are not of the same thing. Train them on one dataset, or compare on the sentences they share: "
                "--allow-different-data"
            )
        if different:
            return [
                f"The runs are of {different}: compared on the sentences they share, which one of them may have been trained "
                "near."
            ]
    return []


def _task_of(found: Sequence[TrackedRun], names: Sequence[str], task: str | None) -> Task:
    """The task asked for, or the one that all runs have, with the labels of their columns. Raises UsageError, InputError."""
    tasks = [tasks_of_columns(run.rows[0]) for run in found]
    shared = [own for own in tasks[0] if all(own in others for others in tasks)]
    if not shared:
        raise UsageError(f"{' and '.join(names)} share no task; expected runs of one task.")
    if task is None and len(shared) == 1:
        task = shared[0]
    if task not in shared:
        said = "several tasks" if task is None else f"no task '{task}' in all runs"
        raise UsageError(f"{said}; choose --task {' or '.join(shared)}.{near_miss(task or '', shared)}")
    try:
        first = Task(task, tasks[0][task])
    except ValueError as error:
        raise InputError(f"{names[0]}: the columns {task}_prob_<label> name no labels of a task ({error}).") from error
    for name, own in zip(names[1:], tasks[1:], strict=True):
        check_same(first, names[0], own[task], name)
    return first


def _shared(runs: Mapping[str, Predictions], task: Task) -> tuple[dict[str, Predictions], list[str]]:
    """The runs on the sentences that all of them have, with one gold label. Raises InputError where there is none."""
    common = set.intersection(*({*own.sentence_ids} for own in runs.values()))
    first = next(iter(runs.values()))
    gold = dict(zip(first.sentence_ids, first.gold.tolist(), strict=True))
    for own in runs.values():
        common = {s for s, label in zip(own.sentence_ids, own.gold.tolist(), strict=True) if s in common and label == gold[s]}
    if not common:
        raise InputError("the runs share no sentence with one gold label; there is nothing to compare.")
    found = {}
    for name, own in runs.items():
        kept = [at for at, s in enumerate(own.sentence_ids) if s in common]
        rows = [
            {**own.rows[at], "seed": seed, f"{task.name}_pred": str(own.predicted[layer, at]), "group_id": str(own.groups[at])}
            for layer, seed in enumerate(own.seeds)
            for at in kept
        ]
        found[name] = predictions_of([{k: v for k, v in row.items() if "_prob_" not in k} for row in rows], task, name)
    return found, [f"{len(common)} sentences are in all runs with one gold label; the others are left out."]
