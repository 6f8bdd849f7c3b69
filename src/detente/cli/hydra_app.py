"""What `build`, `train` and `distill` share: a Hydra app inside the command line, key=value arguments only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from detente import places
from detente.cli import describe, fail, say
from detente.cli.sweeps import leave_note, read_notes, sweep_notes
from detente.errors import DetenteError, UsageError

_FAILURE = "failure"
_GOES_THROUGH_ALL = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
_SEARCH_ENDS = "the search ends here; hydra.sweeper.max_failure_rate=1 lets it go on past jobs that fail"
_WITH_VALUE = {"--cfg", "-c", "--package", "-p", "--info", "-i"}

VALUES = """\b
A value arrives as it was typed where its key takes text, as data.name=2025_03,
data.articles=báo and "data.articles=pages (1)" do. With -m a comma parts the
values of a sweep, unless quotes inside the shell's hold it: "data.name='a,b'"."""
"""For the help texts."""
SETTINGS = {"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}
argument = click.argument("overrides", nargs=-1, type=click.UNPROCESSED, metavar="[KEY=VALUE]...")


def run_hydra(
    name: str,
    arguments: Sequence[str],
    job: Callable[[Any], float | None],
    check: Callable[[Any], None],
    prepare: Callable[[Any], None] = lambda options: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Check the arguments, then let Hydra run the job, once or as a sweep (``-m``). Raises ConfigError before any job runs.

    ``prepare`` gets the options of a sweep's first job before any job runs, unless the call only prints; ``after`` is called
    when the jobs are over, however they ended, while what they noted can be read. A job of a sweep that fails says so at once,
    the others run, and the exit code is 1; a sweep that searches (Optuna) ends with it, unless its sweeper is told otherwise.
    """
    import hydra

    from detente.config import APPS, check_keys, check_overrides, to_options
    from detente.config_folders import search_own_configs_first
    from detente.overrides import as_typed

    overrides = [argument for argument, is_override in _told_apart(arguments) if is_override]
    sweep = any(flag in arguments for flag in ("-m", "--multirun"))
    if _prints_only(arguments):
        check_keys(name, overrides, sweep=sweep)
    elif sweep:
        prepare(check_overrides(name, overrides, sweep=True))
    else:
        check(check_overrides(name, overrides, sweep=False))

    class SearchEndedError(DetenteError):
        """Ends a search; its reason was said."""

    def task(config: Any) -> float | None:
        if sweep:
            say(_job_title())
        try:
            return job(to_options(config, APPS[name]))
        except Exception as error:  # of what it is not told, Hydra would print its own account
            if not sweep:
                raise SystemExit(fail(error)) from error
            if not _note_failure(error):
                raise SearchEndedError(_SEARCH_ENDS) from error
            return None

    search_own_configs_first()
    before = sys.argv
    quoted = [
        as_typed([argument], APPS[name], sweep=sweep)[0] if is_override else argument
        for argument, is_override in _told_apart(arguments)
    ]
    sys.argv = [f"detente {name}", *quoted]
    try:
        app = hydra.main(version_base="1.3", config_path=str(places.CONFIGS), config_name=name)(task)
        with _errors_of_ours():
            if sweep:
                _sweep(app, after)
            else:
                app()
    finally:
        sys.argv = before


@contextmanager
def _errors_of_ours() -> Iterator[None]:
    """Errors come out as they were raised, without Hydra's line about HYDRA_FULL_ERROR; its own as a ConfigError."""
    from hydra.errors import HydraException

    from detente.config import explained

    full = "HYDRA_FULL_ERROR"
    before = os.environ.get(full)
    os.environ[full] = "1"
    try:
        yield
    except HydraException as error:
        raise explained(error) from error
    except ValueError as error:  # flags that do not go together; what a job raises does not come here
        raise UsageError(f"{error}.") from error
    finally:
        if before is None:
            del os.environ[full]
        else:
            os.environ[full] = before


@dataclass(frozen=True, slots=True)
class _FailedJob:
    """The note that a job of a sweep leaves when it fails."""

    job: str


def _sweep(app: Callable[[], None], after: Callable[[], None]) -> None:
    with sweep_notes():
        try:
            app()
        finally:
            after()
        if failed := read_notes(_FAILURE, _FailedJob):
            say(f"{len(failed)} of the sweep's jobs failed, as said above; the same command runs them again")
            raise SystemExit(1)


def _note_failure(error: Exception) -> bool:
    """Say which job of a sweep failed and why; whether the sweep goes on as if it had not.

    A sweeper that searches must hear of the failure, and one that cannot see the note would take it for a success.
    """
    from hydra.core.hydra_config import HydraConfig

    say(f"error: {_job_title()}: {describe(error)}")
    return HydraConfig.get().sweeper._target_ == _GOES_THROUGH_ALL and leave_note(_FAILURE, _FailedJob(_job_title()))


def _job_title() -> str:
    """Which job of a sweep this is, and its own settings."""
    from hydra.core.hydra_config import HydraConfig

    config = HydraConfig.get()
    return f"job {config.job.num} ({' '.join(config.overrides.task)})"


def _prints_only(arguments: Sequence[str]) -> bool:
    return any(argument.split("=")[0] in ("--cfg", "-c", "--info", "-i", "--hydra-help") for argument in arguments)


def group_help(name: str) -> str:
    """The config groups of an app and what each can be set to, with the tasks, which are a plain value."""
    from detente.tasks import known_names

    lines = [f"  task={'|'.join(known_names())} or [several]"] if name == "train" else []
    for line in (places.CONFIGS / f"{name}.yaml").read_text(encoding="utf-8").splitlines():
        group = line.strip().removeprefix("- ").split(":")[0]
        folder = places.CONFIGS / group
        if line.startswith("  - ") and folder.is_dir():
            lines.append(f"  {group}=" + "|".join(sorted(path.stem for path in folder.glob("*.yaml"))))
    return "\n".join(lines)


def _told_apart(arguments: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The arguments, and whether each is an override rather than a flag or a flag's value."""
    skip = False
    for argument in arguments:
        yield argument, not skip and not argument.startswith("-")
        skip = argument in _WITH_VALUE
