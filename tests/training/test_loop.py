from __future__ import annotations

import math
import signal
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from detente.dataset import LabelledDataset
from detente.dataset.segmented import segment_texts
from detente.errors import ConfigError, TrainingError
from detente.model.families import load_tokenizer
from detente.model.network import load_network
from detente.text import TextPath
from detente.training.checkpoints import Checkpoints
from detente.training.finetuning import items_of
from detente.training.loop import Item, Loop, Stop
from detente.training.losses import loss_of
from detente.training.options import TrainingOptions
from detente.training.parameters import adapt, parameter_groups
from detente.training.seeding import seeded
from label_sets import STANCE

QUICK = TrainingOptions(method="finetune", epochs=3, batch_size=8, learning_rate=1e-3, precision="fp32", checkpoint_minutes=0)
TASKS = {"stance": STANCE}


@pytest.fixture(scope="module")
def items(dataset: LabelledDataset, tiny: Path) -> list[Item]:
    rows = dataset.labelled("stance")[:28]
    tokenizer = load_tokenizer(tiny)
    return items_of(rows, segment_texts([row.text for row in rows], TextPath()), TASKS, tokenizer, 256)


def make(tiny: Path, items: list[Item], options: TrainingOptions = QUICK, **others: Any) -> Loop:
    with seeded(0):
        network = adapt(load_network(tiny, 3, dropout=0.1, fresh_head=True), options)
    loss = loss_of(TASKS, {"stance": [1.0, 1.0, 1.0]}, "cross_entropy", 0.0)
    return Loop(network, items, loss, options, seed=0, pad_id=1, **others)


def weights(loop: Loop) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in loop._network.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def stop_after(n_steps: int) -> Callable[[Loop], None]:
    """Break a loop off in the middle of a step, after so many whole ones."""

    def patch(loop: Loop) -> None:
        step, done = loop._step, [0]

        def broken(rows: Any) -> float:
            done[0] += 1
            if done[0] > n_steps:
                raise RuntimeError("killed")
            return step(rows)

        loop._step = broken  # type: ignore[method-assign]

    return patch


@pytest.mark.parametrize("n_steps", [1, 4, 7, 11])
def test_a_fit_that_was_cut_ends_with_the_same_weights(tiny: Path, items: list[Item], tmp_path: Path, n_steps: int) -> None:
    whole = make(tiny, items)
    epochs: list[tuple[int, float]] = []
    whole._on_epoch = lambda epoch, loss: epochs.append((epoch, loss))
    assert whole.run().stopped == "all epochs done"
    assert [epoch for epoch, _ in epochs] == [1, 2, 3]
    cut = make(tiny, items, checkpoints=Checkpoints(tmp_path))
    stop_after(n_steps)(cut)
    with pytest.raises(RuntimeError, match="killed"):
        cut.run()
    torch.rand(100)  # whatever happened to the generators in between
    again_epochs: list[tuple[int, float]] = []
    again = make(
        tiny, items, checkpoints=Checkpoints(tmp_path), on_epoch=lambda epoch, loss: again_epochs.append((epoch, loss))
    )
    again.run()
    assert same(weights(again), weights(whole))
    assert again_epochs == epochs[-len(again_epochs) :]


def test_an_interrupt_waits_for_the_end_of_the_step(tiny: Path, items: list[Item], tmp_path: Path) -> None:
    whole = make(tiny, items)
    whole.run()
    rarely = replace(QUICK, checkpoint_minutes=60)
    cut = make(tiny, items, rarely, checkpoints=Checkpoints(tmp_path))
    backward = cut._backward

    def interrupted(rows: Any, batch_size: int) -> float:
        if cut.state.step == 6:
            signal.raise_signal(signal.SIGINT)
        return backward(rows, batch_size)

    cut._backward = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    again = make(tiny, items, rarely, checkpoints=Checkpoints(tmp_path))
    again._resume()
    assert again.state.step == 7
    again.run()
    assert same(weights(again), weights(whole))


def test_early_stopping_goes_on_with_its_best_weights(tiny: Path, items: list[Item], tmp_path: Path) -> None:
    options = replace(QUICK, epochs=6, early_stopping=2, learning_rate=5e-3)
    whole = make(tiny, items[:20], options, inner=items[20:])
    whole.run()
    cut = make(tiny, items[:20], options, inner=items[20:], checkpoints=Checkpoints(tmp_path))
    stop_after(5)(cut)
    with pytest.raises(RuntimeError, match="killed"):
        cut.run()
    again = make(tiny, items[:20], options, inner=items[20:], checkpoints=Checkpoints(tmp_path))
    assert vars(again.run()) == vars(whole.state)
    assert same(weights(again), weights(whole))


def test_every_sentence_once_an_epoch_in_batches_of_like_length(tiny: Path, items: list[Item]) -> None:
    loop = make(tiny, items)
    for epoch in range(3):
        batches = loop._order(epoch)
        assert sorted(row for batch in batches for row in batch) == list(range(len(items)))
        assert sorted(map(len, batches)) == [4, 8, 8, 8]
    lengths = [sorted(len(items[row].ids) for row in batch) for batch in loop._order(0)]
    spread = sum(own[-1] - own[0] for own in lengths) / len(lengths)
    everywhere = max(len(item.ids) for item in items) - min(len(item.ids) for item in items)
    assert spread < everywhere / 2
    assert loop._order(0) != loop._order(1)


