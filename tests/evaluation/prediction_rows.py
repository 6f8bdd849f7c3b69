"""Prediction rows for tests of what is made of them."""

from __future__ import annotations

from typing import Any

NAMES = {"d": "dialogue", "n": "neutral", "e": "escalation", "-": None}


def row(at: int, gold: str, predicted: str, group: str = "a", text: str = "", prob: float = 0.8, **more: Any) -> dict[str, Any]:
    """A prediction row: labels by their first letter, ``prob`` on the predicted one and the rest shared."""
    others = (1 - prob) / 2
    probs = {f"stance_prob_{label}": prob if letter == predicted else others for letter, label in NAMES.items() if label}
    return {
        "sentence_id": f"{group}#{at}",
        "article_id": group,
        "group_id": group,
        "text": text or f"Câu {at}.",
        "start": at,
        "end": at + 1,
        "date": None,
        "outlet": None,
        "stance": NAMES[gold],
        "sentiment": None,
        "stance_pred": NAMES[predicted],
        **probs,
        "seed": 0,
        **more,
    }
