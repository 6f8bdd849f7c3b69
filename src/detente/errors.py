"""What can go wrong, as one tree of exceptions.

    DetenteError                 everything this package raises on purpose
    ├── UsageError               the call itself is wrong (exit code 2)
    │   └── ConfigError          a key, a type or a value of the configuration
    ├── InputError               a file or a row a user handed in
    │   ├── ArticleError         a page that is no article
    │   ├── AnnotationError      a row of annotations
    │   └── DatasetError         a dataset folder, its splits or its labels
    ├── TextError                the text path cannot run, or text that does not suit it
    ├── ModelError               a model folder that is incomplete or does not fit
    ├── TrainingError            a fit that cannot start or went wrong
    └── TrackingError            the MLflow store

A message says where, what was expected, what came and what to do; the command line prints it without a traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DetenteError(Exception):
    """Base of all errors raised on purpose."""


class UsageError(DetenteError):
    """The call is wrong: an unknown option, a clash of arguments."""


class ConfigError(UsageError):
    """A configuration key is unknown, missing or of the wrong type."""


class InputError(DetenteError):
    """A file or row handed in by the user cannot be used."""


class ArticleError(InputError):
    """A page holds no article. ``reason`` says why in a few words, for counting."""

    def __init__(self, message: str, reason: str = "no article") -> None:
        super().__init__(message)
        self.reason = reason


class AnnotationError(InputError):
    """An annotation does not follow the format, or does not fit its sentence."""


class DatasetError(InputError):
    """A dataset folder is incomplete, inconsistent or too small for what was asked."""


class TextError(DetenteError):
    """The text path cannot run here, or the text is not what it expects."""


class ModelError(DetenteError):
    """A model folder is incomplete or does not fit this installation."""


class TrainingError(DetenteError):
    """A fit cannot start, or produced nothing usable."""


class TrackingError(DetenteError):
    """The MLflow store refused."""


def near_miss(word: str, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?`` for the closest known word, whatever its case, or an empty string."""
    by_letters = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(word[:_LONGEST].casefold(), list(by_letters), n=1)
    return f" Did you mean '{by_letters[close[0]]}'?" if close else ""


_LONGEST = 80
"""Of a word so much is compared: what is longer is no misspelt name, and comparing takes the square of it."""
