"""ModernBERT: mmBERT and others, of rotary positions and attention that is local in most layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, MaxLen

from detente.model.architectures.architecture import Activation, Architecture, Epsilon, NetworkConfig, Share, TokenId

Kind = Literal["full_attention", "sliding_attention"]
Theta = Annotated[float, Interval(ge=1, le=1e9)]


@dataclass(frozen=True)
class Rope:
    """How positions turn the states of a kind of layer."""

    rope_theta: Theta
    rope_type: Literal["default"] = "default"


@dataclass(frozen=True, kw_only=True)
class ModernBertConfig(NetworkConfig):
    """What of config.json decides the computation; of ``rope_parameters`` and the two thetas of before a file has one."""

    pad_token_id: TokenId
    local_attention: Annotated[int, Interval(ge=2, le=16384)]
    norm_eps: Epsilon = 1e-5
    hidden_activation: Activation = "gelu"
    layer_types: Annotated[tuple[Kind, ...], MaxLen(48)] | None = None
    rope_parameters: dict[Kind, Rope] | None = None
    global_attn_every_n_layers: Annotated[int, Interval(ge=1, le=48)] = 3
    global_rope_theta: Theta | None = None
    local_rope_theta: Theta | None = None
    norm_bias: bool = False
    attention_bias: bool = False
    mlp_bias: bool = False
    classifier_bias: bool = False
    classifier_pooling: Literal["cls", "mean"] = "cls"
    classifier_activation: Activation = "gelu"
    attention_dropout: Share = 0.0
    embedding_dropout: Share = 0.0
    mlp_dropout: Share = 0.0
    classifier_dropout: Share = 0.0
    bos_token_id: TokenId | None = None
    eos_token_id: TokenId | None = None
    cls_token_id: TokenId | None = None
    sep_token_id: TokenId | None = None
    initializer_cutoff_factor: Annotated[float, Interval(gt=0, le=100)] = 2.0

    def __post_init__(self) -> None:
        NetworkConfig.__post_init__(self)
        if self.layer_types is not None and len(self.layer_types) != self.num_hidden_layers:
            raise ValueError(f"layer_types names {len(self.layer_types)} layers, num_hidden_layers {self.num_hidden_layers}")


MODERNBERT = Architecture(
    model_type="modernbert",
    network="ModernBertForSequenceClassification",
    encoder="ModernBertModel",
    settings="ModernBertConfig",
    config=ModernBertConfig,
    body="model.",
    layers="layers.",
    embeddings=("embeddings.",),
    heads=("classifier.",),
    n_positions=lambda config: config.max_position_embeddings,
    projections=("Wqkv",),
    optional=("head.",),
    passed_over=("decoder.",),
    inert=(
        *("decoder_bias", "deterministic_flash_attn", "gradient_checkpointing", "layer_norm_eps", "position_embedding_type"),
        *("reference_compile", "repad_logits_with_grad", "sparse_pred_ignore_index", "sparse_prediction"),
    ),
)
