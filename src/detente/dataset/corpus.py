"""Pages → what a dataset needs of them, one page at a time, so that of any number only the labelled ones stay in memory."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from detente.articles import Page, extract_articles, split_article
from detente.articles.dates import line_date
from detente.articles.readers import BadPage
from detente.articles.sources import is_table, iterate_pages, kind_of, other_files, source_files
from detente.articles.told import PageOptions, Told
from detente.dataset.duplicates import PageGroups
from detente.errors import ArticleError, ConfigError
from detente.records import Article, DroppedLine, Sentence
from detente.text.legacy import LegacyTexts, legacy_encoding

ARTICLES = "articles.jsonl"
"""Every article of the dataset's pages; with the page's text where that is no file of its own and holds labelled sentences."""
CLEANING = "cleaning.jsonl"
_HOW = "Name the column that holds it: data.{}_column=NAME."
_SHOWN = 10
_MANY = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the pages: the pages that have readings, and the texts that were read."""

    pages: Collection[str]
    texts: Collection[str]


@dataclass(frozen=True, slots=True)
class SkippedPage:
    """A file, or a row of one, that gave no page, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """A line of articles.jsonl: an article's facts, the hash of its page's text, and the text where it is kept."""

    article_id: str
    page_id: str
    source: str
    title: str | None
    date: str | None
    outlet: str | None
    url: str | None
    n_characters: int
    text_sha256: str
    text: str | None

    def without_text(self, title: str | None = None) -> Article:
        """The article as the card tells of it; ``title`` where the line has none."""
        return Article(
            article_id=self.article_id,
            page_id=self.page_id,
            text="",
            paragraphs=(),
            title=title or self.title,
            date=line_date(self.date) if self.date else None,
            outlet=self.outlet,
            url=self.url,
        )


@dataclass
class Corpus:
    """What was found: all articles (without their texts), the sentences of the wanted pages, and the groups of all pages.

    ``elsewhere`` is where the wanted texts stand.
    """

    articles: list[Article] = field(default_factory=list)
    sentences: dict[str, Sentence] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    skipped: list[SkippedPage] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    others: dict[str, int] = field(default_factory=dict)
    legacy: LegacyTexts = field(default_factory=LegacyTexts)
    n_sentences: int = 0
    n_dropped_lines: int = 0


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """Where pages come from. ``leave``: files among them that hold something else; ``bad_page``: error or skip.

    ``pages``: what was said of them.
    """

    articles: Path
    bad_page: str = "skip"
    leave: tuple[Path, ...] = ()
    pages: PageOptions = field(default_factory=PageOptions)


def read_corpus(
    source: SourceOptions, wanted: Wanted, folder: Path, say: Callable[[str], None], *, progress: bool = False
) -> Corpus:
    """Read all pages; what cleaning drops, and the articles, are written into the folder on the way.

    Raises ArticleError if no page holds an article, or, unless ``bad_page`` is ``skip``, for the first one that holds none.
    """
    if source.bad_page not in ("error", "skip"):
        raise ConfigError(f"data.bad_page: expected error or skip, got '{source.bad_page}'.")
    paths = source_files(source.articles, source.leave, "Set data.articles=FOLDER.")
    corpus = Corpus(others=other_files(source.articles, [*paths, *source.leave]))
    groups = PageGroups()
    with ExitStack() as files:
        articles = files.enter_context((folder / ARTICLES).open("w", encoding="utf-8"))
        cleaning = files.enter_context((folder / CLEANING).open("w", encoding="utf-8"))
        for page in _with_progress(paths, source, progress):
            if isinstance(page, Page) and (encoding := legacy_encoding(page.text)):
                corpus.legacy.add(encoding, page.origin)
            found = _cleaned(page, source.pages.told)
            if isinstance(found, BadPage):
                _skip(found, corpus, source, say)
                continue
            assert isinstance(page, Page)
            _keep(page, *found, corpus, wanted, groups)
            _write_articles(page, found[0], articles, keep_text=page.is_extracted and page.page_id in wanted.pages)
            cleaning.writelines(_line(asdict(line)) for line in found[1])
    _report(corpus, source, say)
    if corpus.n_sentences > _MANY:
        say(f"looking for near-copies among {corpus.n_sentences:,} sentences")
    corpus.groups = groups.groups(progress=progress)
    return corpus


def _with_progress(paths: list[Path], source: SourceOptions, progress: bool) -> Iterator[Page | BadPage]:
    from tqdm import tqdm

    pages = iterate_pages(paths, source.pages.wanted(_HOW), source.pages.known_columns(_HOW))
    total = None if any(map(is_table, paths)) else len(paths)
    yield from tqdm(pages, total=total, unit="page", file=sys.stderr, leave=False, disable=None if progress else True)


def _cleaned(page: Page | BadPage, told: Told) -> tuple[tuple[Article, ...], tuple[DroppedLine, ...]] | BadPage:
    if isinstance(page, BadPage):
        return page
    try:
        articles, dropped = extract_articles(page)
        return tuple(map(told.of, articles)), dropped
    except ArticleError as error:
        return BadPage(page.path, page.row, error)


def _skip(bad: BadPage, corpus: Corpus, source: SourceOptions, say: Callable[[str], None]) -> None:
    if source.bad_page == "error":
        raise ArticleError(
            f"{bad.error} To leave such pages out instead, set data.bad_page=skip.", bad.error.reason
        ) from bad.error
    corpus.skipped.append(SkippedPage(bad.origin, bad.error.reason))
    if len(corpus.skipped) <= _SHOWN:
        say(f"skipped: {bad.error}")


def _keep(
    page: Page,
    articles: tuple[Article, ...],
    dropped: tuple[DroppedLine, ...],
    corpus: Corpus,
    wanted: Wanted,
    groups: PageGroups,
) -> None:
    sentences = [sentence for article in articles for sentence in split_article(article)]
    groups.add(page.page_id, [sentence.text for sentence in sentences])
    if page.page_id in wanted.pages:
        corpus.sentences.update({sentence.sentence_id: sentence for sentence in sentences})
    for sentence in sentences:
        if sentence.text in wanted.texts:
            corpus.elsewhere.setdefault(sentence.text, sentence.sentence_id)
    corpus.articles += [replace(article, text="", paragraphs=()) for article in articles]
    corpus.sources[kind_of(page.path)] += 1
    corpus.n_sentences += len(sentences)
    corpus.n_dropped_lines += len(dropped)


def _write_articles(page: Page, articles: tuple[Article, ...], file: TextIO, *, keep_text: bool) -> None:
    for article in articles:
        file.write(article_line(replace(article, text=page.text), page.origin, page.text if keep_text else None))


def article_line(article: Article, source: str, text: str | None) -> str:
    """The line of an article, which has the text of its page, in articles.jsonl; ``text`` is what is kept of it."""
    stored = StoredArticle(
        article_id=article.article_id,
        page_id=article.page_id,
        source=source,
        title=article.title,
        date=article.date.isoformat() if article.date else None,
        outlet=article.outlet,
        url=article.url,
        n_characters=len(article.text),
        text_sha256=text_hash(article.text),
        text=text,
    )
    return _line(asdict(stored))


def told_articles(stored: Iterable[StoredArticle], titles: Mapping[str, str | None] | None = None) -> list[Article]:
    """The articles as the card tells of them, each once; ``titles``: page_id or article_id → title, where lines have none."""
    told: dict[str, Article] = {}
    for each in stored:
        told.setdefault(each.article_id, each.without_text((titles or {}).get(each.article_id)))
    return list(told.values())


def text_hash(text: str) -> str:
    """sha256 of a text's UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _report(corpus: Corpus, source: SourceOptions, say: Callable[[str], None]) -> None:
    """What was left out, counted by reason."""
    reasons = Counter(bad.reason for bad in corpus.skipped)
    counted = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
    for warning in corpus.legacy.warnings("page"):
        say(warning)
    if not corpus.articles:
        raise ArticleError(f"{source.articles}: no page holds an article ({counted or 'there is no page'}).")
    if corpus.skipped:
        n_more = len(corpus.skipped) - _SHOWN
        more = f"; {n_more} of them are not shown above, manifest.json names all" if n_more > 0 else ""
        say(f"{len(corpus.skipped)} of {sum(corpus.sources.values()) + len(corpus.skipped)} pages left out: {counted}{more}")
    if corpus.others:
        kinds = ", ".join(f"{n} {kind}" for kind, n in corpus.others.items())
        say(f"not read, being neither pages nor tables: {kinds}")
