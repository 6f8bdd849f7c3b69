"""Page → articles, by the shapes of its lines, their repetition and their position.

The rules name no site. A page is a sequence of *runs*: body paragraphs that no headline or section heading parts. The main
article is the first run of some length with the headline before it; a later run is a second whole article if its headline
says what its first paragraphs say, the same article under a crosshead if it does not, and a teaser if it is one paragraph
under a headline of its own. Every character of the page ends up in a paragraph, in a title or in a DroppedLine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date

from detente.articles.lines import Line, Shape, folded, line_date, page_lines
from detente.articles.readers import Page
from detente.errors import ArticleError
from detente.records import Article, DroppedLine, Span

MIN_ARTICLE_PARAGRAPHS = 2
MIN_ARTICLE_WORDS = 40
"""One paragraph alone makes an article from this many words on."""
HEADLINE_OVERLAP = 0.7
"""Share of a headline's words that its first two paragraphs must hold for it to head an article of its own."""

_DATELINE = re.compile(r"^\((?P<outlet>[^()]{2,40})\)\s*[-–—:]\s+")
_END_MARK = re.compile(r"(?<=[.!?…])\s*/\.\s*$|(?<=[.!?…])\s*[■□●◆♦]\s*$")
_SOURCE = re.compile(r"\((?P<outlet>[^()]{2,40})\)\s*$")
_CUT_OFF = re.compile(r"(?<!v\.v)(?:\.\.\.|…)[”\"»’')\]]*$", re.IGNORECASE)
_PARTING = {Shape.HEADLINE, Shape.SECTION, Shape.TIMESTAMP}


@dataclass
class _Run:
    """Body paragraphs in a row, with the lines that part them from the run before."""

    heads: list[Line] = field(default_factory=list)
    after_section: bool = False
    body: list[Line] = field(default_factory=list)

    @property
    def n_words(self) -> int:
        return sum(line.n_words for line in self.body)

    @property
    def is_long(self) -> bool:
        return len(self.body) >= MIN_ARTICLE_PARAGRAPHS

    @property
    def head(self) -> Line | None:
        return self.heads[-1] if self.heads else None

    @property
    def is_announced(self) -> bool:
        """Whether the headline says what the first two paragraphs say."""
        if self.head is None or not self.body:
            return False
        wanted = _words(self.head.text)
        found = _words(" ".join(line.text for line in self.body[:2]))
        return len(wanted) > 4 and sum(word in found for word in wanted) >= HEADLINE_OVERLAP * len(wanted)


def extract_articles(page: Page) -> tuple[tuple[Article, ...], tuple[DroppedLine, ...]]:
    """The whole articles of a page, and every line that is in none of them with the reason.

    Raises ArticleError if the page holds no article.
    """
    lines, alts = page_lines(page.text)
    kept, reasons = _judge(lines, alts)
    runs = _runs(kept)
    bodies = _assemble(runs, reasons)
    if not bodies:
        raise ArticleError(
            f"{page.path}: no article on this page; expected at least {MIN_ARTICLE_PARAGRAPHS} paragraphs of prose, found "
            f"{len(lines)} lines of lists, headlines or captions. Remove the page, or scrape the article itself."
        )
    articles = []
    fragments: list[tuple[int, Span, str]] = []
    for number, runs_of_article in enumerate(bodies, start=1):
        body = [line for run in runs_of_article for line in run.body]
        paragraphs, outlet, cut = _trim(page.text, body)
        fragments.extend(cut)
        title = runs_of_article[0].head
        articles.append(
            Article(
                article_id=page.page_id if number == 1 else f"{page.page_id}.{number}",
                page_id=page.page_id,
                text=page.text,
                paragraphs=tuple(paragraphs),
                title=page.text[title.start : title.end] if title else None,
                date=_date_above(lines, body[0]) if number == 1 else None,
                outlet=outlet or _source_below(lines, body[-1]),
            )
        )
    in_article = {id(line) for runs_of_article in bodies for run in runs_of_article for line in run.body}
    titles = {id(runs_of_article[0].head) for runs_of_article in bodies if runs_of_article[0].head}
    dropped = [
        (line.number, (line.start, line.end), reasons.get(id(line)) or _reason_by_place(line, bodies[-1][-1].body[-1]))
        for line in lines
        if id(line) not in in_article and id(line) not in titles
    ]
    return tuple(articles), tuple(
        DroppedLine(page.page_id, number, start, end, page.text[start:end], reason)
        for number, (start, end), reason in sorted([*dropped, *fragments], key=lambda row: row[1])
    )


def _reason_by_place(line: Line, last: Line) -> str:
    """A label of two to four capitalised words below the last paragraph is its writer's name."""
    is_name = line.shape is Shape.LABEL and line.start > last.end and all(w[0].isupper() for w in line.text.split())
    return Shape.BYLINE.value if is_name and 2 <= line.n_words <= 4 else line.shape.value


