"""Which runs of body paragraphs make up articles.

A *run* is body paragraphs that no headline or section heading parts. The main article is the first run of some length with
the headline before it. A later run is a second whole article if it is of some length, too, and its headline, as long as
headlines are, says what its first paragraphs say; the same article under a crosshead if not; and a teaser if it is one
paragraph under a headline of its own. Below the line that signs an article off (its writer, its source) only whole articles
count. What is known to be one article stays one.
"""

from __future__ import annotations

from collections.abc import Sequence

from detente.articles.runs import MIN_ARTICLE_WORDS, Run

MAX_TEASERS = 2
"""More single paragraphs than these, each under a headline that announces it, make a list page and no article."""
LIST_PAGE = "list page"
"""Why a page of teasers holds no article."""
_LIST_HEADLINES = 6
_LIST_HEAD_WORDS = 6
_LIST_TEASER_WORDS = 50
"""Where every paragraph stands alone, so many headlines of six words or more, and paragraphs that hold fewer words than these
on average, are the headlines and teasers of a list; crossheads are shorter, and the parts below them longer."""
UNRELATED = 0.4
"""A headline of which the paragraphs below it hold a smaller share is about something else."""


def assemble(runs: Sequence[Run], reasons: dict[int, str], *, is_one: bool = False) -> list[list[Run]]:
    """Runs → articles, each a list of runs; what is in none gets its reason. ``is_one``: there is one article for certain."""
    first = _first(runs, is_one=is_one)
    if first is None:
        return []
    for run in runs[:first]:
        _drop(run, reasons)
    articles = [[runs[first]]]
    box_seen = below_seen = False
    for at, run in enumerate(runs[first + 1 :], start=first + 1):
        box_seen, below_seen = box_seen or run.boxed, below_seen or run.below
        current = articles[-1][-1]
        is_new = run.opens_article or (run.is_long and run.section > current.section and bool(run.heads) and not box_seen)
        if is_new and not is_one:
            articles.append([run])
            box_seen = below_seen = False
        elif (
            run.section == current.section
            and not run.comments
            and not (below_seen and not run.is_long)
            and _continues(run, runs[at + 1 :], box_seen=box_seen, is_one=is_one)
        ):
            articles[-1].append(run)
            below_seen = False
            for head in run.heads:
                reasons[head.start] = "crosshead"
        else:
            _drop(run, reasons)
    return articles


def _first(runs: Sequence[Run], *, is_one: bool) -> int | None:
    """Where the main article begins; None if the page has none."""
    main = next((at for at, run in enumerate(runs) if run.is_long), None)
    if is_one and 2 * sum(run.n_words for run in runs) >= MIN_ARTICLE_WORDS:
        return 0
    if main is None:
        if sum(run.is_announced for run in runs) > MAX_TEASERS or is_list(runs):
            return None
        for at, run in enumerate(runs):
            n_words = sum(later.n_words for later in runs[at:])
            enough = n_words >= MIN_ARTICLE_WORDS or (run.is_announced and 2 * n_words >= MIN_ARTICLE_WORDS)
            if enough and not run.boxed:
                return at
        return None
    # A lead, or single paragraphs under crossheads, before the first long run: none of it announces an article of its own.
    while main > 0 and not runs[main].opens_article and _leads_to(runs[main - 1], is_top=main == 1):
        main -= 1
    return main


def is_list(runs: Sequence[Run]) -> bool:
    """Whether a page's paragraphs stand one by one, most of them short, below headlines as long as those of articles."""
    headed = [run for run in runs if run.heads]
    if any(run.is_long for run in runs) or len(headed) <= MAX_TEASERS:
        return False
    n_headlines = sum(head.n_words >= _LIST_HEAD_WORDS for run in headed for head in run.heads)
    n_headed = sum(any(head.n_words >= _LIST_HEAD_WORDS for head in run.heads) for run in headed)
    n_words = sum(run.n_words for run in runs)
    return n_headlines >= _LIST_HEADLINES and 3 * n_headed >= 2 * len(runs) and n_words < _LIST_TEASER_WORDS * len(runs)


def _leads_to(run: Run, *, is_top: bool) -> bool:
    """Whether a run above the first long one is of its article; at the top of the page a lead is announced by the title."""
    return not run.boxed and (is_top or (bool(run.heads) and not run.is_announced))


def _continues(run: Run, later: Sequence[Run], *, box_seen: bool, is_one: bool) -> bool:
    """Whether a run goes on with the article above it, rather than tease another."""
    if run.is_long or (is_one and not box_seen):
        return True
    if run.signed or any(other.signed and other.section == run.section for other in later):
        return not (run.boxed and run.is_announced)
    if run.is_announced:
        return not box_seen and any(other.is_long and not other.is_announced and not other.boxed for other in later)
    # Below a box a paragraph under a headline that is about something else goes on with the article around the box.
    return not box_seen or (run.head is not None and run.overlap(run.head) < UNRELATED)


def _drop(run: Run, reasons: dict[int, str]) -> None:
    for line in [*run.heads, *run.body]:
        reasons[line.start] = "teaser"
