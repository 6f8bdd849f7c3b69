from __future__ import annotations

import json
import shutil
import unicodedata
from pathlib import Path

import pytest

from detente import places
from detente.dataset import LabelledDataset
from detente.dataset.segmented import segment_texts
from detente.errors import ModelError
from detente.model.classifier import ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.encoder_config import encoder_config
from detente.model.encoder_files import resolve_encoder
from detente.model.families import BODY_FILES, encode
from detente.model.families.phobert import TOKENIZER_FILES, load_phobert_tokenizer, phobert_config
from detente.model.network import load_network
from detente.text import TextPath
from detente.training.finetuning import items_of
from label_sets import STANCE

VOCAB_SIZE = json.loads((places.MINI / "config.json").read_text())["vocab_size"]


def copy_of(encoder: Path, folder: Path, *without: str) -> Path:
    folder.mkdir()
    for name in (*BODY_FILES, *TOKENIZER_FILES):
        if name not in without:
            shutil.copyfile(encoder / name, folder / name)
    return folder


def test_the_embedded_encoder_is_small_and_complete() -> None:
    import torch

    assert resolve_encoder(str(places.MINI), "") == places.MINI
    network = load_network(places.MINI, 3, fresh_head=True)
    assert network.roberta.num_parameters() <= 20_000_000
    assert network.dtype == torch.float32
    assert sum(path.stat().st_size for path in places.MINI.iterdir()) < 40_000_000
    card = (places.MINI / "README.md").read_text(encoding="utf-8")
    assert "not PhoBERT" in card
    assert "MIT" in card
    assert not encoder_config(places.MINI).untrained


def test_text_past_the_limit_is_cut_where_the_tokenizer_would_not(tmp_path: Path) -> None:
    tokenizer = load_phobert_tokenizer(places.MINI, VOCAB_SIZE)
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
def test_the_five_token_trap_is_closed(tiny: Path, tmp_path: Path, name: str) -> None:
    folder = copy_of(tiny, tmp_path / "model", name)
    with pytest.raises(ModelError, match=rf"lacks {name}.*a tokenizer of five tokens"):
        load_phobert_tokenizer(folder, VOCAB_SIZE)


def test_a_tokenizer_of_another_model_is_refused(tiny: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny, tmp_path / "model")
    lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "vocab.txt").write_text("".join(lines[:-7]), encoding="utf-8")
    with pytest.raises(ModelError, match=f"has {VOCAB_SIZE - 7:,} tokens, the model {VOCAB_SIZE:,} embeddings"):
        load_phobert_tokenizer(folder, VOCAB_SIZE)


@pytest.mark.parametrize("name", [*BODY_FILES, *TOKENIZER_FILES])
def test_a_missing_file_is_named(tiny: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"lacks {name}"):
        resolve_encoder(str(copy_of(tiny, tmp_path / "model", name)), "")


def test_pickled_weights_are_not_read_but_converted_on_request(tiny: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    from detente.model.convert import main

    folder = copy_of(tiny, tmp_path / "model", "model.safetensors")
    torch.save(load_file(tiny / "model.safetensors"), folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"pytorch_model\.bin, a pickle, which is not read here.*detente\.model\.convert"):
        resolve_encoder(str(folder), "")
    assert main([str(folder), str(tmp_path / "out")]) == 0
    assert resolve_encoder(str(tmp_path / "out"), "") == tmp_path / "out"
    assert load_network(tmp_path / "out", 3, fresh_head=True).config.hidden_size == 32


def test_the_shape_has_as_many_weights_as_phobert_base() -> None:
    import torch
    from transformers import RobertaModel

    with torch.device("meta"):
        network = RobertaModel(phobert_config())
    assert sum(parameter.numel() for parameter in network.parameters()) == 134_998_272
    assert phobert_config(num_hidden_layers=2, vocab_size=9).vocab_size == 9


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(*args: object, **kwargs: object) -> str:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(ModelError, match=r"cannot be reached.*hf download vinai/phobert-base --local-dir.*model=mini"):
        resolve_encoder("", "vinai/phobert-base")


@pytest.mark.parametrize("has_safetensors", [True, False])
def test_weights_are_fetched_in_one_form(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_safetensors: bool
) -> None:
    import huggingface_hub

    folder = copy_of(tiny, tmp_path / "hub", "" if has_safetensors else "model.safetensors")
    asked: list[bool] = []

    def fetched(hub_id: str, *, revision: str, allow_patterns: list[str]) -> str:
        asked.append("pytorch_model.bin" in allow_patterns)
        if asked[-1]:
            (folder / "pytorch_model.bin").write_bytes(b"pickle")
        return str(folder)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetched)
    if has_safetensors:
        assert resolve_encoder("", "vinai/phobert-base") == folder
        assert asked == [False]
    else:
        with pytest.raises(ModelError, match=r"pytorch_model\.bin, a pickle, which is not read here"):
            resolve_encoder("", "vinai/phobert-base")
        assert asked == [False, True]


