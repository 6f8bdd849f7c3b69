"""config.json by an allow-list: what would make another network, or load other code, is refused before anything is laid out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from detente import places
from detente.errors import ModelError
from detente.model.encoder_config import encoder_config
from detente.model.network import load_network

PHOBERT = {
    "architectures": ["RobertaForMaskedLM"],
    "attention_probs_dropout_prob": 0.1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "gradient_checkpointing": False,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "hidden_size": 768,
    "initializer_range": 0.02,
    "intermediate_size": 3072,
    "layer_norm_eps": 1e-05,
    "max_position_embeddings": 258,
    "model_type": "roberta",
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "pad_token_id": 1,
    "tokenizer_class": "PhobertTokenizer",
    "type_vocab_size": 1,
    "vocab_size": 64001,
}
"""As the hub has it."""


def changed(encoder: Path, folder: Path, **changes: Any) -> Path:
    """A copy of an encoder whose config.json has other values; None takes a key out."""
    shutil.copytree(encoder, folder, dirs_exist_ok=True)
    config = json.loads((folder / "config.json").read_text())
    kept = {key: value for key, value in {**config, **changes}.items() if value is not None}
    (folder / "config.json").write_text(json.dumps(kept))
    return folder


def test_phoberts_own_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(PHOBERT))
    config = encoder_config(tmp_path)
    assert (config.num_hidden_layers, config.values.layer_norm_eps, config.untrained) == (12, 1e-5, False)
    config.check_length(256, tmp_path)
    with pytest.raises(ModelError, match=r"positions for 256 tokens, the text path cuts at 257; .*text\.max_tokens=256"):
        config.check_length(257, tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("num_hidden_layers", 10**9, r"'num_hidden_layers': .*less than or equal to 48, got 1000000000\."),
        ("num_hidden_layers", 0, "'num_hidden_layers': .*greater than or equal to 1, got 0"),
        ("num_hidden_layers", "2", "'num_hidden_layers': .*valid integer, got '2'"),
        ("num_hidden_layers", 2.5, "'num_hidden_layers': .*valid integer"),
        ("num_hidden_layers", True, "'num_hidden_layers': .*valid integer, got True"),
        ("num_hidden_layers", None, "lacks num_hidden_layers"),
        ("hidden_size", 10**7, "'hidden_size': .*8192"),
        ("hidden_size", 30, "hidden_size 30 is no multiple of num_attention_heads 4"),
        ("intermediate_size", -1, "'intermediate_size': .*greater than or equal to 1"),
        ("vocab_size", 10**9, "'vocab_size': .*1000000"),
        ("max_position_embeddings", 10**9, "'max_position_embeddings': .*16384"),
        ("layer_norm_eps", 1e30, r"'layer_norm_eps': .*0\.001, got 1e\+30"),
        ("layer_norm_eps", 0.0, "'layer_norm_eps': .*0\\.0000000000001"),
        ("layer_norm_eps", None, "lacks layer_norm_eps"),
        ("hidden_act", "owner/kernel", "'hidden_act': .*'gelu'"),
        ("pad_token_id", 0, "'pad_token_id': .*1, got 0"),
        ("architectures", "RobertaModel", "'architectures': "),
        ("is_decoder", True, "'is_decoder' is True; expected false"),
        ("add_cross_attention", True, "'add_cross_attention' is True; expected false"),
        ("is_decoder", 1, "'is_decoder' is 1; expected false"),
        ("position_embedding_type", "relative_key", "'position_embedding_type' is 'relative_key'; expected absolute"),
        ("attn_implementation", "kernels-community/flash-attn", "'attn_implementation' is .*; expected sdpa or eager"),
        ("_attn_implementation", "flash_attention_2", "'_attn_implementation' is .*; expected sdpa or eager"),
        ("attn_implementation", {"": "eager"}, "'attn_implementation' is .*; expected sdpa or eager"),
        ("quantization_config", {"quant_method": "gptq", "bits": 4}, "the key 'quantization_config' .*load foreign code"),
        ("auto_map", {"AutoModel": "evil.Model"}, "the key 'auto_map' .*load foreign code"),
        ("transformers_weights", "other.safetensors", "the key 'transformers_weights' "),
        ("per_layer_config", {"0": {"hidden_size": 8}}, "the key 'per_layer_config' "),
    ],
)
def test_what_changes_the_network_is_refused(tiny: Path, tmp_path: Path, key: str, value: Any, message: str) -> None:
    folder = changed(tiny, tmp_path / "encoder", **{key: value})
    with pytest.raises(ModelError, match=message) as refused:
        load_network(folder, 3, fresh_head=True)
    assert str(folder / "config.json") in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"vocab_size": 1, "vocab_size": 2}', '{"layer_norm_eps": NaN}', "[" * 1000, "\ud800"]
)
def test_what_is_no_json_is_refused(tiny: Path, tmp_path: Path, text: str) -> None:
    folder = changed(tiny, tmp_path / "encoder")
    (folder / "config.json").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ModelError, match=r"config\.json: "):
        encoder_config(folder)


def test_attention_is_torchs_own_and_what_is_off_is_no_matter(tiny: Path, tmp_path: Path) -> None:
    folder = changed(
        tiny, tmp_path / "encoder", attn_implementation="eager", is_decoder=False, quantization_config={}, torch_dtype="float16"
    )
    network = load_network(folder, 3, fresh_head=True)
    assert network.config._attn_implementation == "sdpa"
    assert network.config.untrained
    assert network.dtype.is_floating_point
    assert str(network.dtype) == "torch.float32"


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"])
def test_an_adapter_beside_the_weights_is_refused(tmp_path: Path, name: str) -> None:
    folder = changed(places.MINI, tmp_path / "encoder")
    (folder / name).write_text("{}")
    with pytest.raises(ModelError, match=f"holds {name}, an adapter that would change the weights; expected none"):
        load_network(folder, 3, fresh_head=True)
