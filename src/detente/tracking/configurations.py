"""Which runs are of one configuration, what sets configurations apart, and how many the store has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from detente.errors import InputError, TrackingError
from detente.tracking.store import open_store, shown_store
from detente.tracking.tracked import TrackedRun, with_task
from detente.training.heeded import heeded

Key = tuple[tuple[str, str], ...]
"""A configuration: those of its flat parameters that decide its predictions, and digests of data and encoder, in order."""

_DIGESTS = {"data_digest": "data", "encoder_digest": "encoder", "model_run_key": "trained in run"}
"""Flat parameter → what a name calls it; eight digits of it are shown."""
_N_DIGITS = 8
_MAX_SHOWN = 60
_EMPTY = "(empty)"
"""How a parameter that is an empty text is kept."""


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
    names = [runs[0].name for runs in by_key.values()]
    is_told = len(set(names)) == len(names)
    return {
        _named_apart(key, name, list(by_key), 0 if is_told else at): tuple(runs)
        for at, (name, (key, runs)) in enumerate(zip(names, by_key.items(), strict=True), start=1)
    }


def _named_apart(key: Key, name: str, keys: Sequence[Key], number: int) -> str:
    """A name with all that sets this configuration apart from others that have it too; a number where names are not enough.

    Where models have names of their own, these stand for what is the model's.
    """
    own, others = dict(key), [dict(other) for other in keys]
    differing = [each for each in own if any(other.get(each, own[each]) != own[each] for other in others)]
    of_model = {each for each in differing if each.startswith(("model.", "encoder_", "model_"))}
    left = set(differing) - (of_model if not number else {"model.name"})
    told = ", ".join(f"{_DIGESTS.get(each, each)}={_short(each, own[each])}" for each in _ordered(left))
    return (f"{number}. " if number else "") + name + (f" ({told})" if told else "")


def _ordered(keys: set[str]) -> list[str]:
    """The method comes before what only it heeds, digests last."""
    return sorted(keys, key=lambda each: (each in _DIGESTS, each != "training.method", each))


def _short(key: str, value: str) -> str:
    if key in _DIGESTS:
        return value.removeprefix("sha256:")[:_N_DIGITS]
    if value.startswith("["):
        value = value[1:-1].replace("'", "")  # of a list what is in it
    return value if len(value) <= _MAX_SHOWN else f"{value[:_MAX_SHOWN]}…"


def n_tried(found: Sequence[TrackedRun], tracking_uri: str, *, known: bool = True) -> int:
    """How many configurations the store has finished on this data and task, in the experiments of these runs.

    Raises TrackingError for a run that the store does not know, or a store that cannot be used; unless the runs need not be
    ``known`` to it: 0 then.
    """
    ids = [run.run_id for run in found if run.run_id]
    if not ids:
        return 0
    try:
        mlflow = open_store(tracking_uri, read=True)
        experiments = {_experiment_of(mlflow, run_id, tracking_uri) for run_id in ids}
    except TrackingError:
        if known:
            raise
        return 0
    data = found[0].data_digest
    runs = mlflow.search_runs(
        sorted(experiments),
        filter_string=f"attributes.status = 'FINISHED' and params.data_digest = '{data}'",
        output_format="list",
    )
    configs = [with_task(run.data.params) for run in runs if run.data.tags.get("kind") != "evaluation"]
    return len({_key(config) for config in configs if _task(config) == _task(found[0].config)})


def _experiment_of(mlflow: Any, run_id: str, tracking_uri: str) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return str(mlflow.get_run(run_id).info.experiment_id)
    except MlflowException as error:
        raise TrackingError(
            f"run {run_id} is not in the MLflow store at {shown_store(tracking_uri)}: its folder comes from another. Set "
            "MLFLOW_TRACKING_URI to that store, or compare without one: --no-record"
        ) from error


def _key(config: Mapping[str, str]) -> Key:
    digests = {name: config[name] for name in _DIGESTS if config.get(name, _EMPTY) != _EMPTY}
    # Runs of before the digest was kept are told apart by the folder of their encoder.
    place = {"model.path": config["model.path"]} if "encoder_digest" not in config and "model.path" in config else {}
    return tuple(sorted((name, _as_list(value)) for name, value in {**heeded(config), **digests, **place}.items()))


def _task(config: Mapping[str, str]) -> str:
    return _as_list(config.get("task", ""))


def _as_list(value: str) -> str:
    """A tuple's text as a list's: a folder keeps one as a list, the store as a tuple."""
    return f"[{value[1:-1].rstrip(',')}]" if value.startswith("(") and value.endswith(")") and value != _EMPTY else value
