"""What a dataset's card says of the table that it was built from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from detente.records import Annotation

if TYPE_CHECKING:
    from detente.dataset.manifest import Manifest

_METHODS = {
    "given": "The splits are those of the table.",
    "folds": "One split, `train`, with the column `fold`: folds by group, a group never being cut.",
    "holdout": "Held-out splits `validation` and `test` by group.",
}


def table_counts(manifest: Manifest) -> str:
    """What stood in the table, and what became of it."""
    table = manifest.table
    assert table is not None
    reasons = Counter(page.reason for page in manifest.skipped_pages)
    counted = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
    parts = [
        f"{table.n_rows} rows, {manifest.n_sentences} sentences, of which {manifest.n_unlabelled} without a decided label are "
        "left out.",
        f"Rows left out: {counted} (named in `manifest.json`)." if reasons else "No row was left out.",
        f"{table.n_conflicts} texts stand there more than once, with different labels." if table.n_conflicts else "",
        f"The dates of {table.n_undated} sentences cannot be read and are left empty." if table.n_undated else "",
        f"Annotators differ on {table.n_disputed} sentences." if table.n_disputed else "",
        f"{table.n_without_text} sentences are left out, since their text was not at hand." if table.n_without_text else "",
    ]
    return " ".join(part for part in parts if part)


def table_splits(manifest: Manifest) -> str:
    """How the sentences of a table were split."""
    table, near = manifest.table, manifest.near_duplicates
    assert table is not None
    named = table.group_column or table.article_column
    group = "The table says which sentences are a group" if named else "A group is a sentence with its near-copies"
    how = _METHODS.get(manifest.split.method, "")
    return (
        f"{how} {group}; there are {near.n_groups}. {near.n_sentences_left_out} training sentences "
        f"nearly copy a held-out one (Jaccard similarity of syllable bigrams from {manifest.near_copy_threshold}) and are left "
        f"out of the training side that faces it. `manifest.json` lists the {len(manifest.dropped_pairs)} pairs."
    )


def text_sources(manifest: Manifest, readings: Iterable[Annotation]) -> str:
    """Where the texts of a labelled corpus of the package come from, and under which licence; empty of any other table."""
    table = manifest.table
    if table is None or not table.sources:
        return ""
    found = Counter(table.source_of(sentence_id) for sentence_id in {reading.sentence_id for reading in readings})
    lines = ["| source | sentences | licence of the text | passed on with the labels |", "| --- | --- | --- | --- |"]
    for each in table.sources:
        lines.append(f"| {each.name} | {found[each]} | {each.licence} | {'yes' if each.passed_on else 'no'} |")
    said = [each.attribution for each in table.sources if each.attribution and found[each]]
    return "\n".join([*lines, *(f"\n{each}" for each in said)])


def drawn(readings: Sequence[Annotation]) -> str:
    """How the sentences were drawn, where readings say it: design, stratum and inclusion probability, with their counts."""
    of_sentence = {each.sentence_id: each for each in readings if each.inclusion_prob is not None}
    if not of_sentence:
        return ""
    counts = Counter((each.design or "", each.stratum or "", each.inclusion_prob) for each in of_sentence.values())
    lines = ["", "| design | stratum | inclusion probability | sentences |", "| --- | --- | --- | --- |"]
    lines += [f"| {design} | {stratum} | {chance} | {n} |" for (design, stratum, chance), n in sorted(counts.items())]
    n_others = len({each.sentence_id for each in readings}) - len(of_sentence)
    others = f" Of {n_others} sentences nothing is known of how they were drawn." if n_others else ""
    return "\n".join([*lines, "", f"`annotations.jsonl` has these with every reading.{others}"])
