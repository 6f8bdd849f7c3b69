"""Predicting a corpus: rows in, the same rows with predictions out. A run that is cut goes on, and ends in the same bytes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente import strict_json
from detente.errors import InputError, UsageError
from detente.model import Classifier
from detente.outputs import real_place
from detente.prediction.columns import prediction_columns
from detente.prediction.job import Job, check_output, check_unchanged, output_of, plan
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Part
from detente.prediction.runners import Runner, run_here
from detente.prediction.sources import Source, file_stamps
from detente.prediction.work import ALL, LOCKS, Receipt
from detente.prediction.writing import join_parts
from detente.rows import PARTS
from detente.text.legacy import LegacyTexts

if TYPE_CHECKING:
    import pandas as pd

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """What is kept of the counts beside an output."""

    n_units: int
    n_rows: int
    n_rejected: int
    n_truncated: int


@dataclass(frozen=True, slots=True)
class PredictionSummary:
    """What came and went.

    ``n_units`` rows, or pages, are in the input, ``n_rejected`` of them had nothing to predict; ``n_rows`` rows are in the
    output, and ``n_truncated`` texts were cut at the model's limit. ``n_new`` units were done by this process, in ``seconds``;
    ``n_missing`` parts are still to be done by other shards.
    """

    n_units: int
    n_rows: int
    n_rejected: int
    n_truncated: int
    n_new: int = 0
    seconds: float = 0.0
    n_missing: int = 0


def predict_texts(classifier: Classifier, texts: Sequence[str], batch_size: int = 32) -> pd.DataFrame:
    """Prediction columns for raw texts, a row a text in their order, with the column ``text`` first.

    Raises UsageError if the texts are one string, or not all strings.
    """
    import pandas as pd

    if isinstance(texts, str):
        raise UsageError("expected a sequence of texts, got one string; put it in a list.")
    wrong = next((at for at, text in enumerate(texts) if not isinstance(text, str)), None)
    if wrong is not None:
        raise UsageError(f"text {wrong} is {type(texts[wrong]).__name__}; expected a string.")

    columns = prediction_columns(classifier.info, classifier.score(texts, batch_size))
    return pd.DataFrame({"text": list(texts), **columns})


def predict(
    classifier: Classifier,
    source: Path | str | Source,
    out: Path | str,
    *,
    progress: bool = False,
    say: Say = lambda line: None,
    runner: Runner = run_here,
    **options: Any,
) -> PredictionSummary:
    """Predict a file of rows, a folder of articles or a dataset folder into a file or, with a slash at its end, a folder.

    ``options`` are the fields of ``PredictOptions``; ``runner`` is who makes the parts, as ``on_ray.RayRunner``. Parts are
    written into ``OUT.parts`` and joined at the end; the same call goes on where an earlier one was cut. Raises InputError for
    an input that cannot be read, or a column that the predictions would overwrite; UsageError for an unknown format, an output
    that another process writes, or parts of another prediction. Nothing is written then.
    """
    chosen = PredictOptions(**options)
    output = output_of(out, chosen.to)
    if not isinstance(source, Source):
        source = chosen.opened(Path(source))
    check_output(output, [source.path])
    job = plan(classifier, source, output, chosen)
    if job.survey.note and not source.surveyed:
        say(job.survey.note)
    if not chosen.restart and (found := _finished(job)):
        _sweep(job)
        say(f"{output.path}: is complete already; nothing to do (--restart starts anew)")
        return found
    if chosen.join and not (job.work.folder / PARTS).is_file():
        raise _lacking(job, range(job.n_parts))
    with job.work.locked(chosen.shard):
        job.work.begin(job.manifest, anew=chosen.restart)
        started = time.monotonic()
        n_new = 0 if chosen.join else _make_parts(classifier, job, chosen, runner, progress, say)
        summary = _join(job, chosen, n_new, time.monotonic() - started)
    if not summary.n_missing:
        _sweep(job)
    return summary


def _make_parts(classifier: Classifier, job: Job, options: PredictOptions, runner: Runner, progress: bool, say: Say) -> int:
    """Make the parts of this shard that are not there yet; the number of units they have."""
    from tqdm import tqdm

    own = [number for number in range(job.n_parts) if options.shard.has(number)]
    todo = [number for number in own if not job.work.is_done(number)]
    if not todo:
        return 0
    n_units, n_new, legacy = sum(map(job.n_units_of, own)), 0, LegacyTexts()
    n_done, quiet = n_units - sum(map(job.n_units_of, todo)), None if progress else True
    bar = tqdm(total=n_units, initial=n_done, unit=job.source.unit, file=sys.stderr, disable=quiet)
    # Closed at once where something is raised here: what the runner has started must not outlive it.
    with bar, closing(runner(classifier, job, todo, options)) as parts:
        for number, part in parts:
            check_strict(part, job.source, strict=options.strict)
            job.work.keep(number, part)
            legacy.add_all(part.legacy)
            bar.update(part.n_units)
            n_new += part.n_units
    for warning in legacy.warnings(job.source.unit):
        say(warning)
    return n_new


def check_strict(part: Part, source: Source, *, strict: bool) -> None:
    """Raise InputError for the first reject where none is allowed."""
    if strict and part.rejects:
        first = part.rejects[0]
        raise InputError(f"{source.path}: {first['place']}: {first['reason']}")


def _join(job: Job, options: PredictOptions, n_new: int, seconds: float) -> PredictionSummary:
    """Where all parts are there, check and join them; who comes second waits, and finds it done."""
    from filelock import FileLock

    try:
        with FileLock(job.work.folder / LOCKS / "join.lock"):
            summary = _joined(job, options)
    except FileNotFoundError:  # another shard has joined the parts and let go of them, locks and all
        found = _finished(job)
        if found is None:
            raise
        summary = found
    return replace(summary, n_new=n_new, seconds=seconds)


def _joined(job: Job, options: PredictOptions) -> PredictionSummary:
    work = job.work
    if not options.restart and (found := _finished(job)):
        return found
    missing = [number for number in range(job.n_parts) if not work.is_done(number)]
    if missing and options.join:
        raise _lacking(job, missing)
    if missing and options.shard.n == 1:
        raise InputError(f"{work.folder}: {len(missing)} parts vanished while others were made. Run the command again.")
    done = [work.receipt(number) for number in range(job.n_parts) if number not in set(missing)]
    return _summary(done, len(missing)) if missing else _finish(job, done)


def _lacking(job: Job, missing: Sequence[int]) -> InputError:
    return InputError(
        f"{job.work.folder}: {len(missing)} of {job.n_parts} parts are missing, the first is {missing[0]}. Run the shards that "
        "make them, or the command without --join and --shard, which makes all that is missing."
    )


def _finish(job: Job, receipts: Sequence[Receipt]) -> PredictionSummary:
    """Write the output, its rejects and, as the sign that it is complete, its counts; then let go of the parts."""
    summary = _summary(receipts)
    check_unchanged(job, summary.n_units, file_stamps(job.source))
    job.work.check_whole(receipts)
    output = job.output
    rejects = [reject for receipt in receipts for reject in receipt.rejects]
    if output.is_folder:
        job.work.tidy()
    else:
        with job.work.placed(output.path) as temporary:
            join_parts([job.work.part(receipt.number) for receipt in receipts], temporary, output.format, job.work.layout)
    if rejects:
        _place(job, output.rejects, "".join(json.dumps(asdict(reject), ensure_ascii=False) + "\n" for reject in rejects))
    else:
        real_place(output.rejects).unlink(missing_ok=True)
    counts = Counts(summary.n_units, summary.n_rows, summary.n_rejected, summary.n_truncated)
    meta = {**job.manifest, "counts": asdict(counts), "n_bytes": _size(job)}
    _place(job, output.meta, json.dumps(meta, ensure_ascii=False, indent=1) + "\n")
    if not output.is_folder:
        job.work.remove()
    return summary


def _place(job: Job, path: Path, text: str) -> None:
    with job.work.placed(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _finished(job: Job) -> PredictionSummary | None:
    """The counts of an output that is complete and of this very job. Raises InputError for one whose facts cannot be read."""
    meta = job.output.meta
    if not meta.is_file():
        return None
    facts = strict_json.read_object(meta)
    counts, n_bytes = facts.pop("counts", None), facts.pop("n_bytes", None)
    if n_bytes != _size(job) or facts != json.loads(json.dumps(job.manifest)):
        return None
    remedy = "Remove it, or start anew with --restart."
    return PredictionSummary(**asdict(strict_json.convert(counts, Counts, f"{meta}: counts", remedy=remedy)))


def _sweep(job: Job) -> None:
    """Remove what is left of the parts beside a complete output, unless somebody is at them: a restart may be under way."""
    if not job.output.is_folder and job.work.folder.is_dir():
        with suppress(UsageError), job.work.locked(ALL):
            job.work.remove()


def _size(job: Job) -> int:
    """Bytes of the output."""
    if job.output.is_folder:
        parts = map(job.work.part, range(job.n_parts))
        return sum(path.stat().st_size for path in parts if path.is_file())
    return job.output.path.stat().st_size if job.output.path.is_file() else -1


def _summary(receipts: Sequence[Receipt], n_missing: int = 0) -> PredictionSummary:
    return PredictionSummary(
        n_units=sum(receipt.n_units for receipt in receipts),
        n_rows=sum(receipt.n_rows for receipt in receipts),
        n_rejected=sum(len(receipt.rejects) for receipt in receipts),
        n_truncated=sum(receipt.n_truncated for receipt in receipts),
        n_missing=n_missing,
    )
