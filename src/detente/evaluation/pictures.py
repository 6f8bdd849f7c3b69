"""Pictures of scores, as PNG bytes; drawn without pyplot, so that nothing global is touched."""

from __future__ import annotations

import io

from detente.evaluation.scores import Evaluation


def confusion_picture(evaluation: Evaluation, title: str) -> bytes:
    """The confusion matrix: counts in the cells, share of the gold label as the shade."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    counts = evaluation.confusion
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / totals.clip(min=1)
    figure = Figure(figsize=(4.8, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ticks = range(len(evaluation.labels))
    axes.set_xticks(ticks, evaluation.labels)
    axes.set_yticks(ticks, evaluation.labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    axes.set_title(title, fontsize=10)
    for row in ticks:
        for column in ticks:
            shade = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=shade)
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=120)
    return out.getvalue()
