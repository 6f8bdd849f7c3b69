"""stdin as an input and stdout as an output; what was written to a pipe is gone, so nothing of it can be gone on with."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from detente.errors import InputError, UsageError
from detente.formats import Format
from detente.model import Classifier
from detente.prediction.batch import PredictionSummary, check_strict
from detente.prediction.job import Output, plan, prepared_parts
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Part, score
from detente.prediction.sources import Source
from detente.prediction.writing import as_bytes
from detente.text.legacy import LegacyTexts

READ = ("txt", "csv", "tsv", "jsonl")
WRITTEN = ("jsonl", "csv")
PIPE = "-"
_TOLD = 10

Say = Callable[[str], None]


@contextmanager
def piped_source(source: str, options: PredictOptions) -> Iterator[Source]:
    """What comes on stdin (``-``) or through a named pipe to its end, as a file that goes when it is done with.

    Lines of text unless a format is given, or the pipe's name has an ending. Raises UsageError for a format that cannot come
    so, InputError if nothing comes.
    """
    name = "stdin" if source == PIPE else _pipe_name(Path(source))
    kind = options.format or ("" if Path(name).suffix else "txt")
    if kind and kind not in READ:
        raise UsageError(f"--format {kind}: expected one of {', '.join(READ)} for what comes on {name}.")
    with tempfile.TemporaryDirectory(prefix="detente-") as folder:
        path = Path(folder, name)
        with path.open("wb") as file, ExitStack() as opened:
            stream = sys.stdin.buffer if source == PIPE else opened.enter_context(Path(source).open("rb"))
            shutil.copyfileobj(stream, file)
        if not path.stat().st_size:
            raise InputError(f"{name}: is empty; expected a sentence a row.")
        yield options.opened(path, kind)


def is_pipe(source: str) -> bool:
    """Whether an input can be read but once: stdin, a named pipe, what a shell makes of ``<(...)``."""
    path = Path(source)
    return source == PIPE or (path.exists() and not path.is_file() and not path.is_dir())


def _pipe_name(path: Path) -> str:
    return "pipe" if path.is_relative_to("/dev") or path.is_relative_to("/proc") else path.name


def streamed_output(options: PredictOptions) -> Output:
    """stdout as an output. Raises UsageError for a format that cannot go there, or options that need an output that stays."""
    kind = options.to or "jsonl"
    if kind not in WRITTEN:
        raise UsageError(f"--to {kind}: expected {' or '.join(WRITTEN)} for stdout; for parquet name a file with -o.")
    if options.shard.n > 1 or options.join or options.restart:
        raise UsageError("--shard, --join and --restart need an output that stays: name a file or folder with -o.")
    return Output(Path("stdout"), Format(kind))


def predict_to_stream(
    classifier: Classifier, source: Source, out: BinaryIO, options: PredictOptions, *, progress: bool, say: Say
) -> PredictionSummary:
    """Write the rows of a source with their predictions to a stream, in order, part by part as they are done.

    Raises what ``predict`` raises, and UsageError for options that need an output that stays.
    """
    from tqdm import tqdm

    job = plan(classifier, source, streamed_output(options), options)
    layout, n_units = job.work.layout, job.survey.n_units
    counts, legacy, started = PredictionSummary(0, 0, 0, 0), LegacyTexts(), time.monotonic()
    out.write(as_bytes([], layout))
    parts = prepared_parts(source, source.parts(), job.recipe, classifier.text_path, options.n_workers, n_units)
    with tqdm(total=n_units, unit=source.unit, file=sys.stderr, disable=None if progress else True) as bar:
        for _, prepared in parts:
            part = score(classifier, prepared, job.recipe)
            check_strict(part, source, strict=options.strict)
            out.write(as_bytes(part.rows, layout, header=False))
            out.flush()
            _tell(part, counts.n_rejected, say)
            legacy.add_all(part.legacy)
            counts = _added(counts, part)
            bar.update(part.n_units)
    for warning in legacy.warnings(source.unit):
        say(warning)
    return replace(counts, n_new=n_units, seconds=time.monotonic() - started)


def _tell(part: Part, n_before: int, say: Say) -> None:
    """The first rejects one by one: there is no file beside a pipe."""
    for at, reject in enumerate(part.rejects[: max(0, _TOLD + 1 - n_before)], start=n_before):
        say(f"rejected: {reject['place']}: {reject['reason']}" if at < _TOLD else "rejected: more, which are only counted")


def _added(counts: PredictionSummary, part: Part) -> PredictionSummary:
    return PredictionSummary(
        n_units=counts.n_units + part.n_units,
        n_rows=counts.n_rows + len(part.rows),
        n_rejected=counts.n_rejected + len(part.rejects),
        n_truncated=counts.n_truncated + part.n_truncated,
    )