def _judge(lines: list[Line], alts: frozenset[str]) -> tuple[list[Line], dict[int, str]]:
    """Settle what neighbours decide: repetitions, picture texts, questions. Returns the lines that stay in play."""
    reasons: dict[int, str] = {}
    seen: set[str] = set()
    kept: list[Line] = []
    for at, line in enumerate(lines):
        key = folded(line.text)
        if line.shape in {Shape.BODY, Shape.HEADLINE, Shape.QUESTION} and key in alts:
            reasons[id(line)] = "headline of a picture link"
        elif line.shape in {Shape.BODY, Shape.HEADLINE, Shape.QUESTION} and key in seen:
            reasons[id(line)] = "repeated line"
        elif line.shape is Shape.QUESTION:
            # Prose asks between paragraphs; a headline asks among headlines, dates and pictures.
            lone = not any(_shape_beside(lines, at, step) in {Shape.BODY, None} for step in (-1, 1))
            kept.append(replace(line, shape=Shape.HEADLINE if lone or at == 0 else Shape.BODY))
            lines[at] = kept[-1]
        else:
            kept.append(line)
        seen.add(key)
    return kept, reasons


def _shape_beside(lines: list[Line], at: int, step: int) -> Shape | None:
    at += step
    while 0 <= at < len(lines) and lines[at].shape is Shape.CAPTION:
        at += step
    return lines[at].shape if 0 <= at < len(lines) else None


def _runs(lines: list[Line]) -> list[_Run]:
    runs = [_Run()]
    for line in lines:
        if line.shape in _PARTING:
            if runs[-1].body:
                runs.append(_Run())
            if line.shape is Shape.HEADLINE:
                runs[-1].heads.append(line)
            elif line.shape is Shape.SECTION:
                runs[-1].after_section = True
                runs[-1].heads.clear()
        elif line.shape is Shape.BODY:
            runs[-1].body.append(line)
    return [run for run in runs if run.body]


def _assemble(runs: list[_Run], reasons: dict[int, str]) -> list[list[_Run]]:
    """Runs → articles, each a list of runs; teasers and their headlines get their reasons."""
    for run in runs:
        while run.body and _CUT_OFF.search(run.body[-1].text) and run.body[-1].n_words >= MIN_ARTICLE_WORDS // 2:
            reasons[id(run.body.pop())] = "teaser, cut off"
    runs = [run for run in runs if run.body]
    main = next((at for at, run in enumerate(runs) if run.is_long), None)
    if main is None:
        main = next((at for at, run in enumerate(runs) if run.n_words >= MIN_ARTICLE_WORDS), None)
    if main is None:
        return []
    first = main
    # A lead parted from the body by a crosshead: its headline is the title, the crosshead announces nothing.
    if main > 0 and not runs[main].is_announced and runs[main - 1].heads and not runs[main].after_section:
        first = main - 1
    articles = [[runs[first]]]
    for run in runs[:first]:
        _drop(run, "teaser", reasons)
    section_seen = False
    for run in runs[first + 1 :]:
        section_seen |= run.after_section
        if run.is_long and run.is_announced:
            articles.append([run])
            section_seen = False
        elif run.is_long or not (run.is_announced or section_seen):
            articles[-1].append(run)
            for head in run.heads:
                reasons[id(head)] = "crosshead"
        else:
            _drop(run, "teaser", reasons)
    return articles


def _drop(run: _Run, reason: str, reasons: dict[int, str]) -> None:
    for line in [*run.heads, *run.body]:
        reasons[id(line)] = reason


def _trim(text: str, body: list[Line]) -> tuple[list[Span], str | None, list[tuple[int, Span, str]]]:
    """Take the agency's dateline off the first paragraph and the agency's end mark off every one."""
    paragraphs: list[Span] = []
    cut: list[tuple[int, Span, str]] = []
    outlet = None
    for line in body:
        start, end = line.start, line.end
        if line is body[0] and (dateline := _DATELINE.match(text[start:end])):
            outlet = dateline["outlet"].strip()
            cut.append((line.number, (start, start + len(dateline.group().rstrip())), "dateline"))
            start += dateline.end()
        if mark := _END_MARK.search(text[start:end]):
            cut.append((line.number, (start + mark.start(), end), "end mark"))
            end = start + mark.start()
        paragraphs.append((start, end))
    return paragraphs, outlet, cut


def _date_above(lines: list[Line], first: Line) -> date | None:
    """The date that a timestamp line above the first paragraph shows; dates in captions are of the picture."""
    dates = [line_date(line.text) for line in lines if line.shape is Shape.TIMESTAMP and line.start < first.start]
    return next((found for found in reversed(dates) if found), None)


def _source_below(lines: list[Line], last: Line) -> str | None:
    """The agency that the source line below an article names in brackets."""
    for line in lines:
        if line.start > last.start:
            if line.shape is Shape.BYLINE:
                source = _SOURCE.search(line.text)
                return source["outlet"].strip() if source else None
            if line.shape in _PARTING:
                return None
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", folded(text))
