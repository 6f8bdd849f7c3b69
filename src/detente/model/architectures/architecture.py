"""What a kind of network is to the rest of the code, and the types that its configuration is checked against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Interval, MaxLen

Size = Annotated[int, Interval(ge=1, le=8192)]
Inner = Annotated[int, Interval(ge=1, le=65536)]
Layers = Annotated[int, Interval(ge=1, le=48)]
Heads = Annotated[int, Interval(ge=1, le=256)]
Vocabulary = Annotated[int, Interval(ge=6, le=1_000_000)]
Positions = Annotated[int, Interval(ge=6, le=16384)]
Types = Annotated[int, Interval(ge=1, le=16)]
Epsilon = Annotated[float, Interval(ge=1e-13, le=1e-3)]
Spread = Annotated[float, Interval(gt=0, le=1)]
Share = Annotated[float, Interval(ge=0, lt=1)]
TokenId = Annotated[int, Interval(ge=0, le=1_000_000)]
Activation = Literal["gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "relu", "silu", "swish", "tanh"]
Names = Annotated[tuple[str, ...], MaxLen(16)]
ProbeLayers = Annotated[tuple[int, ...], MaxLen(49)]
Pooling = Literal["first", "mean", "first_mean"]

POOLINGS: tuple[Pooling, ...] = ("first", "mean", "first_mean")
"""What of a layer's states a probe reads: of the first token, the mean over all, or both side by side."""


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """The keys of config.json that all architectures share; the last four say what the encoder is, not how it computes.

    ``untrained`` and the probe's are this package's own keys. Raises ValueError for heads that do not share out the width.
    """

    vocab_size: Vocabulary
    hidden_size: Size
    num_hidden_layers: Layers
    num_attention_heads: Heads
    intermediate_size: Inner
    max_position_embeddings: Positions
    initializer_range: Spread = 0.02
    untrained: bool = False
    architectures: Names | None = None
    probe_layers: ProbeLayers | None = None
    probe_pooling: Pooling | None = None

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(f"hidden_size {self.hidden_size} is no multiple of num_attention_heads {self.num_attention_heads}")


@dataclass(frozen=True)
class Architecture:
    """A kind of network: its classes in transformers, its configuration, and where its parts are.

    ``config`` is a dataclass of the keys of config.json that decide the computation. Names are those of the parameters:
    ``body`` of the encoder in a classifier, ``layers`` and ``embeddings`` inside the body, ``heads`` beside it. ``optional``
    parts (full names) are taken from the weights where they are there and drawn anew where not, as a pooler; ``passed_over``
    are heads of pretraining. ``projections`` are LoRA's targets. ``n_positions`` says how many tokens a text may have.
    """

    model_type: str
    network: str
    encoder: str
    settings: str
    config: type[Any]
    body: str
    layers: str
    embeddings: tuple[str, ...]
    heads: tuple[str, ...]
    n_positions: Callable[[Any], int]
    projections: tuple[str, ...]
    optional: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ("lm_head.", "cls.")
    encoder_options: tuple[tuple[str, Any], ...] = ()
    head_dropout: str = "classifier_dropout"
    attention: str = "sdpa"
    inert: tuple[str, ...] = ()
    padding_is_fixed: bool = False

    def settings_of(self, values: dict[str, Any]) -> Any:
        """transformers' configuration with these values."""
        import transformers

        return getattr(transformers, self.settings)(**values)

    def network_class(self) -> Any:
        """transformers' classifier of sequences."""
        import transformers

        return getattr(transformers, self.network)

    def encoder_of(self, settings: Any) -> Any:
        """A new network without a head, as wide as its layers' states; its weights are drawn from torch's generator."""
        import transformers

        return getattr(transformers, self.encoder)(settings, **dict(self.encoder_options))
