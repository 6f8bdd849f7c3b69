"""Articles and annotations → the dataset folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from detente import places
from detente._version import __version__
from detente.articles import extract_articles, read_pages, split_article
from detente.atomic import new_folder
from detente.dataset.annotations import check_texts, decisions, read_annotations, write_annotations
from detente.dataset.card import dataset_card
from detente.dataset.duplicates import THRESHOLD, NearCopy, group_pages, near_copies
from detente.dataset.folder import FORMAT, READINGS, LabelledDataset, read_dataset, rows_digest, write_parquet
from detente.dataset.splits import (
    DroppedPair,
    SplitOptions,
    assign_folds,
    assign_holdout,
    choose_method,
    leave_out_copies,
    pairs_across_folds,
)
from detente.errors import ArticleError, ConfigError, DatasetError
from detente.labels import LABELS
from detente.records import Annotation, Article, DroppedLine, Example, Sentence

_NAME = re.compile(r"[^\W.][\w.-]*")


@dataclass(frozen=True)
class DataOptions:
    """Where the articles and their annotations lie. An empty path means the seeds that come with the package.

    ``name`` names the dataset and its folder; ``label_licence`` goes into the card.
    ``bad_page`` says what happens to a page without an article: ``error`` stops, ``skip`` reports it and goes on.
    """

    name: str = "seeds"
    articles: str = ""
    annotations: str = ""
    label_licence: str = ""
    bad_page: str = "error"


@dataclass(frozen=True)
class BuildOptions:
    """Everything ``detente build`` can be told. ``out`` is datasets/<name> when empty."""

    data: DataOptions = field(default_factory=DataOptions)
    split: SplitOptions = field(default_factory=SplitOptions)
    out: str = ""
    version: str = "1.0.0"


def build_dataset(options: BuildOptions | None = None, say: Callable[[str], None] = lambda line: None) -> LabelledDataset:
    """Build a dataset folder and return what stands in it.

    The folder appears whole or not at all; one that is there already is replaced if it is a dataset. ``say`` is told what
    happens, a line at a time. Raises ArticleError, AnnotationError, DatasetError or ConfigError.
    """
    options = options or BuildOptions()
    data = options.data
    if not _NAME.fullmatch(data.name):
        raise ConfigError(f"data.name: expected letters, digits, '-', '_' and '.', got '{data.name}'. A path goes into out=.")
    out = Path(options.out) if options.out else places.DATASETS / data.name
    _check_replaceable(out)
    annotations = Path(data.annotations) if data.annotations else _default_annotations(data)
    articles, dropped, skipped = _read_articles(data, say)
    sentences = [sentence for article in articles for sentence in split_article(article)]
    readings = read_annotations(annotations)
    check_texts(readings, {sentence.sentence_id: sentence for sentence in sentences})
    copies = near_copies(sentences)
    groups = group_pages(sentences, copies)
    examples = _join(sentences, articles, readings, groups)
    splits, pairs, method = _split(examples, copies, options.split)
    manifest = {
        **_facts(options, splits, readings, method),
        "n_pages": len({article.page_id for article in articles}),
        "n_articles": len(articles),
        "n_sentences": len(sentences),
        "n_unlabelled": len(sentences) - len(examples),
        "n_dropped_lines": len(dropped),
        "skipped_pages": skipped,
        "dropped_pairs": [asdict(pair) for pair in pairs],
    }
    before = _digest_in(out)
    with new_folder(out) as folder:
        for name, rows in splits.items():
            write_parquet(rows, folder / "data" / f"{name}.parquet")
        (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        lines = (json.dumps(asdict(line), ensure_ascii=False) + "\n" for line in dropped)
        (folder / "cleaning.jsonl").write_text("".join(lines), encoding="utf-8")
        (folder / READINGS).write_text(write_annotations(readings), encoding="utf-8")
        (folder / "README.md").write_text(dataset_card(manifest, articles, readings), encoding="utf-8")
    n_groups = len({example.group_id for example in examples})
    say(
        f"{out}: {len(examples)} labelled sentences of {len(articles)} articles on {manifest['n_pages']} pages, "
        f"{n_groups} group{'s' * (n_groups != 1)}; {len(dropped)} lines cleaned away, {len(pairs)} near-copies left out of "
        f"training sides{_replaced(before, manifest['digest'])}"
    )
    return read_dataset(out)


def _split(
    examples: Sequence[Example], copies: Sequence[NearCopy], options: SplitOptions
) -> tuple[dict[str, list[Example]], list[DroppedPair], str]:
    """The splits, what they leave out as near-copies, and the method that was chosen."""
    method = choose_method(options, len({example.group_id for example in examples}))
    if method == "folds":
        rows = assign_folds(examples, options)
        return {"train": rows}, pairs_across_folds(rows, copies), method
    splits, pairs = leave_out_copies(assign_holdout(examples, options), copies)
    return splits, pairs, method


def _facts(
    options: BuildOptions, splits: dict[str, list[Example]], readings: Sequence[Annotation], method: str
) -> dict[str, Any]:
    """What identifies a dataset: its name, version, digest, and how it was made."""
    return {
        "name": options.data.name,
        "version": options.version,
        "format": FORMAT,
        "detente_version": __version__,
        "digest": rows_digest(splits),
        "label_licence": options.data.label_licence or ("" if options.data.articles else "Apache-2.0"),
        "guideline_version": sorted({reading.guideline_version for reading in readings}),
        "split": {**asdict(options.split), "method": method},
        "near_copy_threshold": THRESHOLD,
        "splits": {name: _counts(rows) for name, rows in splits.items()},
    }


def _read_articles(
    data: DataOptions, say: Callable[[str], None]
) -> tuple[list[Article], list[DroppedLine], list[dict[str, str]]]:
    """The articles, the lines in none of them, and the pages that hold none."""
    if data.bad_page not in ("error", "skip"):
        raise ConfigError(f"data.bad_page: expected error or skip, got '{data.bad_page}'.")
    articles: list[Article] = []
    dropped: list[DroppedLine] = []
    skipped: list[dict[str, str]] = []
    for page in read_pages(Path(data.articles) if data.articles else places.SEEDS / "articles"):
        try:
            found, lines = extract_articles(page)
        except ArticleError as error:
            if data.bad_page == "error":
                raise ArticleError(f"{error} To leave such pages out instead, set data.bad_page=skip.") from error
            say(f"skipped: {error}")
            skipped.append({"page_id": page.page_id, "reason": "no article on this page"})
            continue
        articles.extend(found)
        dropped.extend(lines)
    if not articles:
        raise ArticleError(f"{data.articles}: no page holds an article.")
    return articles, dropped, skipped


def _default_annotations(data: DataOptions) -> Path:
    if data.articles:
        raise ConfigError("data.annotations: not set; expected the annotations of data.articles. Set data.annotations=FILE.")
    return places.SEEDS / "annotations.jsonl"


def _join(
    sentences: Sequence[Sentence], articles: Sequence[Article], readings: Sequence[Annotation], groups: dict[str, str]
) -> list[Example]:
    """Sentences with a decided label, in the order of the articles."""
    decided = decisions(readings)
    article_of = {article.article_id: article for article in articles}
    examples = [
        Example(
            sentence_id=sentence.sentence_id,
            article_id=sentence.article_id,
            group_id=groups[sentence.page_id],
            text=sentence.text,
            start=sentence.start,
            end=sentence.end,
            date=article_of[sentence.article_id].date,
            outlet=article_of[sentence.article_id].outlet,
            stance=decided[sentence.sentence_id].stance,
            sentiment=decided[sentence.sentence_id].sentiment,
        )
        for sentence in sentences
        if sentence.sentence_id in decided and (decided[sentence.sentence_id].stance or decided[sentence.sentence_id].sentiment)
    ]
    if not examples:
        raise DatasetError("no sentence has a label; expected at least one. Check data.annotations.")
    return examples


def _counts(rows: Sequence[Example]) -> dict[str, Any]:
    counts: dict[str, Any] = {"n": len(rows), "n_groups": len({row.group_id for row in rows})}
    for task, labels in LABELS.items():
        found = Counter(row.label(task) for row in rows)
        counts[task] = {label: found[label] for label in labels}
    return counts


def _digest_in(out: Path) -> str | None:
    try:
        return str(json.loads((out / "manifest.json").read_text(encoding="utf-8")).get("digest"))
    except (OSError, ValueError, AttributeError):
        return None


def _replaced(before: str | None, digest: str) -> str:
    if before is None or before == digest:
        return ""
    return f"; replaced the dataset that was there ({before[:19]}…)"


def _check_replaceable(out: Path) -> None:
    if out.exists() and not (out / "manifest.json").is_file() and (not out.is_dir() or any(out.iterdir())):
        raise DatasetError(f"{out}: exists and is no dataset folder; it is left as it is. Choose another with out=FOLDER.")
