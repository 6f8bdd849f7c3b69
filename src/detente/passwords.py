"""No password is shown: not in an error, a line of talk, a record of a run or a file beside an output."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

MASK = "***"
_SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
_URIS = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
# Up to the last @ of the word: a password that was not quoted may hold any of :/@ itself. Every part has a limit, or a message
# of one long word would take the square of its length.
_IN_URI = re.compile(
    r"(?P<before>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,40}://[^/:@\s]{0,200}:)(?P<password>[^\s'\"]{0,200})@", re.IGNORECASE
)
_IN_QUERY = re.compile(
    r"(?P<before>[?&][^?=&\s]{0,60}(?:password|passwd|pwd|token|secret)[^=&\s]{0,60}=)(?P<password>[^&\s'\"]+)", re.IGNORECASE
)
_SHORTEST = 4
"""Of a password that is looked for outside of its URI; a shorter one is part of words."""


def without_passwords(text: str, uri: str = "") -> str:
    """A text as it may be shown: passwords in URIs masked, and those of ``uri`` and of mlflow's variables wherever they stand.

    >>> without_passwords("the store at postgresql://an:secret@db/mlflow is down")
    'the store at postgresql://an:***@db/mlflow is down'
    """
    for pattern in (_IN_URI, _IN_QUERY):
        text = pattern.sub(lambda match: match["before"] + MASK + ("@" if match[0].endswith("@") else ""), text)
    for secret in sorted(_secrets(uri), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _secrets(uri: str) -> set[str]:
    """The passwords in use, quoted and not."""
    found = {os.environ.get(name, "") for name in _SECRETS}
    for each in (uri, *(os.environ.get(name, "") for name in _URIS)):
        found |= {match["password"] for pattern in (_IN_URI, _IN_QUERY) for match in pattern.finditer(each)}
    # Of a password that was not quoted, a library takes a part for a host or a port, and shows that part.
    found |= {part for each in found for part in re.split("[:/@?#]", each)}
    return {secret for each in found for secret in (each, unquote(each)) if len(secret) >= _SHORTEST}
