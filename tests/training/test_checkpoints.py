from __future__ import annotations

import resource
from pathlib import Path

import pytest
import torch

from detente.training.checkpoints import Checkpoints, optimizer_tensors, restore_optimizer


def test_the_newest_comes_back_and_two_are_kept(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "c")
    assert checkpoints.load() is None
    for number in (1, 2, 10):
        checkpoints.save(number, {"a": torch.full((2,), float(number))}, {"step": number, "best": float("inf")})
    found = checkpoints.load()
    assert found is not None
    assert (found.number, found.tensors["a"].tolist(), found.facts["step"]) == (10, [10.0, 10.0], 10)
    assert found.facts["best"] == float("inf")
    assert sorted(path.name for path in (tmp_path / "c").glob("*.safetensors")) == [
        "000000002.safetensors",
        "000000010.safetensors",
    ]


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "no digest"])
def test_a_torn_one_is_noticed_and_the_one_before_is_used(tmp_path: Path, damage: str) -> None:
    checkpoints = Checkpoints(tmp_path)
    for number in (1, 2):
        checkpoints.save(number, {"a": torch.arange(100.0)}, {"step": number})
    newest = tmp_path / "000000002.safetensors"
    whole = newest.read_bytes()
    if damage == "no digest":
        newest.with_suffix(".sha256").unlink()
    else:
        newest.write_bytes({"cut": whole[:-7], "changed": whole[:-1] + b"\x01", "empty": b""}[damage])
    found = checkpoints.load()
    assert found is not None
    assert found.facts["step"] == 1


def test_a_full_disk_is_an_error_and_leaves_the_one_before(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, {"a": torch.zeros(4)}, {})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(OSError, match=r"cannot be written|File too large"):
            checkpoints.save(2, {"a": torch.zeros(100_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    found = checkpoints.load()
    assert found is not None
    assert found.number == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_an_optimizer_goes_on_where_it_was() -> None:
    def parameter() -> torch.nn.Parameter:
        return torch.nn.Parameter(torch.ones(3))

    one, other = parameter(), parameter()
    first, second = torch.optim.AdamW([one], lr=0.1), torch.optim.AdamW([other], lr=0.1)
    for _ in range(3):
        one.grad = torch.tensor([1.0, -2.0, 0.5])
        first.step()
    with torch.no_grad():
        other.copy_(one)
    restore_optimizer(second, {name: tensor.clone() for name, tensor in optimizer_tensors(first).items()})
    for optimizer, weight in ((first, one), (second, other)):
        weight.grad = torch.tensor([0.3, 0.3, 0.3])
        optimizer.step()
    assert torch.equal(one, other)
