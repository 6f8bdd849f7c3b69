"""The dataset's README.md: a Hugging Face card whose YAML types the columns, and a plain account of where it comes from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from detente.dataset.agreement import agreement
from detente.dataset.annotations import ADJUDICATED
from detente.dataset.datasheet import datasheet
from detente.dataset.manifest import Manifest
from detente.dataset.parquet import columns
from detente.dataset.shipped.vietnews import CLONE
from detente.dataset.tables.telling import drawn, table_counts, table_splits, text_sources
from detente.records import Annotation, Article
from detente.tasks import Task

_WITHOUT_TEXT = (
    "**This copy holds no text of the articles.** In place of each text stands its sha256 (of its UTF-8). Whoever has the "
    "articles gets the dataset back, every hash checked: `detente rebuild THIS_FOLDER ARTICLES -o FOLDER`.\n"
)
_WITHOUT_SOME = (
    "**This copy holds no text of {n} of {of} sentences, which may not be passed on.** The sha256 of every text (of its UTF-8) "
    "stands beside it, or in its place. The dataset with all of them, every hash checked: `{clone}`, then "
    "`detente rebuild THIS_FOLDER vietnews -o FOLDER`.\n"
)
_NO_LICENCE = "Nothing was said about the licence of the labels (`data.label_licence`). "


def dataset_card(manifest: Manifest, articles: Sequence[Article], readings: Sequence[Annotation]) -> str:
    """The card, from the manifest and what went into the dataset.

    The datasheet's questions are those of Gebru et al., Datasheets for Datasets (2021).
    """
    parts = [
        _yaml(manifest),
        f"# {manifest.name}, version {manifest.version}\n",
        f"{_what(manifest)}. Built by detente {manifest.detente_version}; the digest over all rows is `{manifest.digest}`.\n",
        _without_text(manifest, readings),
        *(text for task in manifest.tasks.values() if (text := _task(task))),
        _counts(manifest),
        "## How it was split\n",
        _splits(manifest),
        "\n## How it was labelled\n",
        _labelling(readings, manifest),
        _stale(manifest),
        drawn(readings),
        "\n## Where the text comes from\n",
        text_sources(manifest, readings) or _sources(manifest, articles),
        "\n## Datasheet\n",
        datasheet(manifest, articles, readings),
        "\n## Licence\n",
        (f"The labels are under {manifest.label_licence}. " if manifest.label_licence else _NO_LICENCE)
        + _text_licence(manifest),
    ]
    return "\n".join(part for part in parts if part)


def _yaml(manifest: Manifest) -> str:
    """The card's metadata. JSON strings are YAML strings, so names need no quoting rules of their own."""
    types = {"start": "int64", "end": "int64", "date": "date32", "fold": "int64"}
    lines = ["---", "language: vi", "license: other", "task_categories:", "- text-classification"]
    lines += ["pretty_name: " + json.dumps(manifest.name, ensure_ascii=False)]
    lines += ["configs:", "- config_name: default", "  data_files:"]
    for name in manifest.splits:
        lines += [f"  - split: {name}", f"    path: data/{name}.parquet"]
    lines += ["dataset_info:", "  features:"]
    for column in columns(manifest.tasks, manifest.text_columns):
        lines.append(f"  - name: {column}")
        if column in manifest.tasks:
            lines += ["    dtype:", "      class_label:", "        names:"]
            lines += [f"          '{at}': {_string(label)}" for at, label in enumerate(manifest.tasks[column].labels)]
        else:
            lines.append(f"    dtype: {types.get(column, 'string')}")
    return "\n".join([*lines, "---", ""])


def _string(label: str) -> str:
    """A label as YAML, in quotes where it is anything but a plain word."""
    return (
        label
        if re.fullmatch(r"[a-z]{3,}", label) and label not in ("yes", "off", "true", "false", "null")
        else json.dumps(label, ensure_ascii=False)
    )


def _what(manifest: Manifest) -> str:
    """What the rows are."""
    versions = ", ".join(map(str, manifest.guideline_version))
    if len(manifest.guideline_version) > 1:
        versions += " (each reading says by which)"
    if manifest.table and manifest.table.corpus:
        return (
            f"The labelled corpus `{manifest.table.corpus}` of the package: Vietnamese sentences labelled for "
            f"{_labels_of(manifest)} by the annotation guideline, version {versions}"
        )
    if manifest.table:
        return f"Vietnamese sentences from a table, labelled for {_labels_of(manifest)}"
    return (
        f"Sentences of Vietnamese news articles, labelled for {_labels_of(manifest)} by the annotation guideline, version "
        f"{versions}"
    )


def _without_text(manifest: Manifest, readings: Sequence[Annotation]) -> str:
    if not manifest.published_without_text or not manifest.withheld:
        return _WITHOUT_TEXT if manifest.published_without_text else ""
    sentences = {reading.sentence_id for reading in readings}
    n = sum(map(manifest.withholds, sentences))
    return _WITHOUT_SOME.format(n=n, of=len(sentences), clone=CLONE)


def _text_licence(manifest: Manifest) -> str:
    if manifest.table and manifest.table.sources:
        return "The texts are under the licences of their sources, above.\n"
    return f"The sentences belong to {'those who' if manifest.table else 'the outlets that'} published them.\n"


def _labels_of(manifest: Manifest) -> str:
    return " and ".join(f"{task.name} ({', '.join(map(_cell, task.labels))})" for task in manifest.tasks.values())


