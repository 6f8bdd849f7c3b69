"""Numbers in running text."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """``1 group``, ``2 groups``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
