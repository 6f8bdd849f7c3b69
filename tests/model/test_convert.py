from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from detente import places
from detente.errors import InputError, ModelError, UsageError
from detente.model.convert import convert_to_safetensors, main
from detente.model.encoder_files import resolve_encoder
from detente.model.families import load_tokenizer
from tiny_encoders import TINY


@pytest.fixture
def pickled(tmp_path: Path) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    torch.save({"weight": torch.ones(2)}, folder / "pytorch_model.bin")
    shutil.copyfile(places.MINI / "config.json", folder / "config.json")
    for name in ("vocab.txt", "bpe.codes"):
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


def test_shards_become_one_file(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "sharded"
    TINY["bert"](folder)
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    names = sorted(tensors)
    parts = {"model-00001-of-00002.safetensors": names[::2], "model-00002-of-00002.safetensors": names[1::2]}
    for part, held in parts.items():
        save_file({name: tensors[name] for name in held}, folder / part)
    weight_map = {name: part for part, held in parts.items() for name in held}
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    with pytest.raises(ModelError, match=r"weights in shards, which is not read here\. Convert it once"):
        resolve_encoder(str(folder), "")
    convert_to_safetensors(folder, tmp_path / "out")
    again = load_file(tmp_path / "out" / "model.safetensors")
    assert again.keys() == tensors.keys()
    assert all(bool((again[name] == tensors[name]).all()) for name in names)
    index.write_text(json.dumps({"weight_map": {**weight_map, names[0]: "../elsewhere.safetensors"}}))
    with pytest.raises(ModelError, match=r"names \.\./elsewhere\.safetensors; expected files of the folder"):
        convert_to_safetensors(folder, tmp_path / "other")


def test_what_no_command_would_read_is_not_written(tmp_path: Path) -> None:
    TINY["bert"](tmp_path / "encoder")
    path = tmp_path / "encoder" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "quantization_config": {"bits": 4}}))
    with pytest.raises(ModelError, match="quantization_config"):
        convert_to_safetensors(tmp_path / "encoder", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_slow_tokenizer_becomes_fast_and_keeps_its_letters(tmp_path: Path) -> None:
    folder = tmp_path / "slow"
    TINY["bert"](folder)
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in sorted(vocabulary, key=vocabulary.__getitem__)))
    ids = load_tokenizer(folder).ids(["Hai bên nhất trí"])
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(ModelError, match=r"would take away, .*do_lower_case"):
        convert_to_safetensors(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    convert_to_safetensors(folder, tmp_path / "out")
    assert load_tokenizer(tmp_path / "out").ids(["Hai bên nhất trí"]) == ids