def _task(task: Task) -> str:
    """What a task means, as its file says it; nothing where it says nothing."""
    lines = [f"- {_cell(label)}: {_cell(text)}" for label, text in task.label_descriptions.items()]
    by = f" Guideline: {_cell(task.guideline)}." if task.guideline else ""
    if not (task.description or lines or by):
        return ""
    return "\n".join([f"*{task.name}*: {_cell(task.description.strip())}{by}".rstrip(), *([""] if lines else []), *lines, ""])


def _counts(manifest: Manifest) -> str:
    labels = [(name, label) for name, task in manifest.tasks.items() for label in task.labels]
    header = ["split", "sentences", "groups", *(f"{task}: {_cell(label)}" for task, label in labels)]
    rows = [
        [name, *(str(n) for n in (counts.n, counts.n_groups, *(counts.labels[task][label] for task, label in labels)))]
        for name, counts in manifest.splits.items()
    ]
    table = ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]]
    counted = table_counts(manifest) if manifest.table else _page_counts(manifest)
    return "\n".join([*table, "", counted, ""])


def _page_counts(manifest: Manifest) -> str:
    n_unlabelled = manifest.n_unlabelled
    return (
        f"{manifest.n_articles} articles on {manifest.n_pages} pages, {manifest.n_sentences} sentences, of which "
        f"{n_unlabelled} without a label are left out. {manifest.n_dropped_lines} lines of the pages are in no "
        f"article; `cleaning.jsonl` holds each with its reason. {_skipped(manifest)}"
    )


def _skipped(manifest: Manifest) -> str:
    reasons = Counter(page.reason for page in manifest.skipped_pages)
    if not reasons:
        return "No page was left out."
    counted = ", ".join(f"{n} {_cell(reason)}" for reason, n in reasons.most_common())
    return f"{len(manifest.skipped_pages)} pages were left out: {counted} (named in `manifest.json`)."


def _splits(manifest: Manifest) -> str:
    pairs = manifest.dropped_pairs
    if manifest.table:
        return table_splits(manifest)
    if manifest.split.method == "folds":
        how = (
            f"One split, `train`, with the column `fold`: {manifest.split.n_folds} folds by group, a group never being "
            "cut. A group is a page, or the pages that carry one text."
        )
    else:
        how = "Held-out splits `validation` and `test` by group: a page, or the pages that carry one text."
    near = manifest.near_duplicates
    return (
        f"{how} {near.n_pages_in_them} pages carry a text that another page carries too and form "
        f"{near.n_groups_of_several_pages} of the {near.n_groups} groups of all pages. {near.n_sentences_left_out} "
        "training sentences nearly copy a held-out one (Jaccard similarity of syllable bigrams from "
        f"{manifest.near_copy_threshold}) and are left out of the training side that faces it. `manifest.json` lists the "
        f"{len(pairs)} pairs."
    )


def _labelling(readings: Sequence[Annotation], manifest: Manifest) -> str:
    kinds = {reading.annotator: reading.annotator_kind for reading in readings}
    counts = Counter(reading.annotator for reading in readings)
    lines = ["| annotator | kind | sentences |", "| --- | --- | --- |"]
    lines += [f"| {_cell(name)} | {kinds[name]} | {counts[name]} |" for name in sorted(counts)]
    overall = agreement(readings, tasks=manifest.tasks, by_rule=False)
    machines = {kinds[name] for name in counts} == {"machine"}
    if machines:
        lines += [
            "",
            "**All readings were made by language models on the guideline, and so was the decision between them "
            f"(`{ADJUDICATED}`). No human has checked them. The errors of two such readings correlate: their agreement is the "
            "consistency of two machine readings, not the quality of the labels and no human ceiling.**",
        ]
    if overall:
        what = "Consistency of two machine readings" if machines else "Agreement"
        lines += [
            "",
            f"{what}:",
            "",
            "| task | annotators | sentences | raw | Cohen's kappa |",
            "| --- | --- | --- | --- | --- |",
        ]
        lines += [
            f"| {row.task} | {', '.join(map(_cell, row.annotators))} | {row.n} | {row.raw.value:.3f} | "
            + (f"{row.kappa.value:.3f} |" if row.kappa.value is not None else f"not defined: {row.kappa.reason} |")
            for row in overall
        ]
    return "\n".join(lines)


def _stale(manifest: Manifest) -> str:
    n_moved, n_lost = len(manifest.readings.moved), len(manifest.readings.lost)
    if not n_moved and not n_lost:
        return ""
    return (
        f"\nPages were scraped again after they were labelled: the labels of {n_moved} sentences moved along with their text, "
        f"{n_lost} sentences were gone and their labels are left out (both named in `manifest.json`)."
    )


def _sources(manifest: Manifest, articles: Sequence[Article]) -> str:
    if manifest.table and not any(article.outlet or article.title or article.date for article in articles):
        return "From a table that says nothing of where its sentences come from: add it here."
    if len(articles) > 50:
        outlets = Counter(article.outlet or "not shown on the page" for article in articles)
        lines = ["| outlet | articles |", "| --- | --- |"]
        return "\n".join([*lines, *(f"| {_cell(outlet)} | {n} |" for outlet, n in outlets.most_common())])
    lines = ["| article | title | date | outlet |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {_cell(a.article_id)} | {_cell(a.title or '')} | {a.date or ''} | {_cell(a.outlet or '')} |" for a in articles
    ]
    return "\n".join([*lines, "", "Date and outlet are given where the page shows them."])


def _cell(text: str) -> str:
    """Scraped text inside a Markdown table: no pipes, no markup."""
    for mark, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("\n", " "), ("\r", " ")):
        text = text.replace(mark, entity)
    return text
