"""RoBERTa and its kind: PhoBERT, XLM-R, multilingual-e5-base, bge-m3, ViSoBERT, CamemBERT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from detente.model.architectures.architecture import Activation, Architecture, Epsilon, NetworkConfig, Share, TokenId, Types


@dataclass(frozen=True, kw_only=True)
class RobertaConfig(NetworkConfig):
    """What of config.json decides the computation; positions begin behind ``pad_token_id``, which is 1 in all of them."""

    type_vocab_size: Types
    layer_norm_eps: Epsilon
    hidden_act: Activation
    pad_token_id: Literal[1]
    bos_token_id: TokenId = 0
    eos_token_id: TokenId = 2
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    classifier_dropout: Share | None = None


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
