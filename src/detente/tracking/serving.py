"""What a served model answers: the predictions of `detente predict` for the rows of a request, or what is wrong with them.

Imported by the MLflow model alone, in MLflow's scoring server or wherever the model is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from detente.errors import TextError
from detente.model import Classifier
from detente.prediction.parts import Recipe, prepare, score
from detente.prediction.rows import text_problem
from detente.rows import Entry, Row

COLUMN = "text"
MAX_ROWS = 1_000
"""Bounds the time of a request: the server waits for 60 seconds, and nobody else is answered meanwhile."""
MAX_CHARACTERS = 250_000
"""Of all texts of a request together. Bounds its memory, for the segmenter's grows with the length of a text."""

_RECIPE = Recipe(name="", text_column=COLUMN, columns=())


class BadRequestError(MlflowException):  # type: ignore[misc]
    """A request that is answered with ``status`` and this message alone."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message, error_code=INVALID_PARAMETER_VALUE)
        self.status = status

    def get_http_status_code(self) -> int:
        """The status of the answer."""
        return self.status

    def serialize_as_json(self) -> str:
        """The body of the answer."""
        # The scoring server has put all of the request's data before the message.
        self.message = str(self)
        return str(super().serialize_as_json())


def predict_request(classifier: Classifier, texts: Sequence[object]) -> list[Row]:
    """The prediction columns, a row a text in their order. Raises BadRequestError unless every text is a sentence.

    A text path and batches as in `detente predict`; a text that it would reject makes the whole request a bad one.
    """
    _check_size(texts)
    units = [_entry(number, text) for number, text in enumerate(texts, start=1)]
    try:
        prepared = prepare(classifier.text_path, _RECIPE, units)
    except TextError as error:
        raise BadRequestError(str(error)) from error
    if prepared.rejects:
        raise BadRequestError(_told(prepared.rejects))
    return score(classifier, prepared, _RECIPE).rows


def _check_size(texts: Sequence[object]) -> None:
    if not texts:
        raise BadRequestError(f"no rows; expected at least one, with a sentence in the column '{COLUMN}'.")
    instead = "Send it in several requests, or use `detente predict` for files."
    if len(texts) > MAX_ROWS:
        raise BadRequestError(f"{len(texts):,} rows; expected at most {MAX_ROWS:,} a request. {instead}", 413)
    n_characters = sum(len(text) for text in texts if isinstance(text, str))
    if n_characters > MAX_CHARACTERS:
        raise BadRequestError(f"{n_characters:,} characters; expected at most {MAX_CHARACTERS:,} a request. {instead}", 413)


def _entry(number: int, text: object) -> Entry:
    value = None if isinstance(text, float) and text != text else text  # what pandas makes of null
    reason = text_problem(value, COLUMN)
    return Entry(number, f"row {number}", None if reason else {COLUMN: value}, reason)


def _told(rejects: Sequence[dict[str, Any]]) -> str:
    more = f" In all, {len(rejects):,} rows cannot be predicted." if len(rejects) > 1 else ""
    return f"{rejects[0]['place']}: {rejects[0]['reason']}{more}"
