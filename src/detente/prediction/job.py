"""A prediction that was planned: input read once, columns checked, the work folder and the manifest decided."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from detente.errors import InputError, UsageError
from detente.formats import WRITABLE, Format, format_of
from detente.model import Classifier
from detente.model.classifier import ModelInfo
from detente.outputs import check_outputs
from detente.predicted import FACTS, META
from detente.prediction.columns import ID_COLUMN, Schema
from detente.prediction.identity import STAMPS, classifier_id, model_facts, stamp_columns
from detente.prediction.options import PredictOptions
from detente.prediction.parts import Prepared, Recipe, check_clash, new_columns, prepare
from detente.prediction.sources import ARTICLES, Source, Survey, Unit, kept_columns
from detente.prediction.surveying import checked
from detente.prediction.work import FORMAT, REJECTS, Work, check_own
from detente.prediction.writing import layout_of
from detente.rows import COMPLETE
from detente.strict_json import parse_object
from detente.text import TextPath
from detente.text.pool import WORTH_WORKERS, n_cores, over_workers

META_KEYS = frozenset({"format", "input", "model", "settings", "counts"})
REJECT_KEYS = frozenset({"place", "reason"})
_LONGEST = 10_000_000


@dataclass(frozen=True)
class Output:
    """Where predictions go: one file, or a folder of parts."""

    path: Path
    format: Format
    is_folder: bool = False

    @property
    def work_folder(self) -> Path:
        """Where parts lie until they are joined, or for good."""
        return self.path if self.is_folder else self.path.with_name(f"{self.path.name}.parts")

    @property
    def rejects(self) -> Path:
        """What could not be predicted."""
        return self.path / REJECTS if self.is_folder else self.path.with_name(f"{self.path.name}.rejects.jsonl")

    @property
    def meta(self) -> Path:
        """What this is of, by which model, with which counts."""
        return self.path / COMPLETE if self.is_folder else self.path.with_name(f"{self.path.name}{META}")


@dataclass(frozen=True)
class Job:
    """Everything a process needs to know to make its parts."""

    source: Source
    survey: Survey
    recipe: Recipe
    manifest: dict[str, Any]
    output: Output
    work: Work

    @property
    def n_parts(self) -> int:
        """How many parts the input has."""
        return -(-self.survey.n_units // self.source.part_size)

    def n_units_of(self, number: int) -> int:
        """Units of a part: as many as of every other, but for the last."""
        return min(self.source.part_size, self.survey.n_units - number * self.source.part_size)


def output_of(out: str | Path, to: str = "") -> Output:
    """A file by its ending, a folder by a slash at the end or because it is one. Raises UsageError."""
    path = Path(out)
    if str(out).endswith("/") or path.is_dir():
        if to == "xlsx":
            raise UsageError("--to xlsx: a sheet is one file, not a folder of parts. Name it with -o OUT.xlsx.")
        return Output(path, format_of(Path(f"part.{to or 'parquet'}"), WRITABLE), is_folder=True)
    if to:
        raise UsageError(f"--to {to}: is for a folder of parts or stdout; the format of {out} is that of its name.")
    return Output(path, format_of(path, WRITABLE))


def check_output(output: Output, inputs: Iterable[Path | None]) -> None:
    """Check that nothing but a prediction is in the way of an output and of what goes beside it, and that no input is.

    Raises UsageError or InputError.
    """
    beside = () if output.is_folder else (output.meta, output.rejects)
    check_outputs(inputs, files=() if output.is_folder else (output.path, *beside), folders=[output.work_folder])
    for path, keys in zip(beside, (META_KEYS, REJECT_KEYS), strict=False):
        if path.exists() and not _holds(path, keys):
            raise InputError(
                f"{path}: stands where a file beside {output.path} goes, and was not written by `detente predict`. It is left "
                "as it is; move it away, or choose another output."
            )
    check_own(output.work_folder)


def _holds(path: Path, keys: frozenset[str]) -> bool:
    """Whether a file is a JSON object with these keys, or lines of such."""
    try:
        with path.open(encoding="utf-8") as lines:
            text = next(lines, "") if path.suffix == ".jsonl" else lines.read(_LONGEST)
        return keys <= parse_object(text, str(path)).keys()
    except (InputError, UnicodeDecodeError):
        return False


def check_mark(kind: str, options: PredictOptions) -> None:
    """Raise UsageError where a byte-order mark is asked of what is no CSV."""
    if options.bom and kind != "csv":
        raise UsageError(f"--bom: is of .csv, for Excel; the output is .{kind}, which needs none. Leave it out.")


def plan(classifier: Classifier, source: Source, output: Output, options: PredictOptions) -> Job:
    """Read the input once, and decide all that parts need. Raises InputError or UsageError before anything is predicted."""
    kind = output.format.kind
    check_mark(kind, options)
    found = (source if source.surveyed else checked(source, kind, options.columns, strict=options.strict)).surveyed
    assert found is not None
    settings = options.settings(source, kind)
    model = model_facts(classifier, options.model_id or classifier_id(classifier))
    stamp = stamp_columns(model, settings) if options.stamp else {}
    recipe = recipe_of(source, options, stamp, found.columns)
    kept, new = check_columns(classifier.info, source, options, found.columns)
    manifest = {
        "format": FORMAT,
        "input": {"name": source.name, "sha256": found.digest, f"n_{source.unit}s": found.n_units},
        "model": model,
        "settings": settings,
    }
    facts = {FACTS: json.dumps(manifest, ensure_ascii=False)}
    layout = layout_of(kind, kept, new, found.schema, facts, bom=options.bom)
    return Job(source, found, recipe, manifest, output, Work(output.work_folder, layout))


def check_columns(
    info: ModelInfo, source: Source, options: PredictOptions, found: Sequence[str]
) -> tuple[tuple[str, ...], Schema]:
    """The columns of the input that are kept, and those that predictions add with their types; no model is loaded for it.

    Raises UsageError for one that is not there, InputError for one of the input's that is called like the predictions'.
    """
    kept = kept_columns(found, options.columns, source.name)
    new = new_columns(info, recipe_of(source, options, dict.fromkeys(STAMPS if options.stamp else (), ""), found))
    check_clash(kept, new, source.name)
    return kept, new


def recipe_of(source: Source, options: PredictOptions, stamp: dict[str, str], found: Sequence[str]) -> Recipe:
    """What parts of this source, which has these columns, are made by."""
    with_ids = source.kind == "rows" and ID_COLUMN not in found
    text_column = options.text_column if source.kind == "rows" else "text"
    columns = options.columns or None
    return Recipe(source.name, text_column, columns, options.batch_size, options.batch_tokens, stamp, with_ids)


def prepared_parts(
    source: Source, parts: Iterator[tuple[int, list[Unit]]], recipe: Recipe, text_path: TextPath, n_workers: int, n_units: int
) -> Iterator[tuple[int, Prepared]]:
    """The parts after the text path, in order; over worker processes where there is enough to do, with a bounded queue."""
    n_workers = n_workers or n_cores()
    run = partial(_prepare_numbered, text_path, recipe)
    is_cheap = text_path.segmenter in ("none", "raw") and source.kind != ARTICLES
    n_texts = n_units * (WORTH_WORKERS // source.part_size if source.kind == ARTICLES else 1)
    if n_workers == 1 or is_cheap or n_texts < WORTH_WORKERS:
        return map(run, parts)
    return over_workers(run, parts, n_workers)


def _prepare_numbered(text_path: TextPath, recipe: Recipe, part: tuple[int, list[Unit]]) -> tuple[int, Prepared]:
    return part[0], prepare(text_path, recipe, part[1])


def check_unchanged(job: Job, n_units: int, now: tuple[tuple[int, int], ...]) -> None:
    """Raise InputError if the input changed while it was read, which counts alone may not show."""
    if now != job.survey.stamps or n_units != job.survey.n_units:
        raise InputError(
            f"{job.source.path}: changed while it was predicted ({job.survey.n_units:,} {job.source.unit}s at the start, "
            f"{n_units:,} in the parts). Start anew with --restart."
        )
