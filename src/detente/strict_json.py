"""The one door for JSON: what is read is checked, typed, and refused with its place and key.

JSON allows more than a file of facts should: a key that stands twice, NaN, halves of characters, any depth, numbers of any
length. ``parse`` refuses those for a value of any shape; ``read`` and ``convert`` make it a frozen dataclass, whose fields'
types (and a ``ValueError`` of its ``__post_init__``) say what is allowed: no key more, none missing, no text for a number.
"""

from __future__ import annotations

import json
import math
import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from detente.errors import DetenteError, InputError, near_miss

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError
    from pydantic_core import ErrorDetails

T = TypeVar("T")
ErrorKind = type[DetenteError]

MAX_DEPTH = 100
"""Lists and objects inside each other; no file of facts nests deeper, and what reads such a value recurses."""
MAX_BYTES = 500_000_000
_MAX_TOLD = 3
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHOWN = reprlib.Repr()
_SHOWN.maxstring = _SHOWN.maxother = 80
_SHOWN.maxlist = _SHOWN.maxdict = 4
_SHOWN.maxlevel = 2


def parse(text: str, where: str, *, error: ErrorKind = InputError, nan_as_null: bool = False) -> Any:
    """The value of a JSON text. Raises ``error`` that begins with ``where`` for what is not JSON, or is it only by licence.

    ``nan_as_null``: NaN and the infinities, which are no JSON but which many programs write, become None instead of an error.
    A byte-order mark is passed over.
    """
    try:
        value = _decoder(nan_as_null).decode(text.removeprefix("\ufeff"))
    except _RefusedError as refused:
        raise error(f"{where}: {refused}") from refused
    except json.JSONDecodeError as wrong:
        line = f"line {wrong.lineno}, " if wrong.lineno > 1 else ""
        raise error(f"{where}: not JSON ({wrong.msg} at {line}column {wrong.colno}).") from wrong
    except ValueError as wrong:  # int() of thousands of digits
        raise error(f"{where}: a number of more digits than can be read; expected at most 4,300.") from wrong
    except RecursionError as wrong:
        raise error(f"{where}: {_TOO_DEEP}") from wrong
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise error(f"{where}: {_TOO_DEEP}")
    if _may_hold_halves(text) and _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise error(f"{where}: half a character (a lone surrogate), or bytes that are not UTF-8; expected UTF-8.")
    return value


def parse_object(text: str, where: str, *, error: ErrorKind = InputError, nan_as_null: bool = False) -> dict[str, Any]:
    """As ``parse``, for a text that must hold an object."""
    value = parse(text, where, error=error, nan_as_null=nan_as_null)
    if not isinstance(value, dict):
        raise error(f"{where}: expected a JSON object, got {type(value).__name__}.")
    return value


def convert(value: object, kind: type[T], where: str, *, error: ErrorKind = InputError, remedy: str = "") -> T:
    """A parsed value as a frozen dataclass, or whatever type pydantic knows. Raises ``error`` that names the keys.

    Types are strict: no ``"1"`` for 1. A key without a field and a field without a key are errors, unless it has a default.
    ``remedy`` ends the message: what to do.
    """
    from pydantic import ValidationError

    fields: Any = kind  # for mypy, to which a type of a type variable is not hashable
    try:
        record: T = _adapter(fields).validate_json(json.dumps(value, ensure_ascii=False), strict=True, extra="forbid")
        return record
    except ValidationError as wrong:
        raise error(f"{where}: {_problems(wrong, kind)}{f' {remedy}' if remedy else ''}") from wrong


def read(path: Path, kind: type[T], *, error: ErrorKind = InputError, remedy: str = "") -> T:
    """A JSON file as a frozen dataclass. Raises ``error`` that names the file and the key."""
    return convert(parse(read_text(path, error=error), str(path), error=error), kind, str(path), error=error, remedy=remedy)


