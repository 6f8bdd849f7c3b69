"""Dataset folder → a folder to publish, whole or without any text of the articles."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.atomic import new_folder
from detente.dataset.card import dataset_card
from detente.dataset.corpus import ARTICLES, CLEANING, StoredArticle, text_hash, told_articles
from detente.dataset.digest import checked_file
from detente.dataset.folder import READINGS, LabelledDataset, digest_in, read_dataset, write_manifest
from detente.dataset.manifest import MANIFEST, Manifest
from detente.dataset.parquet import HASH, TEXT, write_table
from detente.errors import DatasetError
from detente.markers import MARKER, check_replaceable, kept_in_place
from detente.outputs import check_outputs
from detente.records import Annotation, DroppedLine, Example, flat

_TOLD = 5


def publish_dataset(
    folder: Path, out: Path, *, without_text: bool = False, say: Callable[[str], None] = lambda line: None
) -> Path:
    """Copy a dataset, its digest checked, to where it is published from.

    Of a labelled corpus of the package the texts that may not be passed on stay behind in any case.
    Published are the dataset's own files, whatever else lies in its folder. Without text nothing of the articles goes along: no
    sentence, no title, no line that cleaning dropped, and no annotator's note, since notes quote. Ids, offsets, labels, dates,
    outlets, addresses and the hash of every text do. The folder appears whole or not at all. Raises DatasetError, also for a
    link in the folder; InputError or UsageError where ``out`` would overwrite anything but a dataset.
    """
    check_outputs([folder], folders=[out])
    check_replaceable(out, "dataset")
    _check_links(folder)
    dataset = read_dataset(folder)
    for name in dataset.manifest.files:
        checked_file(folder, name, dataset.manifest.files)
    withheld = _withheld(dataset)
    names = _own_files(dataset)
    if withheld and not without_text:
        n = sum(row.sentence_id.startswith(withheld) for row in dataset.rows)
        say(f"note: the texts of {n:,} of {len(dataset.rows):,} sentences may not be passed on; hashes stand in their place")
    _say_gaps(dataset, say)
    _say_others(folder, names, say)
    with new_folder(out, "dataset") as new, kept_in_place(folder):
        if digest_in(folder) != dataset.digest:
            raise DatasetError(f"{folder}: was built anew while it was read. Run the command again.")
        if without_text or withheld:
            _write_without_text(dataset, new, () if without_text else withheld)
        else:
            (new / "data").mkdir()
            for name in names:
                shutil.copyfile(folder / name, new / name)
    return out


def _withheld(dataset: LabelledDataset) -> tuple[str, ...]:
    """The beginnings of the ids of sentences whose text is not to be passed on, and of which there are some."""
    table = dataset.manifest.table
    prefixes = [each.prefix for each in (table.sources if table else ()) if not each.passed_on]
    return tuple(prefix for prefix in prefixes if any(row.sentence_id.startswith(prefix) for row in dataset.rows))


def _check_links(folder: Path) -> None:
    """Raise DatasetError for a link: what it leads to is no part of the dataset."""
    if linked := sorted(path for path in folder.rglob("*") if path.is_symlink()):
        raise DatasetError(
            f"{linked[0]}: is a link, and nothing outside the folder is published. Put a file there, or remove it."
        )


def _own_files(dataset: LabelledDataset) -> list[str]:
    """The files that make a dataset folder, as far as they are there."""
    names = ("README.md", MANIFEST, CLEANING, ARTICLES, READINGS, *(f"data/{name}.parquet" for name in dataset.splits))
    return [name for name in names if (dataset.folder / name).is_file()]


def _say_others(folder: Path, names: Sequence[str], say: Callable[[str], None]) -> None:
    """What else is in the folder and stays there."""
    found = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file())
    if others := [name for name in found if name not in (*names, MARKER)]:
        more = f" and {len(others) - _TOLD} more" if len(others) > _TOLD else ""
        say(f"note: not published, being no file of the dataset's: {', '.join(others[:_TOLD])}{more}")


def _say_gaps(dataset: LabelledDataset, say: Callable[[str], None]) -> None:
    """What a reader of the published folder would miss."""
    if not dataset.manifest.label_licence:
        say("note: no licence of the labels is given; set data.label_licence=... when you build")
    if dataset.readings and {reading.annotator_kind for reading in dataset.readings} == {"machine"}:
        say("note: every label was made by a machine; the card says so")


def _write_without_text(dataset: LabelledDataset, new: Path, withheld: tuple[str, ...]) -> None:
    """Write the dataset without its texts, or without those of the ids that begin with one of ``withheld``."""
    manifest = replace(dataset.manifest, published_without_text=True, withheld=withheld)
    for name, rows in dataset.splits.items():
        columns = [_row(row, manifest) for row in rows]
        write_table(columns, new / "data" / f"{name}.parquet", dataset.tasks, manifest.text_columns)
    readings = dataset.readings
    _write_lines(new / READINGS, (_without_text(reading, manifest) for reading in readings))
    hashes = dataset.manifest.files
    cleaning = strict_json.read_lines(checked_file(dataset.folder, CLEANING, hashes), DroppedLine, error=DatasetError)
    _write_lines(new / CLEANING, (_hashed(asdict(line)) for _, line in cleaning))
    stored = strict_json.read_lines(checked_file(dataset.folder, ARTICLES, hashes), StoredArticle, error=DatasetError)
    articles = [
        replace(article, title=None, text=None) if manifest.withholds(article.page_id) else article for _, article in stored
    ]
    _write_lines(new / ARTICLES, map(asdict, articles))
    write_manifest(new, manifest)
    card = dataset_card(manifest, told_articles(articles), readings)
    (new / "README.md").write_text(card, encoding="utf-8")


def _row(row: Example, manifest: Manifest) -> dict[str, Any]:
    return {**_hashed(flat(row, manifest.tasks)), TEXT: None if manifest.withholds(row.sentence_id) else row.text}


def _without_text(reading: Annotation, manifest: Manifest) -> dict[str, Any]:
    given = {key: value for key, value in flat(reading, manifest.tasks).items() if value is not None or key in manifest.tasks}
    hashed = {**_hashed(given), "n_characters": len(reading.text)}
    return {**hashed, "note": ""} if manifest.withholds(reading.sentence_id) else {**hashed, TEXT: reading.text}


def _hashed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {(HASH if key == TEXT else key): (text_hash(value) if key == TEXT else value) for key, value in row.items()}


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
