"""A frozen encoder with one linear layer on its states."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from transformers.modeling_outputs import SequenceClassifierOutput

from detente.model.architectures import Architecture

if TYPE_CHECKING:
    from detente.model.network import ProbeShape


class EncoderForProbing(nn.Module):
    """An encoder and a linear layer (n_parts · hidden_size → num_labels) on what ``shape`` says of its states."""

    def __init__(self, architecture: Architecture, config: Any, shape: ProbeShape) -> None:
        super().__init__()
        self.config = config
        self._body = architecture.body.removesuffix(".")
        self._shape = shape
        setattr(self, self._body, architecture.encoder_of(config))
        self.probe = nn.Linear(shape.n_parts * config.hidden_size, config.num_labels)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.probe.weight.device

    def num_parameters(self) -> int:
        """How many numbers the weights have."""
        return sum(parameter.numel() for parameter in self.parameters())

    def forward(self, input_ids: Any, attention_mask: Any, **_: Any) -> SequenceClassifierOutput:
        """Logits (n, num_labels)."""
        return SequenceClassifierOutput(logits=self.probe(self.features(input_ids, attention_mask)))

    def features(self, input_ids: Any, attention_mask: Any) -> torch.Tensor:
        """The states that the layer reads, (n, n_parts · hidden_size): layer by layer the first token's, the mean."""
        last = all(layer in (-1, self.config.num_hidden_layers) for layer in self._shape.layers)
        found = getattr(self, self._body)(
            input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=not last, return_dict=True
        )
        # What comes out at the end has been through the last norm, where a network has one there.
        states = [
            found.last_hidden_state if layer in (-1, self.config.num_hidden_layers) else found.hidden_states[layer]
            for layer in self._shape.layers
        ]
        return torch.cat([part for state in states for part in self._pooled(state, attention_mask)], dim=1)

    def _pooled(self, state: torch.Tensor, attention_mask: torch.Tensor) -> list[torch.Tensor]:
        mask = attention_mask[..., None].to(state.dtype)
        parts = {"first": lambda: state[:, 0], "mean": lambda: (state * mask).sum(1) / mask.sum(1)}
        wanted = ("first", "mean") if self._shape.pooling == "first_mean" else (self._shape.pooling,)
        return [parts[name]() for name in wanted]

    def set_attn_implementation(self, name: str) -> None:
        """As transformers' networks have it."""
        getattr(self, self._body).set_attn_implementation(name)

    def save_pretrained(self, folder: Path | str) -> None:
        """Write config.json and model.safetensors, as transformers' networks do."""
        from safetensors.torch import save_file

        self.config.save_pretrained(folder)
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self.state_dict().items()}
        save_file(tensors, Path(folder) / "model.safetensors", metadata={"format": "pt"})
