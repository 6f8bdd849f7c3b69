"""Formats of files of rows: what a name says, and streams through gzip and zstd."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.errors import InputError, UsageError, near_miss

READABLE = ("txt", "csv", "tsv", "jsonl", "parquet", "xlsx")
WRITABLE = ("csv", "jsonl", "parquet", "xlsx")
COMPRESSED = ("gz", "zst")
PACKED = ("parquet", "xlsx")
"""Formats that are compressed inside."""


@dataclass(frozen=True, slots=True)
class Format:
    """What a file holds, and how it is compressed (``gz``, ``zst`` or not)."""

    kind: str
    compression: str = ""


def file_name(path: Path) -> str:
    """The name of a file as UTF-8 can hold it: bytes that are none are shown as ``\\xff``."""
    return path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def format_of(path: Path, known: tuple[str, ...], given: str = "") -> Format:
    """The format by the endings of the name, or the one that is given. Raises UsageError for an unknown one."""
    suffixes = [suffix.removeprefix(".").lower() for suffix in path.suffixes[-2:]]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSED else ""
    kind = given or (suffixes[-1] if suffixes else "")
    if kind not in known:
        shown = f".{kind}" if kind else ""
        names = ", ".join(f".{name}" for name in known)
        raise UsageError(
            f"{path}: unknown format '{shown}'; expected {names}, all but .parquet and .xlsx also with .gz or .zst."
            f"{near_miss(kind, known)}"
        )
    if kind in PACKED and compression:
        raise UsageError(f"{path}: {kind} is compressed inside; expected {path.with_suffix('').name}, without .{compression}.")
    return Format(kind, compression)


@contextmanager
def opened(path: Path, compression: str) -> Iterator[io.BufferedReader]:
    """The bytes of a file, decompressed as they are read. Raises InputError where the compressed data end early or are none."""
    try:
        with _reader(path, compression) as stream:
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from error
    except OSError as error:
        if compression and error.errno is None:
            raise _damaged(path, error) from error
        raise


@contextmanager
def created(path: Path, compression: str) -> Iterator[Any]:
    """A file to write bytes to; equal bytes make equal files, compressed ones too."""
    if compression == "gz":
        with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as stream:
            yield stream
    elif compression == "zst":
        import pyarrow as pa

        with path.open("wb") as file, pa.CompressedOutputStream(file, "zstd") as stream:
            yield stream
    else:
        with path.open("wb") as stream:
            yield stream


def _reader(path: Path, compression: str) -> Any:
    if compression == "gz":
        return gzip.open(path)
    if compression == "zst":
        import pyarrow as pa

        return io.BufferedReader(pa.input_stream(str(path), compression="zstd"))
    return path.open("rb")


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: the compressed data are damaged or cut short ({error}). Copy or compress it again.")
