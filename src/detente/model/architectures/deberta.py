"""DeBERTa-v3 and v2: attention to contents and relative positions apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, MaxLen

from detente.model.architectures.architecture import Activation, Architecture, Epsilon, NetworkConfig, Share, Size, TokenId

Relation = Literal["c2p", "p2c"]


@dataclass(frozen=True, kw_only=True)
class DebertaConfig(NetworkConfig):
    """What of config.json decides the computation; a convolution beside the first layer, as v2-xlarge has, is not read."""

    layer_norm_eps: Epsilon
    hidden_act: Activation
    pad_token_id: TokenId = 0
    type_vocab_size: Annotated[int, Interval(ge=0, le=16)] = 0
    relative_attention: bool = False
    max_relative_positions: Annotated[int, Interval(ge=-1, le=16384)] = -1
    position_buckets: Annotated[int, Interval(ge=-1, le=16384)] = -1
    position_biased_input: bool = True
    pos_att_type: Annotated[tuple[Relation, ...], MaxLen(2)] | Literal["c2p", "p2c", "c2p|p2c", "p2c|c2p", "none"] | None = None
    norm_rel_ebd: Literal["none", "layer_norm"] = "none"
    share_att_key: bool = False
    pooler_dropout: Share = 0.0
    pooler_hidden_act: Activation = "gelu"
    pooler_hidden_size: Size | None = None
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    cls_dropout: Share | None = None

    def __post_init__(self) -> None:
        NetworkConfig.__post_init__(self)
        if self.pooler_hidden_size not in (None, self.hidden_size):
            raise ValueError(f"pooler_hidden_size {self.pooler_hidden_size} is not hidden_size {self.hidden_size}")


DEBERTA = Architecture(
    model_type="deberta-v2",
    network="DebertaV2ForSequenceClassification",
    encoder="DebertaV2Model",
    settings="DebertaV2Config",
    config=DebertaConfig,
    body="deberta.",
    layers="encoder.layer.",
    embeddings=("embeddings.", "encoder.rel_embeddings.", "encoder.LayerNorm."),
    heads=("classifier.",),
    n_positions=lambda config: config.max_position_embeddings,
    projections=("query_proj", "value_proj"),
    optional=("pooler.",),
    passed_over=("lm_head.", "cls.", "lm_predictions.", "mask_predictions."),
    head_dropout="cls_dropout",
    attention="eager",
    inert=("bos_token_id", "eos_token_id", "legacy", "embedding_size", "conv_act"),
)
