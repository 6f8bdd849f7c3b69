"""Predicting a file: rows in, the same rows with predictions out, written whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.atomic import new_file
from detente.errors import InputError, UsageError
from detente.model import Classifier
from detente.prediction.columns import prediction_columns
from detente.prediction.rows import WRITABLE, Row, RowWriter, check_format, read_rows

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 1024


@dataclass(frozen=True, slots=True)
class PredictionSummary:
    """How many rows came and went, and how many texts were cut at the model's limit."""

    n_rows: int
    n_truncated: int


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
    source: Path | str,
    out: Path | str,
    *,
    text_column: str = "text",
    batch_size: int = 32,
    progress: bool = False,
) -> PredictionSummary:
    """Predict every row of a .txt, .csv or .jsonl file into a .csv or .jsonl file; order and columns are kept.

    All rows are checked before the first is predicted. Raises InputError for a row that cannot be read or a column that the
    predictions would overwrite, UsageError for an unknown format.
    """
    from tqdm import tqdm

    source, out = Path(source), Path(out)
    suffix = check_format(out, WRITABLE)
    if out.exists() and source.exists() and out.samefile(source):
        raise UsageError(f"{out}: is the input itself, which the predictions would replace. Choose another output.")
    n_rows = _check(source, text_column, classifier)
    n_truncated = 0
    with (
        new_file(out) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as stream,
        tqdm(total=n_rows, unit="row", file=sys.stderr, disable=None if progress else True) as bar,
    ):
        writer = RowWriter(stream, suffix)
        rows = read_rows(source, text_column)
        while chunk := list(islice(rows, CHUNK)):
            for row in _predicted(chunk, classifier, text_column, batch_size):
                writer.write(row)
                n_truncated += row["truncated"]
            bar.update(len(chunk))
    return PredictionSummary(n_rows, n_truncated)


def _check(source: Path, text_column: str, classifier: Classifier) -> int:
    """Read all rows once, and count them; a bad last row must not cost an hour of predictions."""
    taken = _new_columns(classifier)
    n_rows = 0
    for row in read_rows(source, text_column):
        clash = [name for name in row if name in taken]
        if clash:
            raise InputError(
                f"{source}: has a column '{clash[0]}', which the predictions would overwrite. Rename it, or predict from a "
                "file without earlier predictions."
            )
        n_rows += 1
    return n_rows


def _new_columns(classifier: Classifier) -> frozenset[str]:
    return frozenset(prediction_columns(classifier.info, classifier.score([])))


def _predicted(chunk: Sequence[Row], classifier: Classifier, text_column: str, batch_size: int) -> Iterator[dict[str, Any]]:
    columns = prediction_columns(classifier.info, classifier.score([row[text_column] for row in chunk], batch_size))
    for at, row in enumerate(chunk):
        yield {**row, **{name: values[at] for name, values in columns.items()}}
