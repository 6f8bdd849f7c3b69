"""The command line: one file a subcommand, each parses, calls and prints."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from detente._version import __version__
from detente.errors import DetenteError, UsageError, near_miss

if TYPE_CHECKING:
    from detente.model import ModelInfo

COMMANDS = (
    "build",
    "compare",
    "demo",
    "diff",
    "distill",
    "evaluate",
    "explain",
    "index",
    "label",
    "predict",
    "publish",
    "rebuild",
    "train",
)


class _Commands(click.Group):
    """Imports a subcommand's file when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"detente.cli.{name}").command
        return command

    def resolve_command(self, context: click.Context, arguments: list[str]) -> Any:
        if arguments and arguments[0] not in COMMANDS:
            raise click.UsageError(
                f"no command '{arguments[0]}'; expected one of {', '.join(COMMANDS)}.{near_miss(arguments[0], COMMANDS)}",
                context,
            )
        return super().resolve_command(context, arguments)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="detente", message="%(prog)s %(version)s")
def _detente() -> None:
    """Stance (dialogue, neutral, escalation) and sentiment of sentences in Vietnamese news.

    From scraped articles to a labelled dataset, a fine-tuned PhoBERT, its MLflow run, and predictions over a corpus.

    \b
    Example:
      detente demo                     the whole way on the five articles that come with it
      detente train task=sentiment     one training run, driven by Hydra configs
      detente predict MODEL news.txt -o news.csv
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it went well, 1 after a failure, 2 for a wrong call, 130 after Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = _detente.main(args=arguments, prog_name="detente", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (DetenteError, OSError) as error:
        return fail(error)
    except (KeyboardInterrupt, click.exceptions.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    return code if isinstance(code, int) else 0


def fail(error: DetenteError | OSError) -> int:
    """Print an error without its traceback and return the exit code that goes with it."""
    print(f"error: {describe(error)}", file=sys.stderr)
    return 2 if isinstance(error, UsageError) else 1


def describe(error: DetenteError | OSError) -> str:
    """The message of an error; of the system's own, the file and what went wrong with it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def say(line: str) -> None:
    """Talk goes to stderr, so that stdout carries data only."""
    from tqdm import tqdm

    tqdm.write(line, file=sys.stderr)  # a progress bar steps aside for it
    sys.stderr.flush()


def say_of_model(info: ModelInfo, untrained: str) -> None:
    """What to know of a model before its output is read; ``untrained`` says what that is of an untrained encoder's."""
    if info.untrained:
        say(f"note: the encoder of this model is untrained; {untrained}")
    if not info.verified:
        say(
            "note: this model was saved without the sha256 of its files (format 1): whether it is as it was saved is not "
            "known. Load and save it (load_model, save_model) to have them"
        )


def _interrupt(signum: int, frame: Any) -> None:
    # A terminated run is closed in MLflow as one that was interrupted.
    raise KeyboardInterrupt
