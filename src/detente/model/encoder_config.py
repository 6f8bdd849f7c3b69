"""config.json of an encoder, read by an allow-list.

The file comes from wherever an encoder comes from, and transformers does what it says: lays out a billion layers, fetches
kernels and quantisers, turns an encoder into a decoder. Hence what decides the computation is read key by key, each within the
range of its architecture; what means nothing here is passed over; anything else is an error.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from detente import strict_json
from detente.errors import ModelError
from detente.model.architectures import ARCHITECTURES, Architecture, Pooling

_OF_OURS = ("untrained", "architectures", "probe_layers", "probe_pooling")
"""Keys that say what an encoder is, and nothing of how it computes."""


@dataclass(frozen=True)
class EncoderConfig:
    """What config.json says: the architecture, and the values of its keys, those of this package among them.

    ``values`` is an instance of the architecture's ``config``.
    """

    architecture: Architecture
    values: Any

    @property
    def vocab_size(self) -> int:
        """Rows of the word embeddings."""
        return int(self.values.vocab_size)

    @property
    def num_hidden_layers(self) -> int:
        """Layers, without the embeddings."""
        return int(self.values.num_hidden_layers)

    @property
    def hidden_size(self) -> int:
        """The width of a state."""
        return int(self.values.hidden_size)

    @property
    def pad_token_id(self) -> int:
        """The id whose positions count for nothing in networks that find positions by it."""
        return int(self.values.pad_token_id)

    @property
    def n_positions(self) -> int:
        """How many tokens a text may have, special ones included."""
        return int(self.architecture.n_positions(self.values))

    @property
    def untrained(self) -> bool:
        """Whether the weights are random."""
        return bool(self.values.untrained)

    @property
    def head(self) -> tuple[str, ...]:
        """What the file says of the network's class."""
        return tuple(self.values.architectures or ())

    @property
    def probe_layers(self) -> tuple[int, ...] | None:
        """The layers whose states a stored probe reads."""
        return None if self.values.probe_layers is None else tuple(self.values.probe_layers)

    @property
    def probe_pooling(self) -> Pooling | None:
        """What of them it reads."""
        pooling: Pooling | None = self.values.probe_pooling
        return pooling

    def check_length(self, max_tokens: int, folder: Path) -> None:
        """Raise ModelError for texts of more tokens than there are positions."""
        if max_tokens > self.n_positions:
            raise ModelError(
                f"{folder}: the encoder has positions for {self.n_positions} tokens, the text path cuts at {max_tokens}; train "
                f"with text.max_tokens={self.n_positions} at most."
            )

    def settings(self, n_labels: int, head: str, dropout: float | None = None) -> Any:
        """transformers' configuration of a classifier; ``dropout`` is the head's, the file's if None."""
        stored = asdict(self.values)
        values = {name: stored[name] for name in (field.name for field in fields(self.values)) if name not in _OF_OURS}
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
        if dropout is not None:
            values[self.architecture.head_dropout] = dropout
        # What a file leaves open is transformers' to say, and a null is no value to it.
        values = {name: value for name, value in values.items() if value is not None or name == self.architecture.head_dropout}
        if self.untrained:
            values["untrained"] = True
        return self.architecture.settings_of({**values, "architectures": [head], "num_labels": n_labels})


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
    """config.json of an encoder. Raises ModelError unless its architecture is known, and it says nothing that is not known.

    A folder with an adapter of PEFT beside the weights is refused: transformers would add it to them.
    """
    path = folder / "config.json"
    stored = strict_json.read_object(path, error=ModelError)
    kind = stored.get("model_type")
    architecture = ARCHITECTURES.get(kind) if isinstance(kind, str) else None
    if architecture is None:
        known = ", ".join(f"'{each}'" for each in ARCHITECTURES)
        raise ModelError(f"{path}: model_type is {strict_json.shown(kind)}; expected one of {known}.")
    _check_adapters(folder)
    known_keys = {field.name for field in fields(architecture.config)}
    for key, value in stored.items():
        if key not in known_keys:
            _check_other(path, key, value, architecture)
    values = {key: value for key, value in stored.items() if key in known_keys}
    return EncoderConfig(architecture, strict_json.convert(values, architecture.config, str(path), error=ModelError))


def _check_adapters(folder: Path) -> None:
    adapters = sorted(each.name for each in folder.iterdir() if each.name.startswith(("adapter_config", "adapter_model")))
    if adapters:
        raise ModelError(
            f"{folder}: holds {', '.join(adapters[:3])}, an adapter that would change the weights; expected none. "
            "Merge it into the weights (peft: merge_and_unload), or move it elsewhere."
        )


def _check_other(path: Path, key: str, value: object, architecture: Architecture) -> None:
    """Raise ModelError for a key that is neither inert nor off."""
    if value is None or value is False or value in ([], {}, "", 0) or key in _INERT or key in architecture.inert:
        return
    shown = strict_json.shown
    if key not in _ONLY:
        raise ModelError(
            f"{path}: the key {shown(key)} (of value {shown(value)}) is none that an encoder of the type "
            f"'{architecture.model_type}' needs, and it could change what the encoder computes or load foreign code; expected "
            "a config.json without it."
        )
    if value not in _ONLY[key]:
        expected = " or ".join(str(each).lower() for each in _ONLY[key])
        raise ModelError(f"{path}: '{key}' is {shown(value)}; expected {expected}, or a config.json without it.")
