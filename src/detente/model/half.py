"""Weights stored in half precision: half the bytes, read back as float32 by the loader."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Literal

from detente.atomic import weights_written
from detente.errors import ModelError, UsageError
from detente.model.classifier import Classifier
from detente.model.encoder import EncoderClassifier

Stored = Literal["fp32", "fp16"]
"""The number format of the weights in a folder; whatever it is, the model computes in float32."""


def rounded(classifier: Classifier) -> EncoderClassifier:
    """The classifier with every weight as fp16 holds it, in float32: what is loaded from a folder in fp16.

    The given one stays as it is. Raises UsageError for a model that has no such weights, ModelError for a weight out of range.
    """
    import torch

    if not isinstance(classifier, EncoderClassifier) or classifier.network is None:
        raise UsageError(
            f"weights=fp16: {classifier.info.display_name} has no weights of a network to store; expected an encoder's "
            "classifier, as load_model gives it. Leave it at fp32."
        )
    network = copy.deepcopy(classifier.network)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                half = tensor.half()
                if not bool(torch.isfinite(half).all()):
                    raise ModelError(
                        f"weights=fp16: {name} holds a weight of {float(tensor.abs().max()):g}, and fp16 ends at 65504. Store "
                        "it in fp32."
                    )
                tensor.copy_(half)
    return EncoderClassifier(network.eval(), classifier.tokenizer, classifier.text_path, classifier.info)


def store_half(path: Path) -> None:
    """Write the floats of a safetensors file anew in fp16; of weights that are ``rounded`` nothing is lost."""
    from safetensors.torch import load_file, save_file

    tensors = {name: each.half() if each.is_floating_point() else each for name, each in load_file(path).items()}
    with weights_written(path):
        save_file(tensors, path, metadata={"format": "pt"})
