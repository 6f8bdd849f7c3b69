"""Encoders of every family through the model layer, beside transformers alone on the same texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from detente import places
from detente.errors import ModelError
from detente.model.architectures import ARCHITECTURES
from detente.model.classifier import ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.encoder_config import encoder_config
from detente.model.encoder_files import resolve_encoder
from detente.model.families import Tokenizer, encode, family_of, load_tokenizer, text_path_of
from detente.model.families.spelling import WORDS, fitting_spelling, pieces_by_spelling
from detente.model.folder import load_model, save_model
from detente.model.network import ProbeShape, load_network
from detente.text.tones import new_tone_marks, old_tone_marks
from tiny_encoders import LINES, TINY

TEXTS = [
    "Hai bên nhất trí nối lại đàm phán hòa bình vào tuần tới.",
    "Quân đội tập trận gần biên giới; Mỹ phản đối 🙂.",
    "Giá dầu tăng.",
    "Nga và Ukraine " * 90,
]


@pytest.fixture(scope="module", params=list(TINY))
def encoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoders") / str(request.param)
    TINY[request.param](folder)
    return folder


def classifier_of(encoder: Path) -> EncoderClassifier:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = load_network(encoder, n_labels=3, fresh_head=True)
    info = ModelInfo(kind="encoder", name="tiny", tasks={"stance": ("dialogue", "neutral", "escalation")})
    return EncoderClassifier(network.eval(), load_tokenizer(encoder), text_path_of(encoder), info)


def test_raw_text_and_the_encoders_positions_are_its_text_path(encoder: Path) -> None:
    path = text_path_of(encoder)
    assert family_of(encoder).name == "own_tokenizer"
    expected = {"roberta": 2048, "modernbert": 1024}.get(encoder.name, 512)
    spelling = fitting_spelling(pieces_by_spelling(load_tokenizer(encoder), joined=False)) or "keep"
    assert (path.segmenter, path.tone_marks, path.max_tokens) == ("raw", spelling, expected)


class Pieces:
    """A tokenizer that has words of one spelling whole, and falls into letters over all others."""

    def __init__(self, words: set[str]) -> None:
        self.words = words

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [[0] if text in self.words else [0] * len(text) for text in texts]


@pytest.mark.parametrize(("mark", "expected"), [(old_tone_marks, "old"), (new_tone_marks, "new")])
def test_the_spelling_of_a_vocabulary_is_the_one_it_takes_fewer_pieces_for(mark: Callable[[str], str], expected: str) -> None:
    words = {mark(best.replace("_", " ")) for best in WORDS.values()}
    pieces = pieces_by_spelling(cast(Tokenizer, Pieces(words)), joined=False)
    assert pieces[expected] == 1.0
    assert fitting_spelling(pieces) == expected
    assert fitting_spelling(pieces_by_spelling(cast(Tokenizer, Pieces(set())), joined=False)) is None


def test_ids_are_those_of_transformers(encoder: Path) -> None:
    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(encoder)(TEXTS, truncation=True, max_length=40)["input_ids"]
    ours = encode(load_tokenizer(encoder), TEXTS, 40)
    assert ours.ids == theirs
    assert ours.truncated == [False, False, False, True] or ours.truncated[-1]
    assert ours.n_tokens[0] == len(AutoTokenizer.from_pretrained(encoder)(TEXTS[0])["input_ids"])


def test_a_saved_model_has_the_logits_of_transformers_alone(encoder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    save_model(classifier_of(encoder), tmp_path / "model")
    ours = load_model(tmp_path / "model")
    theirs = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "model")
    probs = ours.score(TEXTS).probs["stance"]
    for text, row in zip(TEXTS, probs, strict=True):
        batch = tokenizer(ours.text_path(text), return_tensors="pt", truncation=True, max_length=ours.text_path.max_tokens)
        batch.pop("token_type_ids", None)
        with torch.inference_mode():
            expected = theirs(**batch).logits.softmax(-1)[0].double().numpy()
        assert np.abs(row - expected).max() < 1e-5


def test_tokens_stand_where_their_letters_do(encoder: Path) -> None:
    text = "Hòa bình\u200b ở Kyiv,  hôm nay"
    tokens = classifier_of(encoder).tokens(text, offset=5)
    assert [token.token_id for token in tokens] == classifier_of(encoder).encode([text])[0][1:-1]
    covered = {at for token in tokens for at in range(token.start - 5, token.end - 5)}
    assert {at for at, char in enumerate(text) if char.isalpha() or char == ","} <= covered
    assert [token.word for token in tokens] == sorted(token.word for token in tokens)
    assert tokens[-1].word == 5
    assert all(5 <= token.start <= token.end <= 5 + len(text) for token in tokens)


def test_words_joined_are_the_text(encoder: Path) -> None:
    tokenizer = load_tokenizer(encoder)
    for text, words in zip(TEXTS, tokenizer.words(TEXTS), strict=True):
        assert len(words) == len(text.split())
        assert [token_id for word in words for token_id in word] == tokenizer.ids([text])[0]


@pytest.mark.parametrize("shape", [ProbeShape((-1,), "mean"), ProbeShape((1, -1), "first_mean"), ProbeShape((2,), "first")])
def test_a_probe_reads_the_layers_it_was_told(encoder: Path, tmp_path: Path, shape: ProbeShape) -> None:
    import torch
    from transformers import AutoModel

    network = load_network(encoder, n_labels=3, fresh_head=True, probe=shape).eval()
    ids = torch.tensor([load_tokenizer(encoder).ids([TEXTS[0]])[0]])
    mask = torch.ones_like(ids)
    with torch.inference_mode():
        found = network.features(ids, mask)
        plain = AutoModel.from_pretrained(encoder).eval()(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    n_layers = encoder_config(encoder).num_hidden_layers
    parts = []
    for layer in shape.layers:
        state = plain.last_hidden_state if layer in (-1, n_layers) else plain.hidden_states[layer]
        parts += [state[:, 0]] if shape.pooling in ("first", "first_mean") else []
        parts += [state.mean(1)] if shape.pooling in ("mean", "first_mean") else []
    assert torch.allclose(found, torch.cat(parts, dim=1), atol=1e-5)
    info = ModelInfo(kind="encoder", name="tiny", tasks={"stance": ("dialogue", "neutral", "escalation")})
    classifier = EncoderClassifier(network, load_tokenizer(encoder), text_path_of(encoder), info)
    save_model(classifier, tmp_path / "model")
    again = load_model(tmp_path / "model")
    assert np.abs(again.score(TEXTS).probs["stance"] - classifier.score(TEXTS).probs["stance"]).max() < 1e-6


@pytest.mark.slow
def test_an_export_agrees(encoder: Path, tmp_path: Path) -> None:
    from detente.model.engines import EngineOptions, load_engine

    save_model(classifier_of(encoder), tmp_path / "model")
    torch_probs = load_model(tmp_path / "model").score(TEXTS).probs["stance"]
    exported = load_engine(tmp_path / "model", EngineOptions(engine="onnx"))
    assert np.abs(exported.score(TEXTS).probs["stance"] - torch_probs).max() < 1e-5
    # Coarse for weights that are noise; what int8 costs a trained model is measured before it predicts (test_onnx).
    quantised = load_engine(tmp_path / "model", EngineOptions(engine="onnx", precision="int8"))
    texts = [*LINES, *(" ".join(line.split()[start : start + 5]) for line in LINES for start in range(6))]
    one, other = (each.score(texts).probs["stance"] for each in (exported, quantised))
    assert np.abs(one - other).max() < 0.15
    assert min(np.corrcoef(one[:, label], other[:, label])[0, 1] for label in range(3)) > 0.6


def test_texts_differ_by_far_more_than_two_ways_of_computing(encoder: Path) -> None:
    probs = classifier_of(encoder).score(TEXTS).probs["stance"]
    assert np.ptp(probs, axis=0).max() > 0.02


@pytest.mark.parametrize("beside", [{}, {"tokenizer_class": "BertTokenizer"}, {"do_lower_case": True, "pad_token": "[PAD]"}])
def test_a_cased_vocabulary_stays_cased_whatever_stands_beside_it(tmp_path: Path, beside: dict[str, object]) -> None:
    TINY["bert"](tmp_path / "encoder")
    ids = load_tokenizer(tmp_path / "encoder").ids(["Hai bên nhất trí"])
    path = tmp_path / "encoder" / "tokenizer_config.json"
    path.unlink()
    if beside:
        path.write_text(json.dumps(beside))
    tokenizer = load_tokenizer(tmp_path / "encoder")
    assert tokenizer.ids(["Hai bên nhất trí"]) == ids
    assert tokenizer.ids(["hai bên nhất trí"]) != ids
    assert (tokenizer.pad_token_id, tokenizer.mask_token_id) == (0, 4)


def test_a_tokenizer_that_puts_nothing_around_a_text_is_refused(tmp_path: Path) -> None:
    TINY["bert"](tmp_path / "encoder")
    path = tmp_path / "encoder" / "tokenizer.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "post_processor": None}))
    with pytest.raises(ModelError, match="puts no special tokens around a text"):
        load_tokenizer(tmp_path / "encoder")


def test_the_padding_token_of_another_model_is_refused(tmp_path: Path) -> None:
    TINY["xlm_roberta"](tmp_path / "encoder")
    path = tmp_path / "encoder" / "tokenizer_config.json"
    path.write_text(json.dumps({"pad_token": "[PAD]"}))
    with pytest.raises(ModelError, match=r"tokenizer.json has no padding token \(\[PAD\]\)"):
        load_tokenizer(tmp_path / "encoder")


def test_older_names_of_a_norm_are_read(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    TINY["bert"](tmp_path / "encoder")
    before = load_network(tmp_path / "encoder", 3, fresh_head=True).bert.state_dict()
    path = tmp_path / "encoder" / "model.safetensors"
    tensors = load_file(path)
    for new, old in {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}.items():
        tensors = {name.replace(new, old): tensor for name, tensor in tensors.items()}
    save_file(tensors, path)
    after = load_network(tmp_path / "encoder", 3, fresh_head=True).bert.state_dict()
    assert all(bool((before[name] == after[name]).all()) for name in before if "pooler" not in name)


def test_the_padding_of_positions_has_to_agree(tmp_path: Path) -> None:
    TINY["xlm_roberta"](tmp_path / "encoder")
    path = tmp_path / "encoder" / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pad_token": "<mask>"}))
    with pytest.raises(ModelError, match=r"the tokenizer pads with \d+, config.json says 1"):
        load_tokenizer(tmp_path / "encoder")


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    for name in ("bert", "roberta"):
        TINY[name](tmp_path / name)
    (tmp_path / "bert" / "tokenizer.json").write_bytes((tmp_path / "roberta" / "tokenizer.json").read_bytes())
    (tmp_path / "bert" / "tokenizer_config.json").write_bytes((tmp_path / "roberta" / "tokenizer_config.json").read_bytes())
    with pytest.raises(ModelError, match=r"the tokenizer has ids up to .* the files belong to different models"):
        load_tokenizer(tmp_path / "bert")


def test_an_unknown_architecture_names_those_that_are_read(tmp_path: Path) -> None:
    TINY["bert"](tmp_path / "encoder")
    path = tmp_path / "encoder" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": "gpt2"}))
    with pytest.raises(ModelError, match="model_type is 'gpt2'; expected one of 'roberta', 'xlm-roberta'"):
        encoder_config(tmp_path / "encoder")


def test_a_slow_tokenizer_is_told_how_to_become_fast(tmp_path: Path) -> None:
    TINY["xlm_roberta"](tmp_path / "encoder")
    (tmp_path / "encoder" / "tokenizer.json").unlink()
    (tmp_path / "encoder" / "sentencepiece.bpe.model").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"sentencepiece.bpe.model is of a slow tokenizer.* becomes fast, once: python -m"):
        resolve_encoder(str(tmp_path / "encoder"), "")


def test_the_embedded_encoder_is_of_phoberts_family() -> None:
    assert family_of(places.MINI).name == "phobert"
    path = text_path_of(places.MINI)
    assert (path.segmenter, path.tone_marks, path.max_tokens) == ("underthesea", "old", 256)


def test_every_architecture_is_made_here(tmp_path: Path) -> None:
    for name, make in TINY.items():
        make(tmp_path / name)
    made = {encoder_config(tmp_path / name).architecture.model_type for name in TINY}
    assert ARCHITECTURES.keys() - made == {"camembert"}  # XLM-R under another name
