"""Are invented pages read right? Prints paragraph recall, precision, titles, dates, outlets, and list pages refused, by kind.

    python benchmarks/pages.py [--wrong]

The pages stand in `invented_pages.py`, `invented_sites.py` and `invented_kinds.py`: markup of many sites and years, text of
nobody. Exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from invented_kinds import kind_cases
from invented_pages import Case, cases
from invented_sites import site_cases

from detente.articles import Page, extract_articles, split_article
from detente.articles.sources import iterate_pages
from detente.errors import ArticleError
from detente.records import Article


@dataclass
class Score:
    """Counts over pages: what was right, and of how many."""

    counts: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    wrong: list[str] = field(default_factory=list)

    def add(self, what: str, n_right: int, n: int) -> None:
        self.counts[what][0] += n_right
        self.counts[what][1] += n


def squeezed(text: str) -> str:
    return " ".join(text.split())


def read(case: Case, folder: Path) -> tuple[Article, ...] | str:
    """The articles of a page, or the reason why there are none."""
    path = folder / f"{case.name}{case.suffix}"
    path.write_text(case.source, encoding="utf-8")
    try:
        page = next(iterate_pages([path]))
        return extract_articles(page)[0] if isinstance(page, Page) else page.error.reason
    except ArticleError as error:
        return error.reason


def judge(case: Case, found: tuple[Article, ...] | str, score: Score) -> None:
    """Compare what was read with what is right."""
    if case.gold is None:
        score.add("lists", found == "list page", 1)
        if found != "list page":
            score.wrong.append(f"{case.name}: a list, read as {found if isinstance(found, str) else 'an article'}")
        return
    articles = () if isinstance(found, str) else found
    paragraphs = [squeezed(a.text[s:e]) for a in articles for s, e in a.paragraphs]
    text, body = " ".join(case.gold), " ".join(paragraphs)
    sentences = [squeezed(sentence.text) for article in articles for sentence in split_article(article)]
    lost = [each for each in case.gold if each not in body]
    extra = [each for each in sentences if each not in text]
    score.add("recall", len(case.gold) - len(lost), len(case.gold))
    score.add("precision", len(sentences) - len(extra), len(sentences))
    score.add("one article", len(articles) == 1, 1)
    score.wrong += [f"{case.name}: lost {each!r}" for each in lost] + [f"{case.name}: not its own {each!r}" for each in extra]
    if len(articles) != 1:
        score.wrong.append(f"{case.name}: {len(articles)} articles{f' ({found})' if isinstance(found, str) else ''}")
    for what in ("title", "date", "outlet"):
        right = getattr(case, what)
        if right is not None:
            read_value = getattr(articles[0], what) if articles else None
            score.add(f"{what}s", read_value == right, 1)
            if read_value != right:
                score.wrong.append(f"{case.name}: {what} {read_value!r}, not {right!r}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="list what is wrong")
    parser.add_argument("--only", default="", help="one page, by its name")
    options = parser.parse_args()
    scores: dict[str, Score] = defaultdict(Score)
    with tempfile.TemporaryDirectory() as folder:
        for case in [*cases(), *site_cases(), *kind_cases()]:
            if options.only in ("", case.name):
                judge(case, read(case, Path(folder)), scores[case.kind])
    total = Score()
    for kind, score in scores.items():
        print(f"{kind:10}", *(f"{what} {right}/{n}" for what, (right, n) in score.counts.items()))
        total.wrong += score.wrong
        for what, (right, n) in score.counts.items():
            total.add(what, right, n)
    print(f"{'all':10}", *(f"{what} {right}/{n}" for what, (right, n) in total.counts.items()))
    if options.wrong:
        print(*total.wrong, sep="\n")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
