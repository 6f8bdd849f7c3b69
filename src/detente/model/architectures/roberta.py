"""RoBERTa and its kind: PhoBERT, XLM-R, multilingual-e5-base, bge-m3, ViSoBERT, CamemBERT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from detente.model.architectures.architecture import (
    Activation,
    Architecture,
    Epsilon,
    Heads,
    Inner,
    Layers,
    Names,
    Pooling,
    Positions,
    ProbeLayers,
    Share,
    Size,
    Spread,
    TokenId,
    Types,
    Vocabulary,
)


@dataclass(frozen=True)
class RobertaConfig:
    """What of config.json decides the computation; positions begin behind ``pad_token_id``, which is 1 in all of them."""

    vocab_size: Vocabulary
    hidden_size: Size
    num_hidden_layers: Layers
    num_attention_heads: Heads
    intermediate_size: Inner
    max_position_embeddings: Positions
    type_vocab_size: Types
    layer_norm_eps: Epsilon
    hidden_act: Activation
    pad_token_id: Literal[1]
    bos_token_id: TokenId = 0
    eos_token_id: TokenId = 2
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    classifier_dropout: Share | None = None
    initializer_range: Spread = 0.02
    untrained: bool = False
    architectures: Names | None = None
    probe_layers: ProbeLayers | None = None
    probe_pooling: Pooling | None = None

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(f"hidden_size {self.hidden_size} is no multiple of num_attention_heads {self.num_attention_heads}")


ROBERTA = Architecture(
    model_type="roberta",
    network="RobertaForSequenceClassification",
    encoder="RobertaModel",
    settings="RobertaConfig",
    config=RobertaConfig,
    body="roberta.",
    layers="encoder.layer.",
    embeddings=("embeddings.",),
    heads=("classifier.",),
    n_positions=lambda config: config.max_position_embeddings - config.pad_token_id - 1,
    projections=("query", "value"),
    passed_over=("lm_head.", "cls.", "roberta.pooler."),
    encoder_options=(("add_pooling_layer", False),),
    padding_is_fixed=True,
)
XLM_ROBERTA = replace(
    ROBERTA,
    model_type="xlm-roberta",
    network="XLMRobertaForSequenceClassification",
    encoder="XLMRobertaModel",
    settings="XLMRobertaConfig",
)
CAMEMBERT = replace(
    ROBERTA,
    model_type="camembert",
    network="CamembertForSequenceClassification",
    encoder="CamembertModel",
    settings="CamembertConfig",
)
