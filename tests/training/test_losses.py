from __future__ import annotations

import math

import pytest
import torch

from detente.records import Example
from detente.training.losses import MISSING, class_weights, loss_of, targets_of
from label_sets import LABELS, STANCE, labelled

EVEN = {"stance": [1.0, 1.0, 1.0], "sentiment": [1.0, 1.0, 1.0]}


def example(stance: str | None, sentiment: str | None) -> Example:
    return Example("a#1", "a", "a", "Nga.", 0, 1, None, None, labelled(stance, sentiment))


def test_targets_are_places_in_the_order_of_the_labels() -> None:
    assert targets_of(example("escalation", None), LABELS) == [2, MISSING]
    assert targets_of(example("neutral", "negative"), LABELS) == [1, 0]


def test_a_missing_label_adds_nothing() -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0, 0.5, 0.0, -1.0], [0.0, 0.0, 0.0, 9.0, 9.0, 9.0]])
    joint = loss_of(LABELS, EVEN, "cross_entropy", 0.0)
    alone = loss_of({"stance": STANCE}, EVEN, "cross_entropy", 0.0)
    both = torch.tensor([[2, MISSING], [0, MISSING]])
    assert float(joint(logits, both)) == pytest.approx(float(alone(logits[:, :3], both[:, :1])))
    # By hand: -ln softmax(1, 2, 3)[2] and -ln 1/3.
    expected = -math.log(math.exp(3) / (math.exp(1) + math.exp(2) + math.exp(3))) + math.log(3)
    assert float(joint(logits, both)) == pytest.approx(expected, abs=1e-6)
    none = torch.tensor([[MISSING, MISSING]])
    for kind in ("cross_entropy", "ordinal"):
        logits = torch.zeros(1, 6, requires_grad=True)
        loss_of(LABELS, EVEN, kind, 0.1)(logits, none).backward()
        assert not logits.grad.any()


def test_the_ordinal_loss_by_hand() -> None:
    loss = loss_of({"stance": STANCE}, {"stance": [1.0, 1.0, 2.0]}, "ordinal", 0.0)
    even = torch.zeros(1, 3)
    # Cumulative (1/3, 2/3, 1) against (1, 1, 1): 4/9 + 1/9; against (0, 0, 1), weighing 2: 2 (1/9 + 4/9).
    assert float(loss(even, torch.tensor([[0]]))) == pytest.approx(5 / 9)
    assert float(loss(even, torch.tensor([[2]]))) == pytest.approx(10 / 9)
    far, near = torch.tensor([[-9.0, -9.0, 9.0]]), torch.tensor([[-9.0, 9.0, -9.0]])
    gold = torch.tensor([[0]])
    assert float(loss(far, gold)) == pytest.approx(2, abs=1e-5)
    assert float(loss(near, gold)) == pytest.approx(1, abs=1e-5)


def test_class_weights_count_rows_with_a_label_only() -> None:
    rows = [example("dialogue", None)] * 6 + [example("neutral", None)] * 2 + [example(None, "negative")] * 5
    assert class_weights(rows, "stance", STANCE, "balanced") == pytest.approx([8 / 12, 8 / 4, 0.0])
