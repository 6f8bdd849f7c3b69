"""Runs of body paragraphs, and which of them make up articles.

A *run* is body paragraphs that no headline or section heading parts. The main article is the first run of some length with
the headline before it. A later run is a second whole article if it is of some length, too, and its headline, as long as
headlines are, says what its first paragraphs say; the same article under a crosshead if not; and a teaser if it is one
paragraph under a headline of its own. Below the line that signs an article off (its writer, its source) only whole articles
count. What is known to be one article stays one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from detente.articles.lines import Line, Shape, folded, is_name

MIN_ARTICLE_PARAGRAPHS = 2
MIN_ARTICLE_WORDS = 40
"""Prose without two paragraphs in a row makes an article from this many words on; from half of them if its headline says
what it says."""
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
HEADLINE_OVERLAP = 0.7
"""Share of a headline's words that its first two paragraphs must hold for it to announce them."""

ARTICLE_HEAD_WORDS = 9
ARTICLE_PARAGRAPHS = 5
"""Words of a headline that may open a second article, and paragraphs below it; crossheads, whose words recur below them, too,
are shorter, and so are their parts."""
_GOES_ON = re.compile(
    r"(?:trước đó|sau đó|tuy nhiên|trong khi đó|cũng|ngoài ra|bên cạnh đó|đồng thời|mặt khác|về phần mình|cùng ngày|theo đó|"
    r"song|nhưng|vì vậy|do đó|hiện|ông|bà|họ|phía)\b",
    re.IGNORECASE,
)
"""How paragraphs begin that go on with an article; none opens one."""
_GLUED_HEADLINE = range(5, 17)
_RECURRING = 0.4

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

    @property
    def opens_article(self) -> bool:
        """Whether it is an article of its own rather than the next part of the one above it."""
        return (
            len(self.body) >= ARTICLE_PARAGRAPHS
            and self.is_announced
            and self.head is not None
            and self.head.n_words >= ARTICLE_HEAD_WORDS
            and not _GOES_ON.match(self.body[0].text)
        )

    def overlap(self, line: Line) -> float:
        """Share of a headline's words that the first two paragraphs hold."""
        wanted = _words(line.text)
        found = set(_words(" ".join(paragraph.text for paragraph in self.body[:2])))
        return sum(word in found for word in wanted) / len(wanted) if wanted else 0.0


def find_runs(lines: Sequence[Line], reasons: dict[int, str]) -> list[Run]:
    """The runs of a page; teasers that break off behind a headline on their own line go with a reason."""
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
        if (after is None or after.boxed or not after.body) and not run.signed:
            while pieces := _cut_off(run.body):
                del run.body[-len(pieces) :]
                reasons |= {piece.start: "teaser, cut off" for piece in pieces}
    return [run for run in runs if run.body]


def assemble(runs: Sequence[Run], reasons: dict[int, str], *, is_one: bool = False) -> list[list[Run]]:
    """Runs → articles, each a list of runs; what is in none gets its reason. ``is_one``: there is one article for certain."""
    first = _first(runs, is_one=is_one)
    if first is None:
        return []
    for run in runs[:first]:
        _drop(run, reasons)
    articles = [[runs[first]]]
    box_seen = False
    for at, run in enumerate(runs[first + 1 :], start=first + 1):
        box_seen = box_seen or run.boxed
        current = articles[-1][-1]
        is_new = run.opens_article or (run.is_long and run.section > current.section and bool(run.heads) and not box_seen)
        if is_new and not is_one:
            articles.append([run])
            box_seen = False
        elif run.section == current.section and _continues(run, runs[at + 1 :], box_seen=box_seen, is_one=is_one):
            articles[-1].append(run)
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


def _cut_off(body: Sequence[Line]) -> list[Line]:
    """The pieces of the last line, if it is a teaser behind its headline that breaks off."""
    pieces = [line for line in body if line.number == body[-1].number]
    text = " ".join(piece.text for piece in pieces)
    return pieces if _CUT_OFF.search(text) and _opens_with_headline(text) else []


def _opens_with_headline(text: str) -> bool:
    """Whether a line begins with a headline whose words the sentence behind it repeats."""
    words = text.split()
    for n in _GLUED_HEADLINE:
        if n + MIN_ARTICLE_WORDS // 4 > len(words):
            return False
        if words[n][:1].isupper() and words[n - 1][-1] not in ",.;:!?…":
            head, rest = _words(" ".join(words[:n])), set(_words(" ".join(words[n:])))
            if sum(word in rest for word in head) >= _RECURRING * len(head):
                return True
    return False


def _signs_off(lines: Sequence[Line], at: int) -> bool:
    """A byline, or a name, below which no paragraph follows directly."""
    if lines[at].shape is not Shape.BYLINE and not is_signature(lines[at]):
        return False
    rest = islice(lines, at + 1, None)
    after = next((other for other in rest if other.shape is not Shape.BYLINE and not is_signature(other)), None)
    return after is None or after.shape not in {Shape.BODY, Shape.CAPTION}


def is_signature(line: Line) -> bool:
    """Whether a line is whoever wrote the article."""
    return line.shape is Shape.LABEL and is_name(line.text)


def _drop(run: Run, reasons: dict[int, str]) -> None:
    for line in [*run.heads, *run.body]:
        reasons[line.start] = "teaser"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))
