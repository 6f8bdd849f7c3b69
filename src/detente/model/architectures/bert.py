"""BERT: multilingual-e5-small, mBERT and others, of WordPiece or Unigram tokens."""

from __future__ import annotations

from dataclasses import dataclass

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
class BertConfig:
    """What of config.json decides the computation."""

    vocab_size: Vocabulary
    hidden_size: Size
    num_hidden_layers: Layers
    num_attention_heads: Heads
    intermediate_size: Inner
    max_position_embeddings: Positions
    type_vocab_size: Types
    layer_norm_eps: Epsilon
    hidden_act: Activation
    pad_token_id: TokenId = 0
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
