"""Keeping underthesea from loading torch, in a file that imports nothing: `detente --help` answers at once."""

from __future__ import annotations

import sys


def without_translator() -> None:
    """Keep underthesea from loading torch for its translator: three seconds and 300 MB that segmentation does not need.

    For processes that are détente's own, for afterwards ``underthesea.translate`` is None in them.
    """
    if "underthesea" not in sys.modules:
        # None in sys.modules makes an import fail, which underthesea takes for an optional part that is not installed.
        sys.modules.setdefault("underthesea.pipeline.translate", None)  # type: ignore[arg-type]
