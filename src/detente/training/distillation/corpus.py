"""Stage 1: a folder of raw text → shards of distinct sentences, raw and segmented."""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.atomic import new_file, write_text
from detente.dataset import read_dataset
from detente.dataset.duplicates import CopyFinder
from detente.dataset.manifest import read_manifest
from detente.digests import sha256_of
from detente.errors import InputError, TrainingError
from detente.prediction.rows import read_rows
from detente.rows import TextColumn
from detente.text import TextPath, normalise, segment_corpus, split_sentences
from detente.training.distillation.options import CorpusOptions

SHARD = 20_000
_OPENERS: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open, ".txt": open}
Say = Callable[[str], None]


@dataclass(frozen=True)
class _Done:
    """corpus.json, which says that all shards are there."""

    options: dict[str, str | int | float | bool | list[str] | None]
    counts: dict[str, int]


@dataclass(frozen=True)
class Corpus:
    """The shards and what was counted on the way: read, taken, left out and why."""

    folder: Path
    counts: dict[str, int]
    raw_key: str
    """Stands for what decides the raw sentences, whatever text path they went through."""

    @property
    def shards(self) -> list[Path]:
        """The shards in order; each a parquet file with the columns ``raw`` and ``segmented``."""
        return sorted(self.folder.glob("shard-*.parquet"))

    @property
    def key(self) -> str:
        """Stands for what decides the shards."""
        return self.folder.name.removeprefix("corpus-")

    def column(self, number: int, name: str) -> list[str]:
        """One column of one shard."""
        import pyarrow.parquet as pq

        values: list[str] = pq.read_table(self.shards[number], columns=[name])[name].to_pylist()
        return values

    def sentences(self) -> Iterator[str]:
        """All segmented sentences."""
        for number in range(len(self.shards)):
            yield from self.column(number, "segmented")

    def segmented(self, limit: int) -> list[str]:
        """The first segmented sentences."""
        found: list[str] = []
        for number in range(len(self.shards)):
            if len(found) >= limit:
                break
            found += self.column(number, "segmented")
        return found[:limit]


def prepare_corpus(options: CorpusOptions, text_path: TextPath, work: Path, progress: Any, say: Say) -> Corpus:
    """Write the shards into a folder of ``work`` named after what decides them; those that are there already are kept.

    Raises InputError if there is no text.
    """
    files = _files(Path(options.path))
    facts = _facts(options, files)
    raw_key = _key(facts)
    folder = work / f"corpus-{_key([*facts, text_path.to_json(), text_path.versions()])}"
    done = folder / "corpus.json"
    if done.is_file():
        remedy = "Remove it, and it is made anew."
        return Corpus(folder, strict_json.read(done, _Done, error=TrainingError, remedy=remedy).counts, raw_key)
    counts: Counter[str] = Counter()
    finder = CopyFinder(text for place in options.exclude for text in held_out_texts(Path(place), say))
    sentences = islice(_sentences(files, options, finder, counts), options.limit or None)
    number = 0
    while batch := list(islice(sentences, SHARD)):
        path = folder / f"shard-{number:05}.parquet"
        if not path.is_file():
            _write(path, batch, list(segment_corpus(text_path, batch)))
        number += 1
        counts["taken"] += len(batch)
        progress(len(batch))
    if not counts["taken"]:
        raise InputError(f"{options.path}: no sentence of {options.min_syllables} to {options.max_syllables} syllables in it.")
    write_text(done, json.dumps({"options": asdict(options), "counts": dict(counts)}, ensure_ascii=False, indent=1) + "\n")
    say(f"corpus: {_counted(counts)}")
    return Corpus(folder, dict(counts), raw_key)


def _files(path: Path) -> list[Path]:
    if path.is_file() and path.suffix in _OPENERS:
        return [path]
    files = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix in _OPENERS) if path.is_dir() else []
    if not files:
        raise InputError(f"corpus.path={path}: expected a .txt file (also .gz, .xz), or a folder with some.")
    return files


def _facts(options: CorpusOptions, files: Sequence[Path]) -> list[object]:
    """What decides the raw sentences."""
    contents = [(file.name, sha256_of(file)) for file in files]  # other text may stand in the same place
    return [asdict(options), contents, [_digest(Path(place)) for place in options.exclude]]


def _key(facts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def _digest(place: Path) -> str:
    return read_manifest(place).digest if place.is_dir() else sha256_of(place)


def held_out_texts(place: Path, say: Say) -> list[str]:
    """The texts of a file, or of a dataset folder those that something is scored on. Raises DatasetError, InputError."""
    if not place.is_dir():
        texts = [row["text"] for row in read_rows(place, TextColumn("text"))]
        say(f"corpus.exclude: {len(texts):,} texts of {place}")
        return texts
    dataset = read_dataset(place)
    # With folds every row is held out once.
    splits = [name for name in dataset.splits if name != "train"] or list(dataset.splits)
    texts = [row.text for name in splits for row in dataset.splits[name]]
    say(f"corpus.exclude: {len(texts):,} sentences of {place} ({', '.join(splits)})")
    return texts


def _sentences(files: Sequence[Path], options: CorpusOptions, finder: CopyFinder, counts: Counter[str]) -> Iterator[str]:
    """Distinct sentences of the right length that copy nothing excluded."""
    seen: set[bytes] = set()
    for paragraph in _paragraphs(files):
        for start, end in split_sentences(paragraph):
            sentence = normalise(paragraph[start:end])
            counts["read"] += 1
            key = hashlib.blake2b(sentence.casefold().encode(), digest_size=8).digest()
            if not options.min_syllables <= sentence.count(" ") + 1 <= options.max_syllables:
                counts["too short or too long"] += 1
            elif key in seen:
                counts["repeated"] += 1
            elif finder.finds(sentence):
                counts["near-copies of excluded texts"] += 1
            else:
                seen.add(key)
                yield sentence


def _paragraphs(files: Sequence[Path]) -> Iterator[str]:
    for file in files:
        with _OPENERS[file.suffix](file, "rt", encoding="utf-8", errors="replace") as stream:
            yield from stream


def _write(path: Path, raw: Sequence[str], segmented: Sequence[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with new_file(path) as temporary:
        pq.write_table(pa.table({"raw": list(raw), "segmented": list(segmented)}), temporary, compression="zstd")


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items(), key=lambda item: -item[1]))
