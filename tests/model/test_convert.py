from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from detente.errors import InputError, UsageError
from detente.model.convert import convert_to_safetensors, main


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    torch.save({"weight": torch.ones(2)}, folder / "pytorch_model.bin")
    for name in ("config.json", "vocab.txt", "bpe.codes"):
        (folder / name).write_text("{}")
    return folder


def test_a_converted_encoder_takes_the_place_of_nothing_but_one(pickled: Path, tmp_path: Path) -> None:
    convert_to_safetensors(pickled, tmp_path / "new")
    convert_to_safetensors(pickled, tmp_path / "new")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {".detente.json", "bpe.codes", "config.json", "model.safetensors", "vocab.txt"}
    with pytest.raises(UsageError, match="is the input itself"):
        convert_to_safetensors(pickled, pickled)
    with pytest.raises(UsageError, match="holds the input"):
        convert_to_safetensors(pickled, tmp_path)
    shutil.copytree(pickled, tmp_path / "other")
    with pytest.raises(InputError, match=r"other: exists and is no encoder folder of détente's; it holds bpe\.codes"):
        convert_to_safetensors(pickled, tmp_path / "other")
    assert (tmp_path / "other" / "pytorch_model.bin").is_file()


def test_the_command_says_it_in_a_line(pickled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(pickled), str(pickled)]) == 1
    assert "is the input itself" in capsys.readouterr().err
