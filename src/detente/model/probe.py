"""A frozen encoder with one linear layer on ``<s>`` and the mean of the tokens, as a transformers model."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from transformers import RobertaModel
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.roberta.modeling_roberta import RobertaPreTrainedModel

ARCHITECTURE = "RobertaForProbing"


class RobertaForProbing(RobertaPreTrainedModel):  # type: ignore[misc]
    """RobertaModel and a linear layer (2 · hidden_size → num_labels) on the first token's state beside the mean of all."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.roberta = RobertaModel(config, add_pooling_layer=False)
        self.probe = nn.Linear(2 * config.hidden_size, config.num_labels)
        self.post_init()

    def forward(self, input_ids: Any, attention_mask: Any, **_: Any) -> SequenceClassifierOutput:
        """Logits (n, num_labels)."""
        return SequenceClassifierOutput(logits=self.probe(self.features(input_ids, attention_mask)))

    def features(self, input_ids: Any, attention_mask: Any) -> torch.Tensor:
        """The states that the layer reads, (n, 2 · hidden_size): of ``<s>``, then the mean over the tokens."""
        hidden = self.roberta(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask[..., None].to(hidden.dtype)
        return torch.cat([hidden[:, 0], (hidden * mask).sum(1) / mask.sum(1)], dim=1)
