"""stdin, stdout and stderr as a command needs them: closed ones, full disks, readers that go away, other encodings than UTF-8.

stdin and stdout carry data: what cannot be read or written there is an error that names them. stderr carries talk: what cannot
be written there is lost, and nothing else with it.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_STDOUT = "stdout"
_ESCAPED = "detente-escaped"


def open_streams() -> None:
    """Make the streams of this process ready, for a command that was started from outside."""
    _occupy()
    codecs.register_error(_ESCAPED, _escaped)
    encodings = [stream.encoding if stream else "utf-8" for stream in (sys.stdin, sys.stdout, sys.stderr)]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(_Data(0, "r", "stdin")), encodings[0])
    data = _Data(1, "w", _STDOUT)
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(data), encodings[1], _ESCAPED, line_buffering=data.isatty())
    talk = io.BufferedWriter(_Talk(2, "w", closefd=False))
    sys.stderr = io.TextIOWrapper(talk, encodings[2], "backslashreplace", line_buffering=True)


def flush_stdout() -> OSError | None:
    """Write what was printed; what kept it from being written, if something did."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def is_reader_gone(error: Exception) -> bool:
    """Whether who read stdout has read enough, as ``head`` does."""
    return isinstance(error, BrokenPipeError) and error.filename == _STDOUT


def silence_stdout() -> None:
    """Let nothing more be written to a stdout that cannot be, not at the end of the process either."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stdout.flush()
    except (OSError, ValueError):  # it is no file, as under a test
        return


class _Data(io.FileIO):
    """A stream whose errors name it."""

    def __init__(self, number: int, mode: str, label: str) -> None:
        super().__init__(number, mode, closefd=False)
        self._label = label

    def write(self, data: ReadableBuffer) -> int:
        with self._named():
            return super().write(data)

    def readinto(self, buffer: WriteableBuffer) -> int:
        with self._named():
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with self._named():
            return super().readall()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = "is closed" if error.errno == errno.EBADF else error.strerror
            raise OSError(error.errno, reason, self._label) from error


class _Talk(io.FileIO):
    """A file to which what cannot be written is lost without a word."""

    def write(self, data: ReadableBuffer) -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _occupy() -> None:
    """Put something at the numbers of closed streams: the next file opened would get them, and what others print with it.

    What is put there refuses to be read or written as a closed stream would.
    """
    for number, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # gets the lowest number that is free


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes of a file's name as they are; what the encoding does not have as \\u escapes."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeError:
        return codecs.backslashreplace_errors(error)
