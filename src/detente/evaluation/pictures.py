"""Pictures of scores, as PNG bytes; drawn without pyplot, so that nothing global is touched."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detente.evaluation.abstention import Coverage
from detente.evaluation.calibration import Calibration
from detente.evaluation.scores import Evaluation

DPI = 144
DIRECTIONS = "detente directions"
"""Stands in the metadata of ``direction_picture``'s."""
_BLUE, _GREY, _ORANGE = "#1f5fa8", "#8a94a0", "#c2571a"


def confusion_picture(evaluation: Evaluation, title: str) -> bytes:
    """The confusion matrix: counts in the cells, share of the gold label as the shade."""
    counts = evaluation.confusion
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / totals.clip(min=1)
    n, names = len(evaluation.labels), [label.replace("$", r"\$") for label in evaluation.labels]  # no formulas
    figure, axes = _figure(4.8 + max(0, n - 4) * 0.6, 4.2 + max(0, n - 4) * 0.5)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ticks = range(n)
    crowded = n > 4 or max(map(len, names)) > 14
    axes.set_xticks(ticks, names, **({"rotation": 30, "ha": "right"} if crowded else {}))
    axes.set_yticks(ticks, names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    axes.set_title(title, fontsize=10)
    for row in ticks:
        for column in ticks:
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=shade)
    return _png(figure)


def reliability_picture(calibration: Calibration) -> bytes:
    """How often the most confident label is right, against how confident the model is: before and after scaling."""
    figure, axes = _figure(4.8, 4.2)
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle="--", label="perfectly calibrated")
    for bins, colour, marker, name in (
        (calibration.reliability_before, _ORANGE, "s", "before"),
        (calibration.reliability_after, _BLUE, "o", "after temperature scaling"),
    ):
        axes.plot(
            [own.confidence for own in bins],
            [own.n_right / own.n for own in bins],
            color=colour,
            marker=marker,
            linewidth=0.8,
            label=name,
        )
    for own in calibration.reliability_after:
        axes.annotate(
            f"{own.n_right}/{own.n}", (own.confidence, own.n_right / own.n), (5, -11), textcoords="offset points", fontsize=7
        )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("mean highest probability")
    axes.set_ylabel("share right")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=8, frameon=False)
    return _png(figure)


def abstention_picture(points: Sequence[Coverage]) -> bytes:
    """Macro-F1 and accuracy of the most confident sentences, against the share of all that they are."""
    figure, axes = _figure(4.8, 3.6)
    share = [point.coverage for point in points]
    axes.plot(share, [point.macro_f1 for point in points], color=_BLUE, marker="o", label="macro-F1")
    axes.plot(share, [point.accuracy for point in points], color=_ORANGE, marker="s", label="accuracy")
    axes.set_xlim(0, 1.03)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("share of the sentences that the model answers")
    axes.legend(loc="lower left", fontsize=8)
    return _png(figure)


MAX_GROUPS_SHOWN = 40


def groups_picture(rows: Mapping[str, Evaluation], names: Mapping[str, str]) -> bytes:
    """Share right in every group, a mark a model; beside each group its number of sentences."""
    groups = next(iter(rows.values())).by_group[:MAX_GROUPS_SHOWN]
    figure, axes = _figure(6.4, 1.2 + 0.34 * len(groups))
    places = {score.group_id: at for at, score in enumerate(groups)}
    styles = zip("oD^vs", (_BLUE, _ORANGE, _GREY, "#5b8a3c", "#7d5ba6"), strict=True)
    for (name, own), (marker, colour) in zip(rows.items(), styles, strict=False):
        found = [score for score in own.by_group if score.group_id in places]
        axes.scatter(
            [score.n_right / score.n for score in found],
            [places[score.group_id] for score in found],
            marker=marker,
            color=colour,
            label=name,
            s=34,
            alpha=0.85,
        )
    axes.set_yticks(range(len(groups)), [f"{names.get(s.group_id, s.group_id)} (n = {s.n})" for s in groups], fontsize=8)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.set_xlim(-0.03, 1.03)
    axes.set_xlabel("share right")
    axes.grid(axis="y", color="#e3e7ec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.42 / (1.2 + 0.34 * len(groups)) - 0.08), ncols=3, fontsize=8)
    return _png(figure)


def direction_picture(articles: Mapping[str, Sequence[float]], poles: tuple[str, str]) -> bytes:
    """Each article's sentences in their order, a bar a sentence: the second pole's probability minus the first's, -1 to 1.

    ``articles`` maps a title to the directions of its sentences; a title is cut at 70 characters.
    """
    n = len(articles)
    figure, _ = _figure(7.2, 1.0 + 1.05 * n)
    figure.clear()
    panels = figure.subplots(n, 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (title, directions) in zip(panels, articles.items(), strict=True):
        colours = [_ORANGE if direction > 0 else _BLUE for direction in directions]
        axes.bar(range(1, len(directions) + 1), directions, color=colours, width=0.8)
        axes.axhline(0, color=_GREY, linewidth=0.6)
        axes.set_ylim(-1.05, 1.05)
        axes.set_yticks([-1, 1], poles, fontsize=7)
        short = title[:69] + "…" if len(title) > 70 else title
        axes.set_title(short.replace("$", r"\$"), fontsize=8, loc="left")  # no formulas
    panels[-1].set_xlim(0.4, max(map(len, articles.values())) + 0.6)
    panels[-1].set_xlabel("sentence")
    return png_of(figure, DIRECTIONS)


def _figure(width: float, height: float) -> tuple[Any, Any]:
    """A figure of so many inches, and its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _png(figure: Any) -> bytes:
    return png_of(figure, "detente")


def png_of(figure: Any, software: str) -> bytes:
    """A matplotlib figure as PNG bytes; ``software`` stands in its metadata, so that the picture is known again."""
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, metadata={"Software": software})
    return out.getvalue()


def is_drawn_by(path: Path, software: str) -> bool:
    """Whether a file is a picture with this name in its metadata."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            return str(picture.info.get("Software")) == software
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return False
