"""Messages for a terminal: what went wrong in one line or a few, never more than a screen holds."""

from __future__ import annotations

import os
import re

from detente.errors import DetenteError
from detente.passwords import without_passwords

MAX_CHARACTERS = 4000
_MAX_LINES, _LAST_LINES = 40, 10
_MAX_WIDTH, _END = 800, 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
TRACEBACK = "DETENTE_TRACEBACK"
"""The environment variable that shows where an error was raised."""


def wants_traceback() -> bool:
    """Whether the user wants to see where an error was raised."""
    return os.environ.get(TRACEBACK, "") not in ("", "0")


def describe(error: BaseException) -> str:
    """The message of an error; of the system's own, the file and what went wrong with it; of a fault, that it is one."""
    return fitted(_described(error))


def fitted(text: str) -> str:
    """A message cut in the middle of its lines, and of itself, to what a screen holds; control characters shown as such.

    >>> len(fitted("x" * 789_000))
    800
    """
    lines = [fitted_line(line) for line in text.split("\n")]
    n_last = _LAST_LINES if len(lines) > _MAX_LINES else 1
    n_first = min(len(lines), _MAX_LINES) - n_last
    while n_first > 1 and sum(map(len, lines[:n_first])) + sum(map(len, lines[-n_last:])) > MAX_CHARACTERS:
        n_first, n_last = n_first - 1, min(n_last, max(1, n_first // 4))
    n_left_out = len(lines) - n_first - n_last
    return "\n".join([*lines[:n_first], *[f"  … {n_left_out:,} lines more …"] * (n_left_out > 0), *lines[-n_last:]])


def fitted_line(line: str) -> str:
    """A line without passwords and what would steer the terminal, its middle left out where it is too long."""
    line = without_passwords(line)
    if len(line) > _MAX_WIDTH:
        line = f"{line[: _MAX_WIDTH - _END - 3]} … {line[-_END:]}"
    return _CONTROL.sub(lambda control: f"\\x{ord(control.group()):02x}", line)


def _described(error: BaseException) -> str:
    if isinstance(error, DetenteError):
        return str(error) or type(error).__name__
    if isinstance(error, OSError):
        return _of_system(error)
    more = f" {TRACEBACK}=1 shows where."
    if isinstance(error, RecursionError):
        return f"what was given nests too deep to be read.{more}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory for this{_reason(error)}. Give less at a time.{more}"
    if isinstance(error, UnicodeError):
        return f"a text or the name of a file is not UTF-8 ({error}). Rename or convert it.{more}"
    return f"a fault of detente: {type(error).__name__}{_reason(error)}.{more} Please report it."


def _of_system(error: OSError) -> str:
    if not error.strerror:
        return str(error) or type(error).__name__
    return f"{os.fsdecode(error.filename)}: {error.strerror}" if isinstance(error.filename, str | bytes) else error.strerror


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f": {lines[0].rstrip('.')}" if lines else ""
