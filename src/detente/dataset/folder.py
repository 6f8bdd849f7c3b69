"""The dataset folder on disk: its rows, its manifest, and what a fold may train on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from detente import strict_json
from detente.dataset.annotations import read_annotations, write_annotations
from detente.dataset.card import dataset_card
from detente.dataset.corpus import ARTICLES, CLEANING
from detente.dataset.digest import checked_file, file_hashes, rows_digest
from detente.dataset.manifest import MANIFEST, Manifest, read_manifest
from detente.dataset.parquet import read_table, write_table
from detente.dataset.splits import DroppedPair
from detente.errors import DatasetError, UsageError, near_miss
from detente.records import Annotation, Article, Example, flat, of_columns
from detente.tasks import Task, Tasks, check_file, task_names

READINGS = "annotations.jsonl"
"""Every reading of the dataset's sentences, beside the decisions that the rows hold."""


@dataclass(frozen=True)
class LabelledDataset:
    """A dataset read from its folder: rows by split, and the pairs that must not face each other."""

    name: str
    version: str
    digest: str
    splits: Mapping[str, tuple[Example, ...]] = field(repr=False)
    dropped_pairs: tuple[DroppedPair, ...] = field(repr=False)
    manifest: Manifest = field(repr=False)
    folder: Path

    @property
    def tasks(self) -> Tasks:
        """The tasks that the rows are labelled in, as they were when it was built."""
        return self.manifest.tasks

    def tasks_named(self, value: str | Sequence[str]) -> tuple[Task, ...]:
        """Those of its tasks that ``task=`` stands for, a name, a joint set's, or a list of names: in the dataset's own order.

        The order of a model's heads decides its random numbers, so what is the same set of tasks has to be in the same order.
        Raises UsageError for one that it has no labels of, DatasetError where the task's file has other labels by now.
        """
        names = task_names(value)
        for name in names:
            if name not in self.tasks:
                raise UsageError(
                    f"task '{name}': {self.folder} has no labels of it; it has {', '.join(self.tasks)}."
                    f"{near_miss(name, self.tasks)} A task of your own is a file configs/task/{name}.yaml and a column of the "
                    "annotations; then build the dataset again."
                )
            check_file(self.tasks[name], str(self.folder), error=DatasetError)
        return tuple(task for name, task in self.tasks.items() if name in names)

    @property
    def rows(self) -> tuple[Example, ...]:
        """All rows of all splits."""
        return tuple(row for rows in self.splits.values() for row in rows)

    @property
    def n_folds(self) -> int:
        """Number of folds; 0 for a dataset with held-out splits."""
        return len({row.fold for row in self.rows if row.fold is not None})

    @property
    def readings(self) -> list[Annotation]:
        """Every annotator's readings; none where the folder does not hold them. Raises AnnotationError, DatasetError."""
        if not (self.folder / READINGS).is_file():
            return []
        return read_annotations(checked_file(self.folder, READINGS, self.manifest.files), self.tasks)

    def labelled(self, task: str | Sequence[str], split: str = "train") -> list[Example]:
        """The rows of a split that have a label in a task, or in one of several. Raises DatasetError for no such split."""
        tasks = (task,) if isinstance(task, str) else task
        if split not in self.splits:
            folds = " It has folds, which `detente train` scores one by one; `build` holds sentences out with split=holdout."
            raise DatasetError(
                f"{self.folder}: no split '{split}'; it has {', '.join(self.splits)}.{near_miss(split, self.splits)}"
                f"{folds if self.n_folds else ''}"
            )
        return [row for row in self.splits[split] if any(row.label(own) is not None for own in tasks)]

    def fold_sides(self, fold: int, task: str | Sequence[str]) -> tuple[list[Example], list[Example], list[Example]]:
        """The training side, the held-out side and the rows left out of training as near-copies, for one fold.

        Raises DatasetError if a pair of copies would still face each other.
        """
        rows = self.labelled(task)
        copies = {pair.left_out for pair in self.dropped_pairs if pair.fold == fold}
        held_out = [row for row in rows if row.fold == fold]
        left_out = [row for row in rows if row.fold != fold and row.sentence_id in copies]
        training = [row for row in rows if row.fold != fold and row.sentence_id not in copies]
        check_apart(training, held_out)
        return training, held_out, left_out


def check_apart(training: Iterable[Example], held_out: Iterable[Example]) -> None:
    """Raise DatasetError if a sentence, or a group, stands on both sides."""
    held = list(held_out)
    by_text = {row.text: row for row in held}
    groups = {row.group_id for row in held}
    for row in training:
        if row.text in by_text:
            raise DatasetError(
                f"{row.sentence_id} (training) and {by_text[row.text].sentence_id} (held out) are the same sentence: "
                f"{row.text!r}. Build the dataset again with this version."
            )
        if row.group_id in groups:
            raise DatasetError(f"group {row.group_id} stands on both sides of a split. Build the dataset again.")


def write_rows(
    folder: Path,
    splits: Mapping[str, Sequence[Example]],
    manifest: Manifest,
    articles: Sequence[Article],
    readings: Sequence[Annotation],
) -> None:
    """Write rows, readings, manifest and card into a folder that holds the articles and the dropped lines already."""
    for name, rows in splits.items():
        write_table([flat(row, manifest.tasks) for row in rows], folder / "data" / f"{name}.parquet", manifest.tasks)
    (folder / READINGS).write_text(write_annotations(readings), encoding="utf-8")
    write_manifest(folder, manifest)
    (folder / "README.md").write_text(dataset_card(manifest, articles, readings), encoding="utf-8")


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write manifest.json with the hashes of the files that stand beside the rows."""
    full = replace(manifest, files=file_hashes(folder, (ARTICLES, CLEANING, READINGS)))
    (folder / MANIFEST).write_text(strict_json.dumps(full, indent=2) + "\n", encoding="utf-8")


def digest_in(out: Path) -> str | None:
    """The digest of the dataset that stands there; None if there is none."""
    try:
        return read_manifest(out).digest
    except DatasetError:
        return None


def read_dataset(folder: Path) -> LabelledDataset:
    """Read a dataset folder and check its digest. Raises DatasetError."""
    manifest = read_manifest(folder)
    if manifest.published_without_text:
        raise DatasetError(
            f"{folder}: published without its text. Whoever has the articles gets it back: "
            f"detente rebuild {folder} ARTICLES -o FOLDER"
        )
    splits = {}
    for name in manifest.splits:
        path = folder / "data" / f"{name}.parquet"
        splits[name] = tuple(of_columns(Example, row, manifest.tasks) for row in read_table(path, manifest.tasks))
    digest = rows_digest(splits, manifest.tasks)
    if digest != manifest.digest:
        raise DatasetError(
            f"{folder}: the rows do not give the digest of manifest.json (expected {manifest.digest[:19]}…, got "
            f"{digest[:19]}…): the folder was changed by hand. Build it again."
        )
    return LabelledDataset(
        name=manifest.name,
        version=manifest.version,
        digest=digest,
        splits=splits,
        dropped_pairs=manifest.dropped_pairs,
        manifest=manifest,
        folder=folder,
    )
