"""Runs of body paragraphs: those in a row that no headline or section heading parts, with the headlines above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice

from detente.articles.lines import Line
from detente.articles.shapes import Shape, folded, is_name, stands_below

MIN_ARTICLE_PARAGRAPHS = 2
HEADLINE_OVERLAP = 0.7
"""Share of a headline's words that its first two paragraphs must hold for it to announce them."""

MIN_ARTICLE_WORDS = 40
"""Prose without two paragraphs in a row makes an article from this many words on; from half of them if its headline says
what it says."""
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

    ``boxed``: a section heading stands before it; ``below``: one that stands below articles, or that of the comments; then
    ``comments``. ``section``: how many lines above it sign an article off.
    """

    heads: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    boxed: bool = False
    below: bool = False
    comments: bool = False
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
    comments = _comments_from(lines)
    for at, line in enumerate(lines):
        if n_body >= MIN_ARTICLE_PARAGRAPHS and _signs_off(lines, at):
            # The next of two such lines in a row signs nothing more.
            if runs[-1].body:
                runs[-1].signed = True
                section += 1
                runs.append(Run(section=section, comments=runs[-1].comments))
        elif line.shape in {Shape.HEADLINE, Shape.SECTION, Shape.COMMENTS}:
            if runs[-1].body:
                runs.append(Run(section=section, comments=runs[-1].comments))
            if line.shape is not Shape.HEADLINE:
                runs[-1].boxed = True
                runs[-1].below = runs[-1].below or line.shape is Shape.COMMENTS or stands_below(line.text)
                runs[-1].comments = runs[-1].comments or at == comments
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


def _comments_from(lines: Sequence[Line]) -> int | None:
    """Where the comments begin: at their heading, if most of the prose is above it; at the top there may be a link to it."""
    above = list(accumulate((line.n_words if line.shape is Shape.BODY else 0 for line in lines), initial=0))
    return next((at for at, line in enumerate(lines) if line.shape is Shape.COMMENTS and 2 * above[at] > above[-1]), None)


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


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))
