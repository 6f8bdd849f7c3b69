"""Dataset folder → a folder to publish, whole or without any text of the articles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from detente.articles.lines import line_date
from detente.atomic import new_folder
from detente.dataset.card import dataset_card
from detente.dataset.corpus import ARTICLES, CLEANING, text_hash
from detente.dataset.folder import (
    MANIFEST,
    READINGS,
    WITHOUT_TEXT,
    LabelledDataset,
    check_replaceable,
    read_dataset,
)
from detente.dataset.parquet import write_table
from detente.errors import DatasetError
from detente.labels import TASKS
from detente.records import Annotation, Article

HASH = "text_sha256"
"""What stands in place of a text: sha256 of its UTF-8."""


def publish_dataset(
    folder: Path, out: Path, *, without_text: bool = False, say: Callable[[str], None] = lambda line: None
) -> Path:
    """Copy a dataset, its digest checked, to where it is published from.

    Without text nothing of the articles goes along: no sentence, no title, no line that cleaning dropped, and no annotator's
    note, since notes quote. Ids, offsets, labels, dates, outlets, addresses and the hash of every text do. The folder appears
    whole or not at all. Raises DatasetError.
    """
    dataset = read_dataset(folder)
    check_replaceable(out)
    if out.exists() and out.samefile(folder):
        raise DatasetError(f"{out}: is the dataset itself. Publish into another folder.")
    _say_gaps(dataset, say)
    with new_folder(out) as new:
        if without_text:
            _write_without_text(dataset, new)
        else:
            shutil.copytree(folder, new, dirs_exist_ok=True)
    return out


def _say_gaps(dataset: LabelledDataset, say: Callable[[str], None]) -> None:
    """What a reader of the published folder would miss."""
    if not dataset.manifest["label_licence"]:
        say("note: no licence of the labels is given; set data.label_licence=... when you build")
    if dataset.readings and {reading.annotator_kind for reading in dataset.readings} == {"machine"}:
        say("note: every label was made by a machine; the card says so")


def _write_without_text(dataset: LabelledDataset, new: Path) -> None:
    for name, rows in dataset.splits.items():
        write_table([_hashed(asdict(row)) for row in rows], new / "data" / f"{name}.parquet", HASH)
    readings = dataset.readings
    _write_lines(new / READINGS, (_without_text(reading) for reading in readings))
    _write_lines(new / CLEANING, (_hashed(row) for row in read_lines(dataset.folder / CLEANING)))
    articles = [{**row, "title": None, "text": None} for row in read_lines(dataset.folder / ARTICLES)]
    _write_lines(new / ARTICLES, articles)
    manifest = {**dataset.manifest, WITHOUT_TEXT: True}
    (new / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    card = dataset_card(manifest, [article_of(row) for row in articles], readings, without_text=True)
    (new / "README.md").write_text(card, encoding="utf-8")


def _without_text(reading: Annotation) -> dict[str, Any]:
    given = {key: value for key, value in asdict(reading).items() if value is not None or key in TASKS}
    return {**_hashed({**given, "note": ""}), "n_characters": len(reading.text)}


def _hashed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {(HASH if key == "text" else key): (text_hash(value) if key == "text" else value) for key, value in row.items()}


def article_of(row: Mapping[str, Any], title: str | None = None) -> Article:
    """The article of a row of articles.jsonl, without its text."""
    date = line_date(row["date"]) if row["date"] else None
    return Article(row["article_id"], row["page_id"], "", (), title or row["title"], date, row["outlet"], row["url"])


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a JSONL file of a dataset folder. Raises DatasetError."""
    if not path.is_file():
        raise DatasetError(f"{path}: missing; the folder was built by an older version or is incomplete. Build it again.")
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise DatasetError(f"{path}:{number}: not JSON ({error}). Build the dataset again.") from error


def _write_lines(path: Path, rows: Iterator[dict[str, Any]] | list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
