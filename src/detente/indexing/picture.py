"""An index as a picture, PNG bytes: a time line a group; drawn without pyplot, so that nothing global is touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from detente.evaluation.pictures import is_drawn_by, png_of
from detente.indexing.index import IndexRow, StanceIndex
from detente.indexing.options import ALL
from detente.indexing.periods import following

MAX_GROUPS_SHOWN = 8
_BLUE, _GREY, _LIGHT = "#1f5fa8", "#8a94a0", "#dde8f5"
_LONGEST = 40
_SOFTWARE = "detente index"
"""Stands in the picture's metadata."""


def index_picture(index: StanceIndex) -> bytes:
    """``direction_all`` over time, a panel a group, the groups with most sentences first and no more than eight.

    Grey is what was predicted, hollow where fewer than 30 sentences stand behind it. Blue is what the audit made of it, with
    bars for the 95 % interval where a period has its own; the band over the whole width is the group's over all periods. Of a
    task without poles it is the share of each label, as predicted: a line a label.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [row for row in index.rows if row.measure in _measures(index)]
    groups = _groups([row for row in rows if row.measure == _measures(index)[0]])
    shown = groups[:MAX_GROUPS_SHOWN]
    n_columns = 1 if len(shown) == 1 else 2
    n_lines = -(-len(shown) // n_columns)
    figure = Figure(figsize=(5.2 * n_columns + (2.4 if n_columns == 1 else 0), 0.9 + 2.1 * n_lines), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(n_lines, n_columns, sharex=True, sharey=True, squeeze=False)
    for at, axes in enumerate(panels.flat):
        if at < len(shown):
            _panel(axes, shown[at], rows, index)
            axes.tick_params(labelbottom=at + n_columns >= len(shown))
        else:
            axes.set_visible(False)
    _whole(figure, panels[0, 0], index, len(groups) - len(shown))
    return png_of(figure, _SOFTWARE)


def is_index_picture(path: Path) -> bool:
    """Whether a file is a picture that was drawn here."""
    return is_drawn_by(path, _SOFTWARE)


def _groups(rows: Sequence[IndexRow]) -> list[str]:
    """Those with a dated period, the largest first."""
    sizes: dict[str, int] = {}
    for row in rows:
        if row.start is not None:
            sizes[row.group] = sizes.get(row.group, 0) + row.n_sentences
    return sorted(sizes, key=lambda group: (-sizes[group], group)) or [ALL]


def _measures(index: StanceIndex) -> tuple[str, ...]:
    """What is drawn."""
    return ("direction_all",) if index.task.poles else tuple(f"share_{label}" for label in index.task.labels)


def _panel(axes: Any, group: str, rows: Sequence[IndexRow], index: StanceIndex) -> None:
    own = sorted((row for row in rows if row.group == group and row.start is not None), key=lambda row: str(row.start))
    whole = next((row for row in rows if row.group == group and row.period == ALL), None)
    n = whole.n_sentences if whole is not None else sum(row.n_sentences for row in own)
    axes.set_title(f"{_plain(group)}, n = {n:,}", fontsize=9, loc="left")
    axes.set_ylim(-1.05 if index.task.poles else -0.05, 1.05)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    if not index.task.poles:
        _shares(axes, own, index)
        return
    if whole is not None and whole.low is not None:
        axes.axhspan(whole.low, whole.high, color=_LIGHT, linewidth=0, zorder=0)
        axes.axhline(whole.corrected, color=_BLUE, linewidth=0.8, linestyle="--", zorder=1)
    axes.axhline(0, color=_GREY, linewidth=0.6, zorder=1)
    days, values = _broken(own, index.options.by)
    axes.plot(days, values, color=_GREY, linewidth=1, zorder=2)
    for few, face in ((False, _GREY), (True, "white")):
        found = [row for row in own if row.few == few]
        axes.scatter([r.start for r in found], [r.uncorrected for r in found], s=14, facecolor=face, edgecolor=_GREY, zorder=3)
    _corrected(axes, [row for row in own if row.corrected is not None])


def _shares(axes: Any, rows: Sequence[IndexRow], index: StanceIndex) -> None:
    for at, measure in enumerate(_measures(index)):
        days, values = _broken([row for row in rows if row.measure == measure], index.options.by)
        axes.plot(days, values, linewidth=1.2, zorder=2, **_line(at))


def _line(at: int) -> dict[str, Any]:
    """How the line of a label looks; ten colours, then the same dashed, dotted, ..."""
    return {"color": f"C{at % 10}", "linestyle": ("-", "--", ":", "-.")[at // 10 % 4], "marker": "o", "markersize": 3}


def _corrected(axes: Any, rows: Sequence[IndexRow]) -> None:
    axes.plot([row.start for row in rows], [row.corrected for row in rows], "o", color=_BLUE, markersize=4, zorder=5)
    ranged = [row for row in rows if row.low is not None]
    days = [row.start for row in ranged]
    axes.vlines(days, [row.low for row in ranged], [row.high for row in ranged], color=_BLUE, linewidth=3, alpha=0.35, zorder=4)


def _broken(rows: Sequence[IndexRow], by: str) -> tuple[list[Any], list[float]]:
    """Days and values, with a hole where a period is missing, so that no line is drawn over it."""
    days: list[Any] = []
    values: list[float] = []
    for row in rows:
        if row.start is None or row.uncorrected is None:
            continue
        if days and (after := following(days[-1], by)) != row.start:
            days.append(after)
            values.append(float("nan"))
        days.append(row.start)
        values.append(row.uncorrected)
    return days, values


def _whole(figure: Any, axes: Any, index: StanceIndex, n_left: int) -> None:
    """The title, the legend and what is not shown."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    first, last = axes.get_xlim()
    # Margins beside the years 1 and 9999 would lead out of the calendar.
    axes.set_xlim(max(first, date2num(date.min)), min(last, date2num(date.max)))
    left = f"; {n_left} smaller groups are in the table only" if n_left else ""
    if index.task.poles is None:
        lines = [Line2D([], [], label=_plain(label), **_line(at)) for at, label in enumerate(index.task.labels)]
        figure.legend(handles=lines, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
        figure.supylabel("share of the label, predicted", fontsize=9)
        figure.suptitle(f"{index.task.name} a {index.options.by}{left}", fontsize=10)
        return
    plus, minus = index.task.poles
    figure.supylabel(f"({_plain(plus)} - {_plain(minus)}) / all", fontsize=9)
    marks: list[Any] = [
        Line2D([], [], color=_GREY, marker="o", markersize=4, linewidth=1, label="predicted, uncorrected"),
        Line2D([], [], color=_GREY, marker="o", markersize=4, linewidth=0, markerfacecolor="white", label="n below 30"),
    ]
    if index.audit is not None:
        marks += [
            Line2D([], [], color=_BLUE, marker="o", markersize=4, linewidth=3, alpha=0.6, label="corrected, 95 % interval"),
            Patch(color=_LIGHT, label="corrected, all periods"),
        ]
    figure.legend(handles=marks, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    figure.suptitle(f"Mean direction of {index.task.name} a {index.options.by}{left}", fontsize=10)


def _plain(name: str) -> str:
    """A name as matplotlib is to show it: no formulas, and no room for more than ``_LONGEST`` characters."""
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return short.replace("$", r"\$")
