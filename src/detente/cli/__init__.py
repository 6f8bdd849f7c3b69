"""The command line: one file a subcommand, each parses, calls and prints."""

from __future__ import annotations

import io
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente._version import __version__
from detente.cli.messages import describe, fitted, fitted_line, wants_traceback
from detente.cli.streams import flush_stdout, is_reader_gone, open_streams, silence_stdout
from detente.errors import UsageError, near_miss
from detente.passwords import without_passwords
from detente.translator import without_translator

__all__ = ["COMMANDS", "describe", "fail", "main", "say"]

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


_BY_TASK_FILES = ("build", "index", "label", "train")
"""The commands that go by the files of tasks; others by what a model or a dataset keeps of them."""
_OWN_TASKS = Path("configs") / "task"
_READER_GONE = 141


class _BrokenPipeError(Exception):
    """Carries a BrokenPipeError past click, which would end the process without a word, whatever broke."""

    def __init__(self, error: BrokenPipeError) -> None:
        super().__init__(str(error))
        self.error = error


class _Commands(click.Group):
    """Imports a subcommand's file when it is asked for."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _BrokenPipeError(error) from error

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
      detente predict news.txt -o news.csv    a sentence a line, by the classifier that comes with it
      detente demo                            the whole way on the five articles that come with it
      detente train task=sentiment            one training run, driven by Hydra configs
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it went well, 1 after a failure, 2 for a wrong call, 130 after Ctrl-C, 141 when no one reads on."""
    if arguments is None:
        open_streams()
        without_translator()
    signal.signal(signal.SIGTERM, _interrupt)
    code = _run(arguments)
    trouble = flush_stdout()
    return fail(trouble) if trouble is not None else code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        _check_working_directory()
        _say_replaced(sys.argv[1:] if arguments is None else arguments)
        code = _detente.main(args=arguments, prog_name="detente", standalone_mode=False)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        print(fitted(shown.getvalue().rstrip()), file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    except _BrokenPipeError as error:
        return fail(error.error)
    except SystemExit as leave:
        code = leave.code if isinstance(leave.code, int | None) else 1
    except Exception as error:
        return fail(error)
    return code if isinstance(code, int) else 0


def _say_replaced(arguments: Sequence[str]) -> None:
    """Say once which of the package's tasks the working directory has others for, before a command goes by them."""
    if arguments and arguments[0] in _BY_TASK_FILES and not {"-h", "--help"} & {*arguments} and _OWN_TASKS.is_dir():
        from detente.tasks import replaced

        for line in replaced():
            say(f"note: {line}")


def _check_working_directory() -> None:
    """Raise UsageError where it was removed: relative paths lead nowhere then, and libraries end the process as they like."""
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError(
            "the working directory is no longer there, or cannot be read: it was removed or renamed since. Change to one that "
            "is there (cd), and call again."
        ) from error


def fail(error: Exception) -> int:
    """Print an error without its traceback and return the exit code that goes with it."""
    if is_reader_gone(error):  # quiet, as any Unix tool
        silence_stdout()
        return _READER_GONE
    if isinstance(error, OSError) and error.filename == "stdout":
        silence_stdout()
    if wants_traceback():
        print(without_passwords("".join(traceback.format_exception(error)).rstrip()), file=sys.stderr)
    print(f"error: {describe(error)}", file=sys.stderr)
    return 2 if isinstance(error, UsageError) else 1


def say(line: str) -> None:
    """Talk goes to stderr, so that stdout carries data only."""
    from tqdm import tqdm

    tqdm.write("\n".join(map(fitted_line, line.split("\n"))), file=sys.stderr)  # a progress bar steps aside for it
    sys.stderr.flush()


def say_of_model(info: ModelInfo, untrained: str) -> None:
    """What to know of a model before its output is read; ``untrained`` says what that is of an untrained encoder's."""
    if info.intended_use:
        say(f"note: {info.display_name}: {info.intended_use}")
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
