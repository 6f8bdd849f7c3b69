"""Runs of body paragraphs, and which of them make up articles.

A *run* is body paragraphs that no headline or section heading parts. The main article is the first run of some length with
the headline before it. A later run is a second whole article if its headline says what its first paragraphs say, the same
article under a crosshead if it does not, and a teaser if it is one paragraph under a headline of its own. Below the line that
signs an article off (its writer, its source) only whole articles count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from detente.articles.lines import Line, Shape, folded

MIN_ARTICLE_PARAGRAPHS = 2
MIN_ARTICLE_WORDS = 40
"""Prose without two paragraphs in a row makes an article from this many words on; from half of them if its headline says
what it says."""
MAX_TEASERS = 2
"""More single paragraphs than these, each under a headline that announces it, make a list page and no article."""
UNRELATED = 0.4
"""A headline of which the paragraphs below it hold a smaller share is about something else."""
HEADLINE_OVERLAP = 0.7
"""Share of a headline's words that its first two paragraphs must hold for it to announce them."""

_CUT_OFF = re.compile(r"(?<!v\.v)(?:\.\.\.|…)[”\"»’')\]]*$", re.IGNORECASE)


@dataclass
class Run:
    """Body paragraphs in a row, with the headlines that part them from the run before.

    ``boxed``: a section heading stands before it. ``section``: how many lines above it sign an article off.
    """

    heads: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    boxed: bool = False
    section: int = 0
    signed: bool = False

    @property
    def n_words(self) -> int:
        """Words of its paragraphs."""
        return sum(line.n_words for line in self.body)

    @property
    def is_long(self) -> bool:
        """Whether it could be an article by itself."""
        return len(self.body) >= MIN_ARTICLE_PARAGRAPHS

    @property
    def head(self) -> Line | None:
        """The headline that is most about the paragraphs; of those that are about them, the nearest."""
        shares = [(self.overlap(line), line) for line in self.heads]
        if not shares:
            return None
        needed = min(max(share for share, _ in shares), 0.5)
        return next(line for share, line in reversed(shares) if share >= needed)

    @property
    def is_announced(self) -> bool:
        """Whether a headline of five words or more says what the first two paragraphs say."""
        return self.head is not None and len(_words(self.head.text)) > 4 and self.overlap(self.head) >= HEADLINE_OVERLAP

    def overlap(self, line: Line) -> float:
        """Share of a headline's words that the first two paragraphs hold."""
        wanted = _words(line.text)
        found = set(_words(" ".join(paragraph.text for paragraph in self.body[:2])))
        return sum(word in found for word in wanted) / len(wanted) if wanted else 0.0


def find_runs(lines: Sequence[Line], reasons: dict[int, str]) -> list[Run]:
    """The runs of a page; paragraphs that break off are teasers of other articles, and go with a reason."""
    runs = [Run()]
    n_body = 0
    section = 0
    for at, line in enumerate(lines):
        if n_body >= MIN_ARTICLE_PARAGRAPHS and _signs_off(lines, at):
            # The next of two such lines in a row signs nothing more.
            if runs[-1].body:
                runs[-1].signed = True
                section += 1
                runs.append(Run(section=section))
        elif line.shape in {Shape.HEADLINE, Shape.SECTION}:
            if runs[-1].body:
                runs.append(Run(section=section))
            if line.shape is Shape.SECTION:
                runs[-1].boxed = True
                runs[-1].heads.clear()
            else:
                runs[-1].heads.append(line)
        elif line.shape is Shape.BODY:
            runs[-1].body.append(line)
            n_body += 1
    for run, after in zip(runs, [*runs[1:], None], strict=True):
        # An enumeration may end in "…" too: only at the end of the page or above a box does it break off.
        if (after is None or after.boxed or not after.body) and not run.signed:
            while run.body and _CUT_OFF.search(run.body[-1].text) and run.body[-1].n_words >= MIN_ARTICLE_WORDS // 2:
                reasons[run.body.pop().start] = "teaser, cut off"
    return [run for run in runs if run.body]


def assemble(runs: Sequence[Run], reasons: dict[int, str]) -> list[list[Run]]:
    """Runs → articles, each a list of runs; what is in none gets its reason."""
    first = _first(runs)
    if first is None:
        return []
    for run in runs[:first]:
        _drop(run, reasons)
    articles = [[runs[first]]]
    box_seen = False
    for at, run in enumerate(runs[first + 1 :], start=first + 1):
        box_seen = box_seen or run.boxed
        current = articles[-1][-1]
        is_new = run.is_long and (run.is_announced or (run.section > current.section and run.heads and not box_seen))
        if is_new:
            articles.append([run])
            box_seen = False
        elif run.section == current.section and _continues(run, runs[at + 1 :], box_seen=box_seen):
            articles[-1].append(run)
            for head in run.heads:
                reasons[head.start] = "crosshead"
        else:
            _drop(run, reasons)
    return articles


def _first(runs: Sequence[Run]) -> int | None:
    """Where the main article begins; None if the page has none."""
    main = next((at for at, run in enumerate(runs) if run.is_long), None)
    if main is None:
        if sum(run.is_announced for run in runs) > MAX_TEASERS:
            return None
        for at, run in enumerate(runs):
            n_words = sum(later.n_words for later in runs[at:])
            enough = n_words >= MIN_ARTICLE_WORDS or (run.is_announced and 2 * n_words >= MIN_ARTICLE_WORDS)
            if enough and not run.boxed:
                return at
        return None
    # A lead, or single paragraphs under crossheads, before the first long run: none of it announces an article of its own.
    while main > 0 and not runs[main].is_announced and runs[main - 1].heads and not runs[main - 1].boxed:
        main -= 1
    return main


def _continues(run: Run, later: Sequence[Run], *, box_seen: bool) -> bool:
    """Whether a run goes on with the article above it, rather than tease another."""
    if run.is_long:
        return True
    if run.signed or any(other.signed and other.section == run.section for other in later):
        return not (run.boxed and run.is_announced)
    if run.is_announced:
        return not box_seen and any(other.is_long and not other.is_announced and not other.boxed for other in later)
    # Below a box a paragraph under a headline that is about something else goes on with the article around the box.
    return not box_seen or (run.head is not None and run.overlap(run.head) < UNRELATED)


def _signs_off(lines: Sequence[Line], at: int) -> bool:
    """A byline, or a name, below which no paragraph follows directly."""
    if lines[at].shape is not Shape.BYLINE and not is_name(lines[at]):
        return False
    rest = islice(lines, at + 1, None)
    after = next((other for other in rest if other.shape is not Shape.BYLINE and not is_name(other)), None)
    return after is None or after.shape not in {Shape.BODY, Shape.CAPTION}


def is_name(line: Line) -> bool:
    """Two to four capitalised words: whoever wrote it."""
    return line.shape is Shape.LABEL and 2 <= line.n_words <= 4 and all(word[0].isupper() for word in line.text.split())


def _drop(run: Run, reasons: dict[int, str]) -> None:
    for line in [*run.heads, *run.body]:
        reasons[line.start] = "teaser"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))
