"""The options that say of a table of articles in which columns its facts stand: the same for every command that reads pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

_COLUMNS = ("title", "date", "outlet", "url")


def page_columns(default: str | None = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Options for the columns of title, date, outlet and address; named as in ``PageOptions``, whose values they begin with.

    ``default`` None: what is not named stays None, for the caller to know better.
    """

    def decorated(command: Callable[..., Any]) -> Callable[..., Any]:
        for name in reversed(_COLUMNS):
            usual = None if default is None else name
            text = f"Of a table of articles: the column of its {name}.{' [as it was built]' * (default is None)}"
            option = click.option(f"--{name}-column", default=usual, show_default=usual is not None, help=text)
            command = option(command)
        return command

    return decorated
