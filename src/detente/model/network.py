"""An encoder with a head on it, from config.json and model.safetensors, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detente.atomic import weights_written
from detente.errors import ModelError
from detente.model.architectures import Architecture, Pooling
from detente.model.encoder_config import EncoderConfig, encoder_config
from detente.model.weights import read_weights

PROBE = "EncoderForProbing"
_PROBES = (PROBE, "RobertaForProbing")
"""What config.json calls a probe; the second is what versions before 0.2 wrote."""


@dataclass(frozen=True)
class ProbeShape:
    """What a probe reads: of which ``layers`` (1 is the lowest, -1 the last) and what of their states."""

    layers: tuple[int, ...] = (-1,)
    pooling: Pooling = "first_mean"

    @property
    def n_parts(self) -> int:
        """How many vectors as wide as a state stand side by side."""
        return len(self.layers) * (2 if self.pooling == "first_mean" else 1)


def load_network(
    folder: Path, n_labels: int, *, dropout: float | None = None, fresh_head: bool = False, probe: ProbeShape | None = None
) -> Any:
    """The encoder with a classification head, in float32, from safetensors. Raises ModelError.

    With ``fresh_head`` the head is drawn from torch's current generator: seed it first; ``probe`` says that it is to be a
    linear layer on states. A saved head is known by what config.json says of it.
    """
    import torch

    stored = encoder_config(folder)
    if probe is None and not fresh_head and is_probe(stored):
        probe = ProbeShape(stored.probe_layers or (-1,), stored.probe_pooling or "first_mean")
    make, settings = _maker(stored, n_labels, dropout, probe)
    with torch.device("meta"):
        shapes = {name: tuple(tensor.shape) for name, tensor in make(settings).state_dict().items()}
    weights = read_weights(folder / "model.safetensors", shapes, stored.architecture, fresh_head=fresh_head)
    if probe is not None:
        network = make(settings)
        network.load_state_dict(weights, strict=False)  # what may be missing was checked
        return network.float()
    # Tensors instead of the folder: in a folder transformers looks for adapters, shards and more, and takes what it finds.
    # That the head is new is the point of fine-tuning, not worth a table of warnings.
    with quiet():
        return make.from_pretrained(
            None,
            config=settings,
            state_dict=weights,
            dtype=torch.float32,
            attn_implementation=stored.architecture.attention,
        )


def is_probe(stored: EncoderConfig) -> bool:
    """Whether the saved head is a probe's."""
    return bool(set(_PROBES) & set(stored.head))


def _maker(stored: EncoderConfig, n_labels: int, dropout: float | None, probe: ProbeShape | None) -> tuple[Any, Any]:
    """What makes the network of a configuration, and the configuration."""
    architecture = stored.architecture
    if probe is None:
        return architecture.network_class(), stored.settings(n_labels, architecture.network, dropout)
    _check_layers(probe.layers, stored.num_hidden_layers)
    settings = stored.settings(n_labels, PROBE, dropout)
    settings.probe_layers, settings.probe_pooling = list(probe.layers), probe.pooling
    settings._attn_implementation = architecture.attention
    from detente.model.probe_network import EncoderForProbing

    return (lambda config: EncoderForProbing(architecture, config, probe)), settings


def _check_layers(layers: Sequence[int], n_layers: int) -> None:
    wrong = [layer for layer in layers if layer == 0 or not -n_layers <= layer <= n_layers]
    if wrong or not layers:
        raise ModelError(
            f"the layers of the probe: expected some of 1 to {n_layers}, or -1 for the last and so on, got {list(layers)}."
        )


def save_network(network: Any, folder: Path, tokenizer_class: str | None) -> None:
    """Write config.json and model.safetensors; ``tokenizer_class`` is what other programs are told to read the texts with."""
    with quiet(), weights_written(folder / "model.safetensors"):
        network.save_pretrained(folder)
    path = folder / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config.pop("tokenizer_class", None)
    if tokenizer_class:
        config["tokenizer_class"] = tokenizer_class
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def body_of(network: Any, architecture: Architecture) -> Any:
    """The encoder within a network with a head."""
    return getattr(network, architecture.body.removesuffix("."))


@contextmanager
def quiet() -> Iterator[None]:
    """transformers without warnings and progress bars, and as talkative as before afterwards."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
