"""Labels of several annotators → one decision a sentence, and what is to be said where they differ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from detente.dataset.annotations import ADJUDICATED
from detente.errors import DatasetError
from detente.records import Annotation

_SHOWN = 5


@dataclass(frozen=True)
class Decided:
    """The readings with a decision more for every sentence that several annotators read; ids of those on which they differ."""

    readings: list[Annotation]
    disputed: tuple[str, ...]


def decide(readings: Sequence[Annotation], disputed: str, places: Mapping[str, str]) -> Decided:
    """Add a decision where several read a sentence and no row of ``adjudicated`` decides: what all, or most, of them say.

    A task in which an annotator gives none is none of his affair. Where ``disputed`` is ``skip``, or nobody has a majority, the
    sentence has no label in that task; by ``newest`` only readings on the newest version of the guideline have a vote. Raises
    DatasetError where they differ and ``disputed`` is ``error`` or ``newest``; ``places``: sentence_id → where it stands.
    """
    by_sentence: dict[str, list[Annotation]] = defaultdict(list)
    for reading in readings:
        by_sentence[reading.sentence_id].append(reading)
    decided, differing = [], []
    for sentence_id, candidates in by_sentence.items():
        decided += candidates
        if len(candidates) == 1 or any(each.annotator == ADJUDICATED for each in candidates):
            continue
        voters = _newest(candidates) if disputed == "newest" else candidates
        votes = _votes(voters)
        if any(len(counts) > 1 for counts in votes.values()):
            differing.append(sentence_id)
        decided.append(_decision(voters, votes, disputed))
    if differing and disputed in ("error", "newest"):
        raise DatasetError(_differ(differing, by_sentence, places))
    return Decided(decided, tuple(differing))


def _newest(readings: Sequence[Annotation]) -> list[Annotation]:
    newest = max(reading.guideline_version for reading in readings)
    return [reading for reading in readings if reading.guideline_version == newest]


def _votes(readings: Iterable[Annotation]) -> dict[str, Counter[str]]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for reading in readings:
        for task, label in reading.labels.items():
            votes[task][label] += 1
    return votes


def _decision(readings: Sequence[Annotation], votes: Mapping[str, Counter[str]], disputed: str) -> Annotation:
    labels = {task: label for task, counts in votes.items() if (label := _winner(counts, disputed)) is not None}
    kinds = {reading.annotator_kind for reading in readings}
    how = "majority of" if any(len(counts) > 1 for counts in votes.values()) else "all agree:"
    how = f"on guideline version {readings[0].guideline_version}:" if disputed == "newest" else how
    return replace(
        readings[0],
        annotator=ADJUDICATED,
        annotator_kind="human" if "human" in kinds else "machine",
        labels=labels,
        note=f"{how} {', '.join(reading.annotator for reading in readings)}",
    )


def _winner(counts: Counter[str], disputed: str) -> str | None:
    """The label of all, or, by majority, of more than any other has."""
    (label, n), *others = counts.most_common()
    if not others:
        return label
    return label if disputed == "majority" and n > others[0][1] else None


def _differ(ids: Sequence[str], readings: Mapping[str, Sequence[Annotation]], places: Mapping[str, str]) -> str:
    lines = []
    for sentence_id in ids[:_SHOWN]:
        said = ", ".join(f"{each.annotator}: {'/'.join(each.labels.values())}" for each in readings[sentence_id])
        lines.append(f"  {places[sentence_id]}: {said:.200}")
    lines += [f"  and {len(ids) - _SHOWN} more"] * (len(ids) > _SHOWN)
    n = len(ids)
    return (
        f"on {n} sentence{'s' * (n > 1)} annotators differ:\n" + "\n".join(lines) + "\nDecide in rows of the annotator "
        f"'{ADJUDICATED}', or set data.disputed=majority (the label of most; none where nobody has most) or data.disputed=skip "
        "(no label)."
    )
