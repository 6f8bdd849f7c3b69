"""LoRA through peft; merged into the weights afterwards, so that a saved model needs no peft."""

from __future__ import annotations

from typing import Any

from detente.errors import ConfigError
from detente.model.architectures import architecture_of
from detente.training.options import NEEDS_PEFT, TrainingOptions


def with_lora(network: Any, options: TrainingOptions) -> Any:
    """The network with small trainable matrices beside its query and value projections; the head stays trainable.

    Raises ConfigError if peft is not installed.
    """
    try:
        from peft import LoraConfig, get_peft_model
    except ModuleNotFoundError as error:
        raise ConfigError(NEEDS_PEFT) from error
    config = LoraConfig(
        task_type="SEQ_CLS",
        r=options.lora_rank,
        lora_alpha=options.lora_alpha,
        lora_dropout=options.lora_dropout,
        target_modules=list(architecture_of(network).projections),
    )
    return get_peft_model(network, config)


def merged(network: Any) -> Any:
    """The plain network again, its weights changed by what LoRA learnt; any other network as it is."""
    return network.merge_and_unload() if hasattr(network, "merge_and_unload") else network