def test_damaged_weights_and_another_architecture(tiny: Path, tmp_path: Path) -> None:
    folder = copy_of(tiny, tmp_path / "model")
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(ModelError, match="the weights cannot be loaded"):
        load_network(folder, 3, fresh_head=True)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "gpt2"}))
    with pytest.raises(ModelError, match="model_type is 'gpt2'; expected one of 'roberta'"):
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
    tokenizer = load_phobert_tokenizer(phobert_folder, 64001)
    # One token each in the spelling of its vocabulary; in the other they fall to pieces.
    encoded = encode(tokenizer, [TextPath()("hòa bình thỏa thuận đe dọa")], 256)
    assert tokenizer.is_fast
    assert tokenizer.convert_ids_to_tokens(encoded.ids[0]) == ["<s>", "hoà_bình", "thoả_thuận", "đe_doạ", "</s>"]
    assert encode(tokenizer, ["hòa_bình"], 256).n_tokens == [5]
    assert network(torch.tensor(encoded.ids)).logits.shape == (1, 3)
    assert network(torch.full((1, 256), 7)).logits.shape == (1, 3)


@pytest.mark.parametrize("vocabulary", ["mini", "phobert"])
def test_all_spellings_of_a_sentence_have_the_same_ids(vocabulary: str, request: pytest.FixtureRequest) -> None:
    folder = places.MINI if vocabulary == "mini" else request.getfixturevalue("outside_data") / "phobert-tokenizer"
    tokenizer = load_phobert_tokenizer(folder, VOCAB_SIZE if vocabulary == "mini" else 64001)
    new = "Ủy ban kêu gọi hòa bình, phản đối đe dọa và hủy thỏa thuận."
    old = "Uỷ ban kêu gọi hoà bình, phản đối đe doạ và huỷ thoả thuận."
    forms = [unicodedata.normalize(form, text) for text in (new, old) for form in ("NFC", "NFD")]
    ids = encode(tokenizer, TextPath().batch(forms), 256).ids
    assert ids == [ids[0]] * 4
    assert len({tuple(row) for row in encode(tokenizer, forms, 256).ids}) > 1  # and without the path they differ


def test_training_and_prediction_read_a_text_as_the_same_ids(dataset: LabelledDataset) -> None:
    rows = dataset.labelled("stance")
    path = TextPath(max_tokens=24)
    tokenizer = load_phobert_tokenizer(places.MINI, VOCAB_SIZE)
    segmented = segment_texts([row.text for row in rows], path)
    trained = [item.ids for item in items_of(rows, segmented, {"stance": STANCE}, tokenizer, path.max_tokens)]
    info = ModelInfo("encoder", "mini", {"stance": ("dialogue", "neutral", "escalation")})
    classifier = EncoderClassifier(load_network(places.MINI, 3, fresh_head=True), tokenizer, path, info)
    assert trained == classifier.encode([row.text for row in rows])
    assert {len(ids) for ids in trained if len(ids) >= 24} == {24}


def test_a_saved_model_folder_is_no_trap_for_other_code(tmp_path: Path) -> None:
    from transformers import AutoTokenizer, PhobertTokenizer

    tokenizer = load_phobert_tokenizer(places.MINI, VOCAB_SIZE)
    info = ModelInfo("encoder", "mini", {"stance": ("dialogue", "neutral", "escalation")})
    classifier = EncoderClassifier(load_network(places.MINI, 3, fresh_head=True), tokenizer, TextPath(), info)
    classifier.save_weights(tmp_path)
    plain = AutoTokenizer.from_pretrained(tmp_path)
    # Not the tokenizer of five tokens, and one that cuts where it is asked to.
    assert (type(plain), len(plain)) == (PhobertTokenizer, VOCAB_SIZE)
    assert len(plain("Nga " * 300, truncation=True)["input_ids"]) == 256


def test_markup_in_raw_text_is_no_special_token() -> None:
    tokenizer = load_phobert_tokenizer(places.MINI, VOCAB_SIZE)
    for text in ("Ông nói </s> rồi đi.", "<mask>", "<s>không</s>", "x<pad>y<unk>"):
        (ids,) = encode(tokenizer, TextPath().batch([text]), 256).ids
        assert not {0, 1, 2, tokenizer.mask_token_id} & set(ids[1:-1])
