"""A marked text as a fragment of HTML that asks for no style sheet, and shows what it holds, whatever that is."""

from __future__ import annotations

import re
import unicodedata
from html import escape

from detente.evaluation.blocks import Marked

FAINTEST = 0.1
"""Weights nearer to 0 stay unmarked: a colour that nobody can see would only unsettle the line."""

# Blue and orange are told apart by all common kinds of colour vision; black on either keeps a contrast of 7 and more.
_FOR, _AGAINST = "120, 185, 240", "245, 165, 75"
_KEPT = "\n\t"
# Without the joiners, which hold emoji and some scripts together.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def marked_html(marked: Marked) -> str:
    """A ``<figure>`` with the text and its caption.

    A weight shows as colour, as a line below (solid for, dotted against), as its sign behind the piece and in words to a screen
    reader, so that neither colour nor print decides what can be read. Characters that cannot be seen, or that would turn the
    direction of what follows, are shown by their code point.
    """
    pieces = "".join(_piece(text, weight) for text, weight in marked.pieces)
    caption = f'<figcaption style="font-size:.85em;color:#444">{visible(marked.caption)}</figcaption>' if marked.caption else ""
    return (
        '<figure style="margin:1em 0;color:#111;background:#fff">'
        f'<p dir="auto" style="line-height:1.9;margin:0 0 .3em;white-space:pre-wrap;overflow-wrap:anywhere">{pieces}</p>'
        f"{caption}</figure>"
    )


def visible(text: str) -> str:
    """Text for HTML: escaped, and every character that cannot be seen, or turns the direction of others, as its code point."""
    return escape("".join(f"⟨U+{ord(char):04X}⟩" if _is_unseen(char) else char for char in text))


def _piece(text: str, weight: float) -> str:
    if abs(weight) < FAINTEST or not text:
        return visible(text)
    favours = weight > 0
    colour, line, sign = (_FOR, "solid", "+") if favours else (_AGAINST, "dotted", "\u2212")
    spoken = f"{'for' if favours else 'against'}, weight {abs(weight):.2f}"
    style = (
        f"background:rgba({colour},{0.15 + 0.85 * min(abs(weight), 1):.2f});border-bottom:2px {line} #111;color:#111;"
        "border-radius:2px;padding:0 1px;-webkit-print-color-adjust:exact;print-color-adjust:exact"
    )
    return (
        f'<mark style="{style}" title="{spoken}">{visible(text)}'
        f'<sup aria-label="{spoken}" style="font-size:.7em;font-weight:bold">{sign}</sup></mark>'
    )


def _is_unseen(char: str) -> bool:
    return char not in _KEPT and (unicodedata.category(char) in ("Cc", "Cs") or _UNSEEN.match(char) is not None)
