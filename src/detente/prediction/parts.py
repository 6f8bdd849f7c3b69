"""One part: some units in, their predictions and rejects out. It depends on nothing but its units, the model and the options.

``prepare`` runs where there is no model, in worker processes; ``score`` needs the classifier. Batches form inside a part, so
that where a run was cut, and which process did which part, leaves no trace in the predictions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from detente.errors import ArticleError, InputError, TextError
from detente.model import Classifier
from detente.model.classifier import ModelInfo
from detente.prediction.columns import ID_COLUMN, Schema, prediction_columns, prediction_schema, row_id
from detente.prediction.pages import PageUnit
from detente.prediction.sources import Unit
from detente.rows import Row
from detente.text import TextPath
from detente.text.legacy import legacy_encoding


@dataclass(frozen=True)
class Recipe:
    """What decides the rows of a part beside its units and the model. ``columns``: the input's that are kept, None for all.

    ``batch_tokens`` is the engine's own limit where 0; ``stamp`` holds columns that every row gets; ``with_ids``:
    rows get an id too, for they have none.
    """

    name: str
    text_column: str
    columns: tuple[str, ...] | None = None
    batch_size: int = 32
    batch_tokens: int = 0
    stamp: Mapping[str, str] = field(default_factory=dict)
    with_ids: bool = False


@dataclass(frozen=True)
class Prepared:
    """The rows of a part after the text path; ``segmented`` has a text a row.

    ``legacy`` has the encoding and the place of every unit that seems to be in one of before Unicode.
    """

    n_units: int
    rows: list[Row]
    segmented: list[str]
    rejects: list[dict[str, Any]]
    legacy: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """The output of a part: rows with predictions, and what was rejected with its place and the reason."""

    n_units: int
    rows: list[Row]
    rejects: list[dict[str, Any]]
    legacy: tuple[tuple[str, str], ...] = ()

    @property
    def n_truncated(self) -> int:
        """Rows whose text was cut at the model's limit."""
        return sum(row["truncated"] for row in self.rows)


def make_part(classifier: Classifier, units: Sequence[Unit], recipe: Recipe) -> Part:
    """Predict the units of a part. Raises TextError where the text path cannot run."""
    return score(classifier, prepare(classifier.text_path, recipe, units), recipe)


def prepare(text_path: TextPath, recipe: Recipe, units: Sequence[Unit]) -> Prepared:
    """Units → rows and their segmented texts; a unit without any is rejected. Raises TextError."""
    rows: list[Row] = []
    origins: list[Unit] = []
    rejects, legacy = [], []
    for unit in units:
        found, reason = _rows(unit)
        if encoding := legacy_encoding("\n".join(row[recipe.text_column] for row in found)):
            legacy.append((encoding, _place(unit, recipe)))
        if reason:
            rejects.append(_reject(unit, reason, recipe))
        rows += found
        origins += [unit] * len(found)
    texts = [row[recipe.text_column] for row in rows]
    segmented = _segmented(text_path, texts)
    failed = {at: text for at, text in enumerate(segmented) if isinstance(text, Exception)}
    rejects += [_reject(origins[at], f"the text path failed ({error!r}).", recipe) for at, error in failed.items()]
    good = [at for at in range(len(rows)) if at not in failed]
    return Prepared(
        n_units=len(units),
        rows=[_with_id(rows[at], origins[at], recipe) for at in good],
        segmented=[text for text in segmented if isinstance(text, str)],
        rejects=sorted(rejects, key=lambda reject: int(reject["row"])),
        legacy=tuple(legacy),
    )


def score(classifier: Classifier, prepared: Prepared, recipe: Recipe) -> Part:
    """The rows with the columns of their predictions."""
    scores = classifier.score_segmented(prepared.segmented, recipe.batch_size, recipe.batch_tokens)
    columns = prediction_columns(classifier.info, scores)
    rows = []
    names = (*recipe.columns, *_ids(recipe)) if recipe.columns is not None else None
    for at, row in enumerate(prepared.rows):
        own = row if names is None else {name: row[name] for name in names if name in row}
        rows.append({**own, **{name: values[at] for name, values in columns.items()}, **recipe.stamp})
    return Part(prepared.n_units, rows, prepared.rejects, prepared.legacy)


def new_columns(info: ModelInfo, recipe: Recipe) -> Schema:
    """The columns that predictions add, with their types."""
    return {**dict.fromkeys(_ids(recipe), str), **prediction_schema(info), **dict.fromkeys(recipe.stamp, str)}


def _ids(recipe: Recipe) -> tuple[str, ...]:
    return (ID_COLUMN,) if recipe.with_ids else ()


def _with_id(row: Row, unit: Unit, recipe: Recipe) -> Row:
    return {**row, ID_COLUMN: row_id(unit.number, row[recipe.text_column])} if recipe.with_ids else row


def check_clash(kept: Sequence[str], new: Collection[str], name: str) -> None:
    """Raise InputError if a column of the input is called like one of the predictions'."""
    clash = [column for column in kept if column in new]
    if clash:
        raise InputError(
            f"{name}: has a column '{clash[0]}', which the predictions would overwrite. Rename it, leave it out with "
            "--columns, or predict from a file without earlier predictions."
        )


def _rows(unit: Unit) -> tuple[list[Row], str]:
    if isinstance(unit, PageUnit):
        try:
            return unit.rows(), ""
        except ArticleError as error:
            return [], error.reason
    return ([], unit.reason) if unit.row is None else ([unit.row], "")


def _reject(unit: Unit, reason: str, recipe: Recipe) -> dict[str, Any]:
    return {"row": unit.number, "place": _place(unit, recipe), "reason": reason}


def _place(unit: Unit, recipe: Recipe) -> str:
    return unit.place if isinstance(unit, PageUnit) else f"{recipe.name}{unit.place}"


def _segmented(text_path: TextPath, texts: Sequence[str]) -> list[str | Exception]:
    """Segmented texts; the error in place of a text that the segmenter stumbles on."""
    try:
        return list(text_path.batch(texts))
    except TextError:
        raise
    except Exception:  # whatever a segmenter raises on one odd text must not stop years of others
        return [_segmented_alone(text_path, text) for text in texts]


def _segmented_alone(text_path: TextPath, text: str) -> str | Exception:
    try:
        return text_path(text)
    except Exception as error:
        return error
