from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from detente import places
from detente.errors import ModelError
from detente.model.phobert import ENCODER_FILES, encode, load_network, load_tokenizer, resolve_encoder
from detente.text import TextPath

VOCAB_SIZE = json.loads((places.MINI / "config.json").read_text())["vocab_size"]


def mini_copy(folder: Path, *without: str) -> Path:
    folder.mkdir()
    for name in ENCODER_FILES:
        if name not in without:
            shutil.copyfile(places.MINI / name, folder / name)
    return folder


def test_the_embedded_encoder_is_small_and_complete() -> None:
    assert resolve_encoder(str(places.MINI), "") == places.MINI
    assert sum(path.stat().st_size for path in places.MINI.iterdir()) < 3_000_000
    assert (places.MINI / "README.md").is_file()


def test_text_past_the_limit_is_cut_where_the_tokenizer_would_not(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(places.MINI, VOCAB_SIZE)
    encoded = encode(tokenizer, ["Nga " * 254, "Nga " * 255, "Nga " * 9], 256)
    assert encoded.n_tokens == [256, 257, 11]
    assert encoded.truncated == [False, True, False]
    assert [len(ids) for ids in encoded.ids] == [256, 256, 11]
    assert all((ids[0], ids[-1]) == (0, 2) for ids in encoded.ids)


def test_the_model_takes_256_ids() -> None:
    import torch

    network = load_network(places.MINI, 3, fresh_head=True).eval()
    assert network(torch.full((1, 256), 5)).logits.shape == (1, 3)
    assert network.dtype == torch.float32


@pytest.mark.parametrize("name", ["vocab.txt", "bpe.codes"])
def test_the_five_token_trap_is_closed(tmp_path: Path, name: str) -> None:
    folder = mini_copy(tmp_path / "model", name)
    with pytest.raises(ModelError, match=rf"lacks {name}.*a tokenizer of five tokens"):
        load_tokenizer(folder, VOCAB_SIZE)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    folder = mini_copy(tmp_path / "model")
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "vocab.txt").write_text("".join(lines[:-7]), encoding="utf-8")
    with pytest.raises(ModelError, match=f"has {VOCAB_SIZE - 7:,} tokens, the model {VOCAB_SIZE:,} embeddings"):
        load_tokenizer(folder, VOCAB_SIZE)


@pytest.mark.parametrize("name", ENCODER_FILES)
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"lacks {name}"):
        resolve_encoder(str(mini_copy(tmp_path / "model", name)), "")


def test_pickled_weights_are_not_read_but_converted_on_request(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from detente.model.convert import main

    folder = mini_copy(tmp_path / "model", "model.safetensors")
    torch.save(load_file(places.MINI / "model.safetensors"), folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin, a pickle, which is not read here.*detente\.model\.convert"):
        resolve_encoder(str(folder), "")
    assert main([str(folder), str(tmp_path / "out")]) == 0
    assert resolve_encoder(str(tmp_path / "out"), "") == tmp_path / "out"
    assert load_network(tmp_path / "out", 3, fresh_head=True).config.hidden_size == 128


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*args: object, **kwargs: object) -> str:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(ModelError, match=r"cannot be reached.*hf download vinai/phobert-base --local-dir.*model=mini"):
        resolve_encoder("", "vinai/phobert-base")


def test_damaged_weights_and_another_architecture(tmp_path: Path) -> None:
    folder = mini_copy(tmp_path / "model")
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_network(folder, 3, fresh_head=True)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "bert"}))
    with pytest.raises(ModelError, match="model_type is 'bert'; expected 'roberta'"):
        load_network(folder, 3, fresh_head=True)


def test_a_head_that_was_not_saved_is_not_drawn_in_silence() -> None:
    with pytest.raises(ModelError, match=r"lacks 4 of the model's tensors, first classifier\."):
        load_network(places.MINI, 3)


@pytest.mark.slow
def test_phobert_itself_but_for_its_weights(phobert_folder: Path) -> None:
    import torch

    network = load_network(resolve_encoder(str(phobert_folder), ""), 3, fresh_head=True).eval()
    # 64,001 + 258 + 1 embeddings of 768 and their norm, 12 layers of 7,087,872, the head of 768² + 768 and 3 · 769.
    assert network.num_parameters() == (64_001 + 258 + 1) * 768 + 2 * 768 + 12 * 7_087_872 + 768 * 769 + 3 * 769
    tokenizer = load_tokenizer(phobert_folder, 64001)
    # One token each in the spelling of its vocabulary; in the other they fall to pieces.
    encoded = encode(tokenizer, [TextPath()("hòa bình thỏa thuận đe dọa")], 256)
    assert tokenizer.convert_ids_to_tokens(encoded.ids[0]) == ["<s>", "hoà_bình", "thoả_thuận", "đe_doạ", "</s>"]
    assert encode(tokenizer, ["hòa_bình"], 256).n_tokens == [5]
    assert network(torch.tensor(encoded.ids)).logits.shape == (1, 3)
    assert network(torch.full((1, 256), 7)).logits.shape == (1, 3)
