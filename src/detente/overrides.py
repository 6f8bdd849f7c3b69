"""key=value as a shell hands it over → what Hydra's grammar takes for the same thing.

Hydra reads values by a grammar of ASCII words, numbers, lists and functions: it stops at ``data.articles=báo`` and reads
``data.name=2025_03`` as the number 202503. Where an option is text, its value is quoted for Hydra and arrives as it was typed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_type_hints

from hydra.core.override_parser.types import Quote, QuotedString

_QUOTED = re.compile(r"""(['"])(?:(?!\1)[^\\]|\\.)*\1""", re.DOTALL)
_CHOICE = re.compile(r"choice\((.*)\)", re.DOTALL)
_TEXTS = (tuple[str, ...], tuple[str, ...] | None)
"""The types of an option that is a list of texts."""
_NAMES = str | tuple[str, ...]
"""The type of an option that is one text or a list of them."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = ("true", "false", "null", "nan", "inf")
_FUNCTION = re.compile(r"(?:range|interval|glob|tag|shuffle|sort)\(.*\)", re.DOTALL)
_LIST = re.compile(r"\[([^\[\]]*)\]", re.DOTALL)


def as_typed(overrides: Sequence[str], options: Any, *, sweep: bool) -> list[str]:
    """The overrides with the values of text options quoted; in a ``sweep`` each of the values that commas part.

    ``options`` is the dataclass of an app. What is quoted already, what deletes a key and other options are left alone.
    """
    kinds = dict(_kinds(options))
    return [_quoted(override, kinds, sweep=sweep) for override in overrides]


def _kinds(options: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of the options and the type of its value."""
    hints = get_type_hints(options)
    for field in dataclasses.fields(options):
        kind = hints[field.name]
        if dataclasses.is_dataclass(kind):
            yield from _kinds(kind, f"{prefix}{field.name}.")
        else:
            yield f"{prefix}{field.name}", kind


def _quoted(override: str, kinds: dict[str, Any], *, sweep: bool) -> str:
    key, equals, value = override.partition("=")
    kind = kinds.get(key.lstrip("+"))
    if not equals or not value:
        return override
    if kind is Any and value.startswith("{"):
        return f"{key}={_text(value)}"  # a mapping: Hydra's grammar has no accents in the names of one
    if kind is str:
        return f"{key}={_swept(value) if sweep else _text(value)}"
    if kind in (*_TEXTS, _NAMES, Any) and (listed := _LIST.fullmatch(value)):
        return f"{key}=[{_each(listed[1])}]"
    if kind in _TEXTS and value != "null" and not sweep:
        return f"{key}=[{_text(value)}]"
    if kind == _NAMES:
        return f"{key}={_each_named(value) if sweep else _name(value)}"
    if kind is Any and value != "null":
        return f"{key}={_each_named(value) if sweep else _text(value)}"
    return override


def _swept(value: str) -> str:
    """The values of a sweep, each as text."""
    if choice := _CHOICE.fullmatch(value):
        return f"choice({_each(choice[1])})"
    return value if _FUNCTION.fullmatch(value) else _each(value)


def _each_named(values: str) -> str:
    """The values of a sweep, each a text or a list of texts: a,[a,b],b."""
    parts = [_LIST.fullmatch(part) or part for part in re.split(r",(?![^\[]*\])", values)]
    return ",".join(_named(part.strip()) if isinstance(part, str) else f"[{_each(part[1])}]" for part in parts)


def _named(value: str) -> str:
    return value if _CHOICE.fullmatch(value) or _FUNCTION.fullmatch(value) else _name(value)


def _name(value: str) -> str:
    """A name, in quotes only where Hydra would take it for something else, since a sweep's jobs are called by it."""
    return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else _text(value)


def _each(values: str) -> str:
    return ",".join(_text(value.strip()) for value in _parted(values)) if values.strip() else values


def _text(value: str) -> str:
    return value if _QUOTED.fullmatch(value) else QuotedString(value, Quote.single).with_quotes()


def _parted(values: str) -> Iterator[str]:
    """The values between commas; a quote at the beginning of one holds commas."""
    at = 0
    while at <= len(values):
        blank = len(values[at:]) - len(values[at:].lstrip())
        quoted = _QUOTED.match(values, at + blank)
        end = values.find(",", quoted.end() if quoted else at)
        end = len(values) if end < 0 else end
        yield values[at:end]
        at = end + 1
