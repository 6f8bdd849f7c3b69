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


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("while the tensors are written", 2),
        ("before the digest is written", 2),
        ("while the digest is written", 2),
        ("before the oldest goes", 3),
        ("between the oldest's two files", 3),
    ],
)
def test_a_kill_at_each_moment_of_writing_leaves_one_to_go_on_from(tmp_path: Path, moment: str, expected: int) -> None:
    """What lies in the folder after a kill that leaves no time to tidy up; the next ones are written all the same."""
    checkpoints = Checkpoints(tmp_path / "c")
    for number in (1, 2, 3):
        checkpoints.save(number, {"a": torch.full((50,), float(number))}, {"step": number})
        if number == 1:
            oldest = {path: path.read_bytes() for path in checkpoints.folder.iterdir()}
    newest = checkpoints.folder / "000000003.safetensors"
    if moment == "while the tensors are written":
        newest.with_name(".000000003.safetensors.x1.safetensors").write_bytes(newest.read_bytes()[:60])
        newest.unlink()
    if "tensors are" in moment or "digest is" in moment:
        newest.with_suffix(".sha256").unlink()
    if moment == "while the digest is written":
        newest.with_name(".000000003.sha256.x2.sha256").write_text("12")
    for path, content in oldest.items():
        if moment != "between the oldest's two files" or path.suffix == ".sha256":
            path.write_bytes(content)
    found = checkpoints.load()
    assert found is not None
    assert (found.number, found.facts["step"], found.tensors["a"].tolist()) == (expected, expected, [float(expected)] * 50)
    checkpoints.save(4, {"a": torch.zeros(2)}, {"step": 4})
    again = checkpoints.load()
    assert again is not None
    assert again.number == 4


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
