"""Registered models: a run's model as a version, and the alias that goes to the best of them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detente.errors import TrackingError
from detente.evaluation.directions import HIGHER, direction_of
from detente.passwords import without_passwords
from detente.tracking.metrics import metric_key
from detente.tracking.options import TrackingOptions
from detente.tracking.store import MODEL, open_store

REASON = "alias_reason"
"""Tag of a version: why it got the alias, or did not."""
_MAX_DESCRIPTION = 5000


def register(options: TrackingOptions, run_id: str | None, say: Callable[[str], None] = lambda line: None) -> None:
    """Make the model of a finished run a version of ``options.register``, and move the alias to it if it is better.

    Does nothing without a name or a run, and nothing twice: a run has one version. Raises TrackingError.
    """
    if not options.register or run_id is None or options.kind == "none":
        return
    mlflow = open_store(options.uri)
    client = mlflow.MlflowClient()
    try:
        version = _version_of(client, options.register, run_id) or _new_version(mlflow, client, options.register, run_id)
        say(f"registered: models:/{options.register}/{version.version}")
        if options.alias:
            moved, reason = _move_alias(client, options, client.get_run(run_id), version)
            where = f"models:/{options.register}@{options.alias}"
            say(f"{where} {'is now this version' if moved else 'stays where it is'}: {reason}")
    except mlflow.MlflowException as error:
        raise TrackingError(
            f"the model of run {run_id} cannot be registered as '{options.register}': {without_passwords(str(error))}. The run "
            "itself is in the store; run the command again to try again."
        ) from error


def card_text(folder: Path) -> str:
    """The card of a model folder as a description: without its front matter, and no longer than the store takes."""
    card = (folder / "README.md").read_text(encoding="utf-8")
    if card.startswith("---\n"):
        card = card.split("\n---\n", 1)[-1].lstrip()
    cut = "\n\n(cut; the whole card is README.md in the model folder)"
    return card if len(card) <= _MAX_DESCRIPTION else card[: _MAX_DESCRIPTION - len(cut)] + cut


def _version_of(client: Any, name: str, run_id: str) -> Any:
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    return found[0] if found else None


def _new_version(mlflow: Any, client: Any, name: str, run_id: str) -> Any:
    with contextlib.redirect_stderr(io.StringIO()):  # mlflow prints what is said here in one line
        version = mlflow.register_model(f"runs:/{run_id}/{MODEL}", name)
    folder = Path(mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}/{version.version}"))
    client.update_model_version(name, version.version, card_text(folder / "artifacts" / MODEL))
    for key in ("task", "model", "split", "dataset_name"):
        if value := client.get_run(run_id).data.tags.get(key):
            client.set_model_version_tag(name, version.version, key, value)
    return version


def _move_alias(client: Any, options: TrackingOptions, run: Any, version: Any) -> tuple[bool, str]:
    """Whether the version holds the alias now, and why; the reason goes down as a tag of the version."""
    name, alias = options.register, options.alias
    number = client.get_registered_model(name).aliases.get(alias)
    if str(number) == str(version.version):  # numbers out of a database, texts from a server
        return True, "it had the alias already"
    better, reason = _compare(client, options, run, None if number is None else client.get_model_version(name, number))
    if better:
        client.set_registered_model_alias(name, alias, version.version)
    client.set_model_version_tag(name, version.version, REASON, f"{alias}: {'' if better else 'not given: '}{reason}")
    return better, reason


def _compare(client: Any, options: TrackingOptions, run: Any, holder: Any) -> tuple[bool, str]:
    """Whether a run beats the one behind the alias on the same sentences; what cannot be compared does not beat it."""
    metric = metric_key(f"{run.data.tags.get('split', '')}/{options.metric}")
    score = run.data.metrics.get(metric)
    if score is None:
        known = sorted(key for key in run.data.metrics if key.endswith("macro_f1"))
        return False, f"the run has no metric {metric} (tracking.metric); of macro-F1 it has {', '.join(known) or 'none'}"
    shown = f"{metric} {score:.4f}, n_groups {_n_groups(run, metric)}"
    if holder is None:
        return True, f"{shown}; no version had the alias"
    other = f"version {holder.version}"
    held = _run_of(client, holder)
    if held is None:
        return False, f"{other} has the alias, and its run is no longer in the store; remove the alias to give it anew"
    for what, own, its in _conditions(run, held):
        if own != its:
            return False, f"not comparable with {other}, which has the alias: {what} {own} here, {its} there"
    other_score = held.data.metrics.get(metric)
    if other_score is None:
        return False, f"{other} has the alias, and its run has no metric {metric}"
    direction = direction_of(options.metric, "tracking.metric")
    is_better = direction * (score - other_score) > 0  # a score that is no number beats nothing
    better = "above" if direction == HIGHER else "below"
    return is_better, f"{shown}, {'' if is_better else 'not '}{better} the {other_score:.4f} of {other}"


def _conditions(run: Any, held: Any) -> list[tuple[str, str | None, str | None]]:
    """What must be the same of two runs for their scores to stand side by side."""
    digests = [each.data.params.get("data_digest") for each in (run, held)]
    tags = [(key, *(each.data.tags.get(key) for each in (run, held))) for key in ("task", "split")]
    return [("dataset digest", *digests), *tags]


def _n_groups(run: Any, metric: str) -> str:
    value = run.data.metrics.get(metric.rsplit("/", 1)[0] + "/n_groups")
    return "unknown" if value is None else f"{value:.0f}"


def _run_of(client: Any, version: Any) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        run = client.get_run(version.run_id)
    except MlflowException:
        return None
    return run if run.info.lifecycle_stage == "active" else None
