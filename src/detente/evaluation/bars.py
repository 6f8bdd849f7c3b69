"""Bars of right out of total, as PNG bytes; drawn without pyplot, so that nothing global is touched."""

from __future__ import annotations

import io
from collections.abc import Sequence

_LONGEST = 60
_FILLED, _EMPTY = "#1f5fa8", "#e3e7ec"


def share_bars(names: Sequence[str], parts: Sequence[int], totals: Sequence[int], title: str, label: str) -> bytes:
    """One horizontal bar a name, filled to parts/totals, with the two counts beside it; the first name on top.

    Every bar is as long as every other, for the shares are compared; what a share rests on is the count that it carries.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 1.1 + 0.3 * len(names)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    places = range(len(names))
    shares = [part / total if total else 0.0 for part, total in zip(parts, totals, strict=True)]
    axes.barh(places, [1.0] * len(names), height=0.66, color=_EMPTY)
    axes.barh(places, shares, height=0.66, color=_FILLED)
    for at, (part, total) in enumerate(zip(parts, totals, strict=True)):
        axes.text(1.015, at, f"{part}/{total}", va="center", fontsize=9)
    axes.set_yticks(places, [_plain(name) for name in names], fontsize=9)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, 1.12)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0", "25 %", "50 %", "75 %", "100 %"], fontsize=8)
    axes.set_xlabel(label, fontsize=9)
    axes.set_title(_plain(title), fontsize=10, loc="left")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=144)
    return out.getvalue()


def _plain(name: str) -> str:
    """A name as matplotlib is to show it: no formulas, and no room for more than ``_LONGEST`` characters."""
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return short.replace("$", r"\$")
