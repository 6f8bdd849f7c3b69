"""The kinds of networks that are read, one small file each."""

from typing import Any

from detente.model.architectures.architecture import POOLINGS, Architecture, Pooling
from detente.model.architectures.bert import BERT
from detente.model.architectures.deberta import DEBERTA
from detente.model.architectures.modernbert import MODERNBERT
from detente.model.architectures.roberta import CAMEMBERT, ROBERTA, XLM_ROBERTA

ARCHITECTURES: dict[str, Architecture] = {
    each.model_type: each for each in (ROBERTA, XLM_ROBERTA, CAMEMBERT, BERT, MODERNBERT, DEBERTA)
}
"""``model_type`` of config.json → the architecture."""


def architecture_of(network: Any) -> Architecture:
    """The architecture of a network of transformers."""
    return ARCHITECTURES[network.config.model_type]


__all__ = ["ARCHITECTURES", "POOLINGS", "Architecture", "Pooling", "architecture_of"]
