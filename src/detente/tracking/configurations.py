"""Which runs are of one configuration, what sets configurations apart, and how many the store has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from detente.errors import InputError
from detente.tracking.store import open_store
from detente.tracking.tracked import TrackedRun

Key = tuple[tuple[str, str], ...]
"""A configuration: its flat parameters, in order."""

_NOT_CONFIGURATION = {"seed", "repeats", "resume", "data_digest", "dataset_version"}


def by_configuration(found: Sequence[TrackedRun]) -> dict[str, tuple[TrackedRun, ...]]:
    """Name → the runs of one configuration, which differ in their random seeds only. Raises InputError."""
    by_key: dict[Key, list[TrackedRun]] = {}
    for run in found:
        by_key.setdefault(_key(run.config), []).append(run)
    for runs in by_key.values():
        seeds = [seed for run in runs for seed in {row.get("seed") for row in run.rows}]
        if len(set(seeds)) < len(seeds):
            raise InputError(
                f"{runs[0].name}: two of the runs named have one configuration and random seed; there is nothing to compare. "
                "Name runs that differ."
            )
    if len(by_key) < 2:
        raise InputError(
            "all runs named are of one configuration, with other random seeds; expected two configurations at least."
        )
    named = {run[0].name for run in by_key.values()}
    unique = len(named) == len(by_key)
    return {
        runs[0].name if unique else _named_apart(key, runs[0].name, list(by_key), at): tuple(runs)
        for at, (key, runs) in enumerate(by_key.items(), start=1)
    }


def _named_apart(key: Key, name: str, keys: Sequence[Key], number: int) -> str:
    """A name with what sets this configuration apart from the others."""
    own = dict(key)
    differing = [each for each in own if any(dict(other).get(each) != own[each] for other in keys)]
    shown = ", ".join(f"{each}={own[each]}" for each in differing[:3])
    return f"{number}. {name} ({shown})" if shown else f"{number}. {name}"


def n_tried(found: Sequence[TrackedRun], tracking_uri: str) -> int:
    """How many configurations the store has finished on this data and task, in the experiments of these runs."""
    ids = [run.run_id for run in found if run.run_id]
    if not ids:
        return 0
    mlflow = open_store(tracking_uri)
    experiments = {mlflow.get_run(run_id).info.experiment_id for run_id in ids}
    data = found[0].data_digest
    runs = mlflow.search_runs(
        sorted(experiments),
        filter_string=f"attributes.status = 'FINISHED' and params.data_digest = '{data}'",
        output_format="list",
    )
    task = found[0].config.get("task.name")
    tried = {
        _key(run.data.params)
        for run in runs
        if run.data.params.get("task.name") == task and run.data.tags.get("kind") != "evaluation"
    }
    return len(tried)


def _key(config: Mapping[str, str]) -> Key:
    return tuple(sorted((name, value) for name, value in config.items() if name not in _NOT_CONFIGURATION))
