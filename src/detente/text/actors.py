"""Who a text names: states, alliances and the people who speak for them, by the list in ``seeds/actors.jsonl``.

A name counts where it stands as words of its own and in its own capitals, in any Unicode form and either style of tone marks;
the longest of those that begin at one place. *Nga* is a woman's name too, *Mỹ* the beauty of *Mỹ thuật*, *Anh* a pronoun and
*Pháp* the law of *Pháp luật*: each actor carries the phrases that hold its name and mean something else (``except``). What no
list can tell stays wrong: an *Anh* that opens a sentence, *Paris* as a mere place, a person whose name is not listed. Names in
headline capitals or without their marks are not found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from detente import places, strict_json
from detente.errors import InputError, UsageError, near_miss
from detente.records import Span
from detente.text.normalise import align_normalised, clean_unicode, normalise

MASK = "X"
"""A word of PhoBERT's vocabulary and of the embedded encoder's, on no side and of no kind: *nước X*, *Tổng thống X* read well.

``<mask>`` would not outlive word segmentation, and a word such as *nước* (state) would make states of persons.
"""

KEYS = ("name", "kind", "aliases", "of", "except", "note")
_FIELDS = {"except": "exceptions"}
_LETTER = r"[\w\u0300-\u036f]"


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor and how it is named; ``of`` is the state or organisation that a person speaks for."""

    name: str
    kind: str
    aliases: tuple[str, ...]
    of: str = ""
    exceptions: tuple[str, ...] = ()

    @property
    def party(self) -> str:
        """Whose acts these are: ``of`` for a person, else the actor's own name."""
        return self.of or self.name


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list; ``exceptions`` are called ``except`` there, which Python has another use for."""

    name: str
    kind: Literal["state", "organisation", "bloc", "person"]
    aliases: tuple[str, ...]
    of: str = ""
    exceptions: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError for a name that is none, or for no alias."""
        if not self.aliases or not all(name.strip() for name in (self.name, *self.aliases, *self.exceptions)):
            raise ValueError("expected a name and at least one alias, and letters in all of them")


@dataclass(frozen=True, slots=True)
class Mention:
    """An actor named at ``text[start:end]`` of the raw text."""

    actor: Actor
    start: int
    end: int


def read_actors(path: Path | None = None) -> tuple[Actor, ...]:
    """The list of actors, the seeds' by default. Raises InputError with the line that is wrong."""
    path = path or places.SEEDS / "actors.jsonl"
    lines = strict_json.read_text(path).split("\n")
    actors = [_actor(line, f"{path}:{number}") for number, line in enumerate(lines, start=1) if line.strip()]
    _check_apart(actors, path)
    return tuple(actors)


def mentions(text: str, actors: Sequence[Actor]) -> list[Mention]:
    """Every place where a text names an actor, in order; spans are code points of the text as it came."""
    found = _found(text, actors)
    if not found or clean_unicode(text) == text:  # moving tone marks changes no place
        return [Mention(actor, *span) for actor, span in found]
    aligned = align_normalised(text, normalise(text))
    return [Mention(actor, *aligned.span(*span)) for actor, span in found]


def named(text: str, actors: Sequence[Actor]) -> tuple[str, ...]:
    """The states and organisations that a text names, by themselves or by a person of theirs, each once, in order of mention.

    >>> named("Tổng thống Macron điện đàm với Moskva và Kiev", read_actors())
    ('France', 'Russia', 'Ukraine')
    """
    return tuple(dict.fromkeys(actor.party for actor, _ in _found(text, actors)))


def mask(text: str, actors: Sequence[Actor], token: str = MASK) -> str:
    """The text with one token for every mention of an actor, and all else as it was.

    Masking twice is masking once. Raises UsageError for a token that is no word or is itself a name.

    >>> mask("Tổng thống Macron điện đàm với Moskva", read_actors())
    'Tổng thống X điện đàm với X'
    """
    if not re.fullmatch(r"\w+", token) or mentions(token, actors):
        raise UsageError(f"token: expected one word that names no actor, got {token!r}.")
    pieces, at = [], 0
    for mention in mentions(text, actors):
        pieces += [text[at : mention.start], token]
        at = mention.end
    return "".join([*pieces, text[at:]])


def _found(text: str, actors: Sequence[Actor]) -> list[tuple[Actor, Span]]:
    """Whom a text names, with the span in the normalised text."""
    pattern, by_alias = _compiled(tuple(actors))
    matches = pattern.finditer(normalise(text))
    return [(by_alias[match.group()], match.span()) for match in matches if match.group() in by_alias]


@lru_cache(maxsize=8)
def _compiled(actors: tuple[Actor, ...]) -> tuple[re.Pattern[str], dict[str, Actor]]:
    """A pattern of all names and exceptions, the longest first, and whom a name stands for; an exception is nobody."""
    by_alias = {normalise(alias): actor for actor in actors for alias in actor.aliases}
    known = {*by_alias, *(normalise(phrase) for actor in actors for phrase in actor.exceptions)}
    ordered = "|".join(re.escape(phrase) for phrase in sorted(known, key=lambda phrase: (-len(phrase), phrase)))
    return re.compile(f"(?<!{_LETTER})(?:{ordered or '(?!)'})(?!{_LETTER})"), by_alias


def _actor(line: str, where: str) -> Actor:
    row = strict_json.parse_object(line, where)
    if unknown := sorted(row.keys() - set(KEYS)):
        hint = near_miss(unknown[0], KEYS)
        raise InputError(f"{where}: unknown key {strict_json.shown(unknown[0])}; expected {', '.join(KEYS)}.{hint}")
    facts = {_FIELDS.get(key, key): value for key, value in row.items()}
    found = strict_json.convert(facts, _Line, where)
    return Actor(found.name, found.kind, found.aliases, found.of, found.exceptions)


def _check_apart(actors: Sequence[Actor], path: Path) -> None:
    """Raise InputError if an alias belongs to two actors, or a person speaks for one that is not listed."""
    holders: dict[str, str] = {}
    names = {actor.name for actor in actors}
    for actor in actors:
        if actor.of and actor.of not in names:
            raise InputError(f"{path}: {actor.name} is of '{actor.of}', which is not listed.{near_miss(actor.of, names)}")
        for alias in actor.aliases:
            holder = holders.setdefault(normalise(alias), actor.name)
            if holder != actor.name:
                raise InputError(f"{path}: '{alias}' names both {holder} and {actor.name}; expected one of them.")
