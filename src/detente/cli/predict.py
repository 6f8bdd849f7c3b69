"""`detente predict`."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say, say_of_model
from detente.cli.pages import page_columns
from detente.cli.ranges import BATCH, COUNT, PROCESSES
from detente.errors import UsageError
from detente.strict_json import shown

if TYPE_CHECKING:
    from detente.model import Classifier
    from detente.model.engines import EngineOptions
    from detente.prediction import PredictionSummary, PredictOptions
    from detente.prediction.job import Output
    from detente.prediction.runners import Runner
    from detente.prediction.sources import Source


@click.command("predict", short_help="Predict a file, a folder of articles or a pipe; goes on after a stop.")
@click.argument("named", metavar="[MODEL] INPUT", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    required=True,
    help="A .csv, .jsonl (.gz, .zst), .parquet or .xlsx file; a folder/ of parts; - is stdout.",
)
@click.option("--text-column", default="text", show_default=True, help="The column of the sentences, or the articles.")
@page_columns()
@click.option("--outlet", default="", metavar="NAME", help="Of all articles, whatever their pages say.")
@click.option("--date", default="", metavar="DAY", help="Of all articles, whatever their pages say.")
@click.option(
    "--format", "format", default="", metavar="FORMAT", help="Of INPUT: txt, csv, tsv, jsonl, parquet, xlsx or articles."
)
@click.option("--to", default="", metavar="FORMAT", help="Of a folder's parts [parquet] or of stdout [jsonl].")
@click.option("--bom", is_flag=True, help="Begin a .csv with a byte-order mark, for Excel. [other programs want none]")
@click.option("--columns", default="", metavar="A,B", help="The input's columns to keep. [all]")
@click.option("--limit", default=0, type=COUNT, metavar="N", help="The first N rows, or pages, only.")
@click.option("--dry-run", is_flag=True, help="Check everything, predict a sample and estimate the time; write nothing.")
@click.option("--strict", is_flag=True, help="Stop at the first row that cannot be predicted instead of rejecting it.")
@click.option("--stamp", is_flag=True, help="Write model id, text path, version and settings into every row.")
@click.option(
    "--engine",
    default="auto",
    type=click.Choice(["auto", "torch", "onnx"]),
    show_default=True,
    help="What computes (docs/engines.md); auto: onnx for int8, and for dispute where onnxruntime is installed, else torch.",
)
@click.option(
    "--precision",
    default="fp32",
    type=click.Choice(["fp32", "int8", "bf16", "fp16"]),
    show_default=True,
    help="Of the engine; int8 is measured on a sample first, and refused if it changes the labels.",
)
@click.option("--batch-size", default=32, show_default=True, type=BATCH, help="Sentences a batch.")
@click.option("--batch-tokens", default=0, type=COUNT, help="Tokens a batch with the padding. [the engine's]")
@click.option(
    "--runner",
    default="loop",
    type=click.Choice(["loop", "ray"]),
    show_default=True,
    help="Who makes the parts: this process, or the workers of Ray, here or on the cluster of RAY_ADDRESS.",
)
@click.option(
    "--workers",
    "n_workers",
    default=0,
    type=PROCESSES,
    help="Processes for the text path, or of Ray. [the cores]",
)
@click.option("--threads", "n_threads", default=0, type=PROCESSES, help="Of the engine. [the cores; 1 a worker of Ray]")
@click.option("--shard", default="", metavar="I/N", help="Only the parts of number I modulo N; the last shard joins them.")
@click.option("--join", is_flag=True, help="Predict nothing, join the parts that shards have made.")
@click.option("--restart", is_flag=True, help="Begin anew, without the parts of an earlier run.")
def command(
    named: tuple[str, ...],
    out: str,
    shard: str,
    columns: str,
    dry_run: bool,
    engine: str,
    precision: str,
    n_threads: int,
    runner: str,
    **others: Any,
) -> None:
    """Predict INPUT with MODEL: every row of a file, every sentence of a folder of articles, or what comes on stdin (-).

    MODEL is a model folder, an MLflow run id, runs:/ID/model, models:/NAME/VERSION or models:/NAME@ALIAS; without it, or as
    `dispute`, the classifier that comes with détente: stance and sentiment of sentences of articles about a dispute. (A folder
    of that name is ./dispute.) INPUT is a .txt (a sentence a line), .csv, .tsv or .jsonl file, also .gz or .zst, a .parquet
    or .xlsx file, a folder of pages as `detente build` reads, or a dataset folder. OUT has the rows in their order with their
    columns and the predictions; rows without a sentence_id get one.

    <task>_abstain is true where the model's threshold (training.threshold) says to leave the sentence to a human.

    A run that was stopped goes on with the same command. Rows without a text are in OUT.rejects.jsonl, model and settings in
    OUT.meta.json.

    \b
    Example:
      detente predict news.txt -o news.csv
      detente predict runs/1f3a5c7e9b2d4f60/model news.txt -o news.csv
      detente predict models:/stance@best articles -o sentences.parquet --dry-run
      zcat news.txt.gz | detente predict runs/1f3a5c7e9b2d4f60/model - -o - | head
      detente predict models:/stance@best news.parquet -o news/ --shard 0/4
      detente predict models:/stance@best news.parquet -o fast.parquet --engine onnx --precision int8
      detente predict models:/stance@best news.parquet -o news.out.parquet --runner ray --workers 2
    """
    from detente.model.engines import AUTO, EngineOptions, admit_int8, check_engine, check_model, chosen_engine
    from detente.model.folder import read_info
    from detente.model.names import named_folder
    from detente.prediction import PredictOptions, Shard
    from detente.prediction.estimate import sample_texts
    from detente.prediction.job import check_columns, check_mark, check_output
    from detente.prediction.runners import run_here
    from detente.prediction.stream import PIPE, is_pipe, piped_source
    from detente.prediction.surveying import checked
    from detente.tracking import find_model

    model, source = _told_apart(named)
    wanted = tuple(name.strip() for name in columns.split(",") if name.strip())
    options = PredictOptions(columns=wanted, shard=Shard.parse(shard) if shard else Shard(), **others)
    computed_by = EngineOptions(engine, precision, n_threads)
    if engine != AUTO:
        check_engine(computed_by)
    if runner == "ray":
        from detente.prediction.on_ray import RayRunner, check_ray

        check_ray(is_piped=is_pipe(source) or out == PIPE)
    output = _output(out, options)
    kind = output.format.kind
    check_mark(kind, options)
    if out != PIPE:
        check_output(output, [*([] if source == PIPE else [Path(source)]), named_folder(model)])
    with ExitStack() as stack:
        # What is wrong with the names and the input is told before a model is loaded.
        folder = find_model(model).folder
        if len(named) == 1:
            _say_default(folder)
        computed_by = chosen_engine(folder, computed_by)
        check_model(folder, computed_by)
        opened = stack.enter_context(piped_source(source, options)) if is_pipe(source) else options.opened(Path(source))
        opened = checked(opened, kind, options.columns, strict=options.strict)
        if survey := opened.surveyed:
            check_columns(read_info(folder), opened, options, survey.columns)
            if survey.note:
                say(survey.note)
        classifier, options = _load(folder, options, computed_by)
        if computed_by.precision == "int8":
            admit_int8(folder, classifier, sample_texts(classifier, opened, options), say=say)
        if dry_run:
            _estimate(classifier, opened, out, options)
        else:
            how = RayRunner(folder, computed_by, say) if runner == "ray" else run_here
            _predict(classifier, opened, out, options, how)


def _output(out: str, options: PredictOptions) -> Output:
    from detente.prediction.job import output_of
    from detente.prediction.stream import PIPE, streamed_output

    return streamed_output(options) if out == PIPE else output_of(out, options.to)


def _told_apart(named: tuple[str, ...]) -> tuple[str, str]:
    """MODEL and INPUT; of one argument it is INPUT, for the model that comes with the package. Raises UsageError."""
    from detente.model.names import DEFAULT, SHIPPED, is_model, is_model_folder

    if len(named) > 2:
        raise UsageError(f"expected INPUT, or MODEL and INPUT, got {len(named)} arguments: {' '.join(map(shown, named[:4]))}.")
    if len(named) == 2:
        return named[0], named[1]
    if is_model(named[0]):
        raise UsageError(
            f"{named[0]}: is a model, and no INPUT follows it. Name one: detente predict {named[0]} INPUT -o OUT. (Without a "
            f"MODEL, INPUT is predicted by {DEFAULT}, which comes with détente.)"
        )
    if (Path(named[0]) / "result.json").is_file() and is_model_folder(Path(named[0]) / "model"):
        raise UsageError(
            f"{named[0]}: is a run, and no INPUT follows it. Its model is {named[0].rstrip('/')}/model: detente predict "
            f"{named[0].rstrip('/')}/model INPUT -o OUT."
        )
    # By its place: what else is called so in this folder has not been named.
    return (str(SHIPPED[DEFAULT]) if is_model_folder(SHIPPED[DEFAULT]) else DEFAULT), named[0]


def _say_default(folder: Path) -> None:
    """Which model it is that nobody named."""
    from detente.model.folder import read_info
    from detente.prediction.identity import folder_id

    info = read_info(folder)
    said = f"of détente {info.version}, id {folder_id(folder)}"
    say(f"no MODEL named: {' and '.join(info.tasks)} by {info.display_name}, which comes with détente ({said})")


def _load(folder: Path, options: PredictOptions, engine: EngineOptions) -> tuple[Classifier, PredictOptions]:
    from dataclasses import replace

    from detente.model.engines import load_engine
    from detente.prediction.identity import folder_id

    classifier = load_engine(folder, engine, say)
    say_of_model(classifier.info, "its predictions mean nothing")
    return classifier, replace(options, model_id=folder_id(folder), engine=f"{engine.engine}/{engine.precision}")


def _predict(classifier: Classifier, source: Source, out: str, options: PredictOptions, runner: Runner) -> None:
    from detente.prediction import predict
    from detente.prediction.job import output_of
    from detente.prediction.stream import PIPE, predict_to_stream

    if out == PIPE:
        summary = predict_to_stream(classifier, source, sys.stdout.buffer, options, progress=True, say=say)
        say(f"stdout: {_counted(summary, source.unit, classifier)}")
        return
    summary = predict(classifier, source, out, progress=True, say=say, runner=runner, **vars(options))
    if summary.n_missing:
        say(f"{summary.n_new:,} {source.unit}s done here; parts missing that other shards make: {summary.n_missing}")
        return
    say(f"{out}: {_counted(summary, source.unit, classifier)}")
    if summary.n_rejected:
        say(f"rejected: {output_of(out, options.to).rejects}")


def _counted(summary: PredictionSummary, unit: str, classifier: Classifier) -> str:
    read = summary.n_units - summary.n_rejected
    sentences = "" if unit == "row" else f", {summary.n_rows:,} sentences"
    rate = f", {summary.n_new / summary.seconds:,.1f} {unit}s a second" if summary.n_new and summary.seconds else ""
    return (
        f"{summary.n_units:,} {unit}s = {read:,} read + {summary.n_rejected:,} rejected{sentences}; {summary.n_truncated:,} "
        f"cut at {classifier.text_path.max_tokens} tokens{rate}"
    )


def _estimate(classifier: Classifier, source: Source, out: str, options: PredictOptions) -> None:
    from detente.prediction.estimate import estimate

    found = estimate(classifier, source, _output(out, options), options)
    say(
        f"{found.n_units:,} {source.unit}s in {source.path}; the first {found.n_sample} gave {found.n_rows} rows and "
        f"{found.n_rejected} rejects, text path {found.seconds_text:.2f} s, model {found.seconds_model:.2f} s"
    )
    say(f"all of it: about {_duration(found.seconds)}, if the rest is like the first; nothing was written")


def _duration(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3600
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if hours < 2 else f"{hours:.1f} h"
