"""`detente predict`."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import say


@click.command("predict", short_help="Predict every row of a file.")
@click.argument("model")
@click.argument("source", metavar="INPUT", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Where to write: .csv or .jsonl.")
@click.option("--text-column", default="text", show_default=True, help="The column of a .csv or .jsonl file to predict.")
@click.option("--batch-size", default=32, show_default=True, type=click.IntRange(min=1), help="Sentences a batch.")
def command(model: str, source: Path, out: Path, text_column: str, batch_size: int) -> None:
    """Predict every row of INPUT (.txt a sentence a line, .csv, .jsonl) with MODEL.

    MODEL is a model folder, an MLflow run id, runs:/ID/model, models:/NAME/VERSION or models:/NAME@ALIAS. OUT keeps the rows,
    their order and their columns, adds the predictions, and is written whole or not at all.

    \b
    Example:
      detente predict runs/1f3a5c7e9b2d4f60/model news.txt -o news.csv
    """
    from detente.model import load_model
    from detente.prediction import predict
    from detente.prediction.rows import WRITABLE, check_format
    from detente.tracking.store import looks_like_uri, model_folder

    check_format(out, WRITABLE)
    folder = model_folder(model) if looks_like_uri(model) and not Path(model).exists() else Path(model)
    classifier = load_model(folder)
    if classifier.info.untrained:
        say("note: the encoder of this model is untrained; its predictions mean nothing")
    summary = predict(classifier, source, out, text_column=text_column, batch_size=batch_size, progress=True)
    say(f"{out}: {summary.n_rows} rows, {summary.n_truncated} cut at {classifier.text_path.max_tokens} tokens")
