"""manifest.json: what identifies a dataset, and every count; no text of the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from detente._version import __version__
from detente.dataset.anchoring import AnchoredReadings
from detente.dataset.corpus import Corpus
from detente.dataset.duplicates import THRESHOLD
from detente.dataset.folder import FORMAT, rows_digest
from detente.dataset.splits import DroppedPair, SplitOptions
from detente.labels import LABELS
from detente.records import Annotation, Example


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset was told to be. ``method`` is how it was split in the end."""

    name: str
    version: str
    label_licence: str
    split: SplitOptions
    method: str


def dataset_manifest(
    facts: Facts,
    splits: Mapping[str, Sequence[Example]],
    pairs: Sequence[DroppedPair],
    corpus: Corpus,
    anchored: AnchoredReadings,
) -> dict[str, Any]:
    """The manifest of a dataset that was just built."""
    rows = [row for rows in splits.values() for row in rows]
    n_examples = len({row.sentence_id for row in rows} | {pair.left_out for pair in pairs})
    return {
        "name": facts.name,
        "version": facts.version,
        "format": FORMAT,
        "detente_version": __version__,
        "digest": rows_digest(splits),
        "label_licence": facts.label_licence,
        "guideline_version": sorted({reading.guideline_version for reading in anchored.readings}),
        "split": {**asdict(facts.split), "method": facts.method},
        "near_copy_threshold": THRESHOLD,
        "splits": {name: _counts(rows) for name, rows in splits.items()},
        "sources": dict(sorted(corpus.sources.items())),
        "n_pages": sum(corpus.sources.values()),
        "n_articles": len(corpus.articles),
        "n_sentences": corpus.n_sentences,
        "n_unlabelled": corpus.n_sentences - n_examples,
        "n_dropped_lines": corpus.n_dropped_lines,
        "skipped_pages": corpus.skipped,
        "files_not_read": corpus.others,
        "readings": _readings(anchored),
        "near_duplicates": _near_duplicates(corpus.groups, pairs),
        "dropped_pairs": [asdict(pair) for pair in pairs],
    }


def _counts(rows: Sequence[Example]) -> dict[str, Any]:
    counts: dict[str, Any] = {"n": len(rows), "n_groups": len({row.group_id for row in rows})}
    for task, labels in LABELS.items():
        found = Counter(row.label(task) for row in rows)
        counts[task] = {label: found[label] for label in labels}
    return counts


def _readings(anchored: AnchoredReadings) -> dict[str, Any]:
    readings: Sequence[Annotation] = anchored.readings
    return {
        "n": len(readings),
        "moved": anchored.moved,
        "lost": [
            {
                "sentence_id": lost.sentence_id,
                "annotators": list(lost.annotators),
                "nearest": lost.nearest.sentence_id if lost.nearest else None,
                "elsewhere": lost.elsewhere,
                "page_is_there": lost.page_is_there,
            }
            for lost in anchored.lost
        ],
    }


def _near_duplicates(groups: Mapping[str, str], pairs: Sequence[DroppedPair]) -> dict[str, int]:
    sizes = Counter(groups.values())
    return {
        "n_groups": len(sizes),
        "n_groups_of_several_pages": sum(n > 1 for n in sizes.values()),
        "n_pages_in_them": sum(n for n in sizes.values() if n > 1),
        "n_sentences_left_out": len({pair.left_out for pair in pairs}),
    }
