"""What `build`, `train` and `distill` share: a Hydra app inside the command line, key=value arguments only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from detente import places
from detente.cli import describe, fail
from detente.errors import DetenteError

_WITH_VALUE = {"--cfg", "-c", "--package", "-p", "--info", "-i"}

SETTINGS = {"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
argument = click.argument("overrides", nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...")


def run_hydra(
    name: str,
    arguments: Sequence[str],
    job: Callable[[Any], float | None],
    check: Callable[[Any], None],
    prepare: Callable[[Any], None] = lambda options: None,
) -> None:
    """Check the arguments, then let Hydra run the job, once or as a sweep (``-m``). Raises ConfigError before any job runs.

    ``prepare`` gets the options of a sweep's first job before any job runs, unless the call only prints.
    """
    import hydra
    from hydra.errors import CompactHydraException

    from detente.config import APPS, check_overrides, load_config, search_own_configs_first, to_options

    overrides = _overrides(arguments)
    sweep = any(flag in arguments for flag in ("-m", "--multirun"))
    first = check_overrides(name, overrides, sweep=sweep)
    if not sweep:
        check(load_config(name, overrides))
    elif not _prints_only(arguments):
        prepare(first)

    class JobFailed(CompactHydraException):  # type: ignore[misc]
        """Printed by Hydra without a traceback, after the other jobs of a sweep have run."""

    def task(config: Any) -> float | None:
        try:
            return job(to_options(config, APPS[name]))
        except (DetenteError, OSError) as error:
            if sweep:
                raise JobFailed(f"error: {describe(error)}") from error
            raise SystemExit(fail(error)) from error

    search_own_configs_first()
    before = sys.argv
    sys.argv = [f"detente {name}", *arguments]
    try:
        hydra.main(version_base="1.3", config_path=str(places.CONFIGS), config_name=name)(task)()
    finally:
        sys.argv = before


def _prints_only(arguments: Sequence[str]) -> bool:
    return any(argument.split("=")[0] in ("--cfg", "-c", "--info", "-i", "--hydra-help") for argument in arguments)


def group_help(name: str) -> str:
    """The config groups of an app and what each can be set to."""
    lines = []
    for line in (places.CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        group = line.strip().removeprefix("- ").split(":")[0]
        folder = places.CONFIGS / group
        if line.startswith("  - ") and folder.is_dir():
            lines.append(f"  {group}=" + "|".join(sorted(path.stem for path in folder.glob("*.yaml"))))
    return "\n".join(lines)


def _overrides(arguments: Sequence[str]) -> list[str]:
    overrides = []
    skip = False
    for argument in arguments:
        if not skip and not argument.startswith("-"):
            overrides.append(argument)
        skip = argument in _WITH_VALUE
    return overrides
