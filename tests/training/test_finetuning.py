from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.dataset import LabelledDataset
from detente.errors import TrainingError
from detente.model.options import ModelOptions
from detente.records import Example
from detente.training.finetuning import FitHooks
from detente.training.fitting import fit
from detente.training.losses import class_weights
from detente.training.options import TrainingOptions, TrainOptions
from detente.training.sides import hold_out_inner_group
from label_sets import STANCE, labelled


def example(group: str, stance: str, text: str = "Nga đàm phán.") -> Example:
    return Example(f"{group}#{text}{stance}", group, group, text, 0, 1, None, None, labelled(stance))


def test_a_fit_is_decided_by_its_seed_and_leaves_the_generators_alone(
    dataset: LabelledDataset, quick: TrainOptions, tiny: Path
) -> None:
    import torch

    rows = dataset.labelled("stance")[:32]
    texts = [row.text for row in dataset.rows[40:50]]
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    expected = (random.random(), np.random.rand(), torch.rand(1).item())
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    first = fit(rows, quick, seed=0, encoder=tiny).score(texts).probs["stance"]
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == expected
    again = fit(rows, quick, seed=0, encoder=tiny).score(texts).probs["stance"]
    other = fit(rows, quick, seed=1, encoder=tiny).score(texts).probs["stance"]
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_learns_what_it_is_shown(dataset: LabelledDataset, tiny: Path) -> None:
    rows = dataset.labelled("stance")[:24]
    losses: list[float] = []
    options = TrainOptions(training=TrainingOptions(method="finetune", epochs=200, learning_rate=3e-3))
    fitted = fit(rows, options, seed=0, encoder=tiny, hooks=FitHooks(on_epoch=lambda epoch, loss: losses.append(loss)))
    predicted = fitted.score([row.text for row in rows]).probs["stance"].argmax(axis=1)
    assert [fitted.info.tasks["stance"][at] for at in predicted] == [row.label("stance") for row in rows]
    assert len(losses) == 200
    assert losses[-1] < 0.1 < losses[0]


def test_class_weights_even_out_the_labels_and_average_to_one() -> None:
    rows = [example("a", "dialogue", str(at)) for at in range(6)] + [example("a", "neutral", str(at)) for at in range(2)]
    weights = class_weights(rows, "stance", ("dialogue", "neutral", "escalation"), "balanced")
    assert weights == pytest.approx([8 / 12, 8 / 4, 0.0])
    assert (6 * weights[0] + 2 * weights[1]) / 8 == pytest.approx(1)
    assert class_weights(rows, "stance", ("dialogue", "neutral", "escalation"), "none") == [1.0, 1.0, 1.0]


def test_the_inner_group_never_takes_a_label_away() -> None:
    rows = [example("a", "dialogue"), example("a", "neutral"), example("b", "escalation"), example("c", "dialogue")]
    rest, inner = hold_out_inner_group(rows, {"stance": STANCE}, seed=0)
    assert {row.group_id for row in inner} == {"c"}
    assert {row.label("stance") for row in rest} == {"dialogue", "neutral", "escalation"}


def test_early_stopping_without_a_group_to_spare_is_refused(quick: TrainOptions, tiny: Path) -> None:
    rows = [example("a", "dialogue"), example("b", "neutral")]
    options = replace(quick, training=replace(quick.training, early_stopping=2))
    with pytest.raises(TrainingError, match=r"cannot spare one without losing a label.*training\.early_stopping=0"):
        fit(rows, options, seed=0, encoder=tiny)


def test_early_stopping_goes_back_to_the_best_epoch(dataset: LabelledDataset, tiny: Path) -> None:
    rows = dataset.labelled("stance")
    epochs: list[int] = []
    options = TrainOptions(training=TrainingOptions(method="finetune", epochs=200, learning_rate=3e-3, early_stopping=2))
    fit(rows, options, seed=0, encoder=tiny, hooks=FitHooks(on_epoch=lambda epoch, loss: epochs.append(epoch)))
    assert 3 <= len(epochs) < 60


def test_a_loss_that_is_no_number_stops_the_fit(dataset: LabelledDataset, tiny: Path) -> None:
    options = TrainOptions(training=TrainingOptions(method="finetune", epochs=3, learning_rate=1e30, max_grad_norm=1e30))
    with pytest.raises(TrainingError, match=r"the training loss is (nan|inf) .*Lower training\.learning_rate"):
        fit(dataset.labelled("stance")[:32], options, seed=0, encoder=tiny)


def test_one_label_only_is_refused() -> None:
    rows = [example("a", "dialogue", str(at)) for at in range(4)]
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"))
    with pytest.raises(TrainingError, match="all 4 training sentences have the stance label 'dialogue'"):
        fit(rows, options, seed=0, encoder=None)
    with pytest.raises(TrainingError, match="no training sentence has a sentiment label"):
        fit([], replace(options, task="sentiment"), seed=0, encoder=None)
