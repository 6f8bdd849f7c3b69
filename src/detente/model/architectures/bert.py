"""BERT: multilingual-e5-small, mBERT and others, of WordPiece or Unigram tokens."""

from __future__ import annotations

from dataclasses import dataclass

from detente.model.architectures.architecture import Activation, Architecture, Epsilon, NetworkConfig, Share, TokenId, Types


@dataclass(frozen=True, kw_only=True)
class BertConfig(NetworkConfig):
    """What of config.json decides the computation."""

    type_vocab_size: Types
    layer_norm_eps: Epsilon
    hidden_act: Activation
    pad_token_id: TokenId = 0
    hidden_dropout_prob: Share = 0.1
    attention_probs_dropout_prob: Share = 0.1
    classifier_dropout: Share | None = None


BERT = Architecture(
    model_type="bert",
    network="BertForSequenceClassification",
    encoder="BertModel",
    settings="BertConfig",
    config=BertConfig,
    body="bert.",
    layers="encoder.layer.",
    embeddings=("embeddings.",),
    heads=("classifier.",),
    n_positions=lambda config: config.max_position_embeddings,
    projections=("query", "value"),
    optional=("bert.pooler.",),
    encoder_options=(("add_pooling_layer", False),),
    inert=("bos_token_id", "eos_token_id", "directionality", "gradient_checkpointing", "pooler_fc_size", "pooler_type"),
)