def read_lines(path: Path, kind: type[T], *, error: ErrorKind = InputError, remedy: str = "") -> Iterator[tuple[str, T]]:
    """The lines of a JSONL file as records, one by one, each with its place, empty lines passed over. Raises ``error``."""
    with _told(path, error), path.open(encoding="utf-8-sig", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                where = f"{path}:{number}"
                yield where, convert(parse(line, where, error=error), kind, where, error=error, remedy=remedy)


def read_object(path: Path, *, error: ErrorKind = InputError) -> dict[str, Any]:
    """A JSON file of another program's, whose keys are its own affair. Raises ``error``."""
    return parse_object(read_text(path, error=error), str(path), error=error)


def read_text(path: Path, *, error: ErrorKind = InputError) -> str:
    """The text of a file in UTF-8. Raises ``error`` where it is missing, no file, too large or not UTF-8."""
    with _told(path, error):
        if (size := path.stat().st_size) > MAX_BYTES:
            raise error(f"{path}: {size / 1e6:,.0f} MB; expected at most {MAX_BYTES / 1e6:,.0f} MB.")
        return path.read_text(encoding="utf-8-sig")


@contextmanager
def _told(path: Path, error: ErrorKind) -> Iterator[None]:
    """What keeps a file from being read, as ``error``."""
    if path.is_dir():
        raise error(f"{path}: is a folder; expected a file.")
    try:
        yield
    except FileNotFoundError as wrong:
        raise error(f"{path}: no such file.") from wrong
    except OSError as wrong:
        raise error(f"{path}: cannot be read ({wrong.strerror}).") from wrong
    except UnicodeDecodeError as wrong:
        raise error(f"{path}: not UTF-8 (byte {wrong.object[wrong.start]:#04x}); expected UTF-8.") from wrong


def dumps(value: object, *, indent: int | None = None) -> str:
    """JSON of a frozen dataclass or plain value, in UTF-8's own letters. Raises ValueError for NaN and the infinities."""
    from pydantic_core import to_jsonable_python

    plain = to_jsonable_python(value, inf_nan_mode="constants")
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=indent)


class _RefusedError(ValueError):
    """What this door refuses though the decoder would not."""


_TOO_DEEP = f"lists or objects inside each other more than {MAX_DEPTH} deep."


@cache
def _decoder(nan_as_null: bool) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_object,
        parse_float=_float_or_none if nan_as_null else _float,
        parse_constant=_null if nan_as_null else _constant,
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _RefusedError(f"the key {shown(twice)} stands twice in one object; expected every key once.")
    return values


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _RefusedError(f"the number {shown(text)} is too large to be held.")
    return number


def _float_or_none(text: str) -> float | None:
    number = float(text)
    return None if math.isinf(number) else number


def _constant(name: str) -> None:
    raise _RefusedError(f"{name} is no JSON; expected a number or null.")


def _null(name: str) -> None:
    return None


def _depth(value: object) -> int:
    depth, layer = 0, [value]
    while layer := [child for parent in layer for child in _children(parent)]:
        depth += 1
        if depth > MAX_DEPTH:
            break
    return depth + 1


def _children(value: object) -> Sequence[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _may_hold_halves(text: str) -> bool:
    # Only an escape can hold half a character, or a byte that could not be decoded.
    return "\\u" in text or _SURROGATE.search(text) is not None


def shown(value: object) -> str:
    """A value as a message shows it: cut, so that a message stays one."""
    return _SHOWN.repr(value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _problems(wrong: ValidationError, kind: type) -> str:
    """Up to three problems in one sentence each; keys that are missing together."""
    errors = wrong.errors(include_url=False, include_context=True)
    missing = [_key(each["loc"]) for each in errors if each["type"] == "missing"]
    parts = [f"lacks {_listed(missing)}."] if missing else []
    parts += [_problem(each, kind) for each in errors if each["type"] != "missing"]
    more = f" And {len(parts) - _MAX_TOLD} more." if len(parts) > _MAX_TOLD else ""
    return " ".join(parts[:_MAX_TOLD]) + more


def _problem(each: ErrorDetails, kind: type) -> str:
    key = _key(each["loc"])
    if each["type"] == "unexpected_keyword_argument":
        known = _fields(kind) if len(each["loc"]) == 1 else ()
        expected = f"; expected {', '.join(known)}" if known else ""
        return f"unknown key '{key}'{expected}.{near_miss(key, known)}"
    if each["type"] == "value_error" and not each["loc"]:
        # Of a whole file, which its message tells of better than its first keys do.
        return f"{each['msg'].removeprefix('Value error, ')}."
    message = each["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = message.replace("should be", "expected", 1) if message.startswith("should be") else message
    named = f"'{key}': " if key else ""
    allowed = re.findall(r"'([^']*)'", message) if each["type"] == "literal_error" else ()
    return f"{named}{message}, got {shown(each['input'])}.{near_miss(str(each['input']), allowed)}"


def _key(loc: Sequence[int | str]) -> str:
    return shown(".".join(map(str, loc))).strip("'\"")


def _listed(keys: Sequence[str]) -> str:
    more = len(keys) - 10
    return ", ".join(keys[:10]) + (f" and {more} more" if more > 0 else "")


def _fields(kind: type) -> tuple[str, ...]:
    fields: Mapping[str, object] = getattr(kind, "__dataclass_fields__", {})
    return tuple(fields)