def test_the_learning_rate_rises_and_falls(tiny: Path, items: list[Item]) -> None:
    loop = make(tiny, items, replace(QUICK, epochs=5, warmup=0.25))
    found = []
    for step in range(20):
        loop.state.step = step
        found.append(loop._schedule())
    assert found[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert found[5] == 1.0
    assert found[19] == pytest.approx(1 / 15)
    assert all(later < earlier for earlier, later in pairwise(found[5:]))


def test_a_checkpoint_that_cannot_be_written_is_said_and_training_goes_on(
    tiny: Path, items: list[Item], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    said: list[str] = []
    loop = make(tiny, items, replace(QUICK, epochs=1), checkpoints=Checkpoints(tmp_path / "file"), say=said.append)
    assert loop.run().epoch == 1
    assert said[0].startswith("checkpoint not written, training goes on without it")


def test_time_runs_out_cleanly(tiny: Path, items: list[Item]) -> None:
    loop = make(tiny, items, deadline=0.0)
    state = loop.run()
    assert state.step == 1
    assert (state.stopped, state.step, state.stopped is Stop.TIME) == ("training.max_minutes: time is up", 1, True)
    assert not loop._network.training


def test_out_of_memory_halves_what_is_read_at_once_and_changes_nothing_else(tiny: Path, items: list[Item]) -> None:
    still = replace(QUICK, epochs=1)
    said: list[str] = []
    loop = make(tiny, items, still, say=said.append)
    for dropout in (module for module in loop._network.modules() if isinstance(module, torch.nn.Dropout)):
        dropout.p = 0.0
    backward = loop._backward

    def small_memory(rows: Any, batch_size: int) -> float:
        if len(rows) > 3:
            raise torch.cuda.OutOfMemoryError
        return backward(rows, batch_size)

    loop._backward = small_memory  # type: ignore[method-assign]
    state = loop.run()
    assert (state.epoch, loop._micro) == (1, 2)
    assert said == [f"out of memory: batches of 8 are read {n} at a time from here on" for n in (4, 2)]
    loop._micro = 1
    loop._backward = lambda rows, batch_size: (_ for _ in ()).throw(torch.cuda.OutOfMemoryError())  # type: ignore[method-assign]
    with pytest.raises(TrainingError, match="does not hold a single sentence"):
        loop._step([0])


def test_layers_learn_more_slowly_the_lower_they_are(tiny: Path) -> None:
    network = load_network(tiny, 3, dropout=0.0, fresh_head=True)
    options = replace(QUICK, learning_rate=1.0, layer_decay=0.5, weight_decay=0.1)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    rates: dict[str, tuple[float, float]] = {}
    for group in parameter_groups(network, options):
        rates.update({names[id(parameter)]: (group["lr"], group["weight_decay"]) for parameter in group["params"]})
    assert rates["classifier.out_proj.weight"] == (1.0, 0.1)
    assert rates["classifier.out_proj.bias"] == (1.0, 0.0)
    assert rates["roberta.encoder.layer.1.output.dense.weight"] == (0.5, 0.1)
    assert rates["roberta.encoder.layer.0.output.LayerNorm.weight"] == (0.25, 0.0)
    assert rates["roberta.embeddings.word_embeddings.weight"] == (0.125, 0.1)
    assert len(rates) == len(names)


@pytest.mark.parametrize(
    ("options", "frozen"),
    [
        (replace(QUICK, freeze_embeddings=True), ("roberta.embeddings",)),
        (replace(QUICK, freeze_layers=1), ("roberta.embeddings", "roberta.encoder.layer.0.")),
        (replace(QUICK, freeze_layers=2), ("roberta.embeddings", "roberta.encoder.layer.")),
    ],
)
def test_frozen_parts_stay_as_they_are(
    tiny: Path, items: list[Item], options: TrainingOptions, frozen: tuple[str, ...]
) -> None:
    loop = make(tiny, items, replace(options, epochs=1))
    before = weights(loop)
    loop.run()
    for name, tensor in weights(loop).items():
        assert torch.equal(tensor, before[name]) == name.startswith(frozen), name


def test_more_frozen_layers_than_there_are(tiny: Path) -> None:
    with pytest.raises(ConfigError, match=r"the encoder has 2 layers, 3 cannot be frozen.*training=probe"):
        adapt(load_network(tiny, 3, fresh_head=True), replace(QUICK, freeze_layers=3))


def test_lora_is_merged_exactly_and_leaves_the_rest_as_it_was(tiny: Path, items: list[Item]) -> None:
    from detente.training.lora import merged

    options = replace(QUICK, method="lora", learning_rate=1e-2)
    loop = make(tiny, items, options)
    before = {name.removeprefix("base_model.model."): tensor for name, tensor in weights(loop).items()}
    n_trained = sum(parameter.numel() for parameter in loop._trained.values())
    # Rank 8 beside two 32 × 32 matrices in each of two layers, and the head.
    assert n_trained == 2 * 2 * (8 * 32 + 32 * 8) + (32 * 32 + 32) + (3 * 32 + 3)
    loop.run()
    batch = {"input_ids": torch.tensor([items[0].ids]), "attention_mask": torch.ones(1, len(items[0].ids), dtype=torch.long)}
    with torch.no_grad():
        expected = loop._network(**batch).logits
        network = merged(loop._network).eval()
        assert torch.allclose(network(**batch).logits, expected, atol=1e-5)
    assert type(network).__name__ == "RobertaForSequenceClassification"
    state = network.state_dict()
    changed = {name for name in state if not torch.equal(state[name], before.get(name, state[name]))}
    assert changed <= {name for name in state if ".query." in name or ".value." in name or name.startswith("classifier")}
    assert not math.isnan(float(expected.sum()))
