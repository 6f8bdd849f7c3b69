"""config.json of an encoder, read by an allow-list.

The file comes from wherever an encoder comes from, and transformers does what it says: lays out a billion layers, fetches
kernels and quantisers, turns an encoder into a decoder. Hence what decides the computation is read key by key, each within the
range of the RoBERTa family; what means nothing here is passed over; anything else is an error.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Interval

from detente import strict_json
from detente.errors import ModelError

ATTENTION = "sdpa"
"""torch's own attention, whatever config.json asks for."""

Share = Annotated[float, Interval(ge=0, lt=1)]
TokenId = Annotated[int, Interval(ge=0, le=1_000_000)]


@dataclass(frozen=True)
class EncoderConfig:
    """What of config.json decides how an encoder computes.

    ``pad_token_id`` is PhoBERT's, for positions begin behind it. ``untrained`` is this package's own key.
    """

    vocab_size: Annotated[int, Interval(ge=6, le=1_000_000)]
    hidden_size: Annotated[int, Interval(ge=1, le=8192)]
    num_hidden_layers: Annotated[int, Interval(ge=1, le=48)]
    num_attention_heads: Annotated[int, Interval(ge=1, le=256)]
    intermediate_size: Annotated[int, Interval(ge=1, le=65536)]
    max_position_embeddings: Annotated[int, Interval(ge=6, le=16384)]
    type_vocab_size: Annotated[int, Interval(ge=1, le=16)]
    layer_norm_eps: Annotated[float, Interval(ge=1e-12, le=1e-3)]
    hidden_act: Literal["gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh"]
    pad_token_id: Literal[1]
    bos_token_id: TokenId = 0
    eos_token_id: TokenId = 2
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    classifier_dropout: Share | None = None
    initializer_range: Annotated[float, Interval(gt=0, le=1)] = 0.02
    untrained: bool = False
    architectures: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(f"hidden_size {self.hidden_size} is no multiple of num_attention_heads {self.num_attention_heads}")

    def check_length(self, max_tokens: int, folder: Path) -> None:
        """Raise ModelError for texts of more tokens than there are positions."""
        if max_tokens > (positions := self.max_position_embeddings - self.pad_token_id - 1):
            raise ModelError(
                f"{folder}: the encoder has positions for {positions} tokens, the text path cuts at {max_tokens}; train with "
                f"text.max_tokens={positions} at most."
            )

    def network_config(self, n_labels: int, architecture: str, dropout: float | None) -> Any:
        """transformers' RobertaConfig of a classifier; ``dropout`` is the head's, the file's own if None."""
        from transformers import RobertaConfig

        values = {field.name: getattr(self, field.name) for field in fields(self)} | {"architectures": [architecture]}
        if dropout is not None:
            values["classifier_dropout"] = dropout
        if not self.untrained:
            del values["untrained"]
        return RobertaConfig(**values, num_labels=n_labels)


_ONLY: dict[str, tuple[Any, ...]] = {
    "is_decoder": (False,),
    "is_encoder_decoder": (False,),
    "add_cross_attention": (False,),
    "position_embedding_type": ("absolute",),
    **dict.fromkeys(("attn_implementation", "_attn_implementation", "_attn_implementation_internal"), ("sdpa", "eager")),
}
"""Keys that would make another network, or reach for other packages, unless they have one of these values or none."""

_INERT = {
    *("_name_or_path", "name_or_path", "model_type", "dtype", "torch_dtype", "transformers_version", "tokenizer_class"),
    *("id2label", "label2id", "num_labels", "problem_type", "finetuning_task", "use_cache", "output_past", "return_dict"),
    *("output_attentions", "output_hidden_states", "tie_word_embeddings", "chunk_size_feed_forward", "max_length"),
    *("cls_token_id", "sep_token_id", "unk_token_id", "mask_token_id"),
}
"""Keys that mean nothing to a classifier in float32 whose tokenizer and labels come from elsewhere."""


def encoder_config(folder: Path) -> EncoderConfig:
    """config.json of an encoder. Raises ModelError unless it is of the RoBERTa family, and says nothing that is not known.

    A folder with an adapter of PEFT beside the weights is refused: transformers would add it to them.
    """
    path = folder / "config.json"
    stored = strict_json.read_object(path, error=ModelError)
    if stored.get("model_type") != "roberta":
        kind = strict_json.shown(stored.get("model_type"))
        raise ModelError(f"{path}: model_type is {kind}; expected 'roberta', which PhoBERT's is.")
    _check_adapters(folder)
    known = {field.name for field in fields(EncoderConfig)}
    for key, value in stored.items():
        if key not in known:
            _check_other(path, key, value)
    values = {key: value for key, value in stored.items() if key in known}
    return strict_json.convert(values, EncoderConfig, str(path), error=ModelError)


def _check_adapters(folder: Path) -> None:
    adapters = sorted(each.name for each in folder.iterdir() if each.name.startswith(("adapter_config", "adapter_model")))
    if adapters:
        raise ModelError(
            f"{folder}: holds {', '.join(adapters[:3])}, an adapter that would change the weights; expected none. "
            "Merge it into the weights (peft: merge_and_unload), or move it elsewhere."
        )


def _check_other(path: Path, key: str, value: object) -> None:
    """Raise ModelError for a key that is neither inert nor off."""
    if value is None or value is False or value in ([], {}, "") or key in _INERT:
        return
    shown = strict_json.shown
    if key not in _ONLY:
        raise ModelError(
            f"{path}: the key {shown(key)} (of value {shown(value)}) is none that an encoder of PhoBERT's format needs, and it "
            "could change what the encoder computes or load foreign code; expected a config.json without it."
        )
    if value not in _ONLY[key]:
        expected = " or ".join(str(each).lower() for each in _ONLY[key])
        raise ModelError(f"{path}: '{key}' is {shown(value)}; expected {expected}, or a config.json without it.")
