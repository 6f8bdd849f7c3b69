"""Where to compute, and in which number format."""

from __future__ import annotations

from typing import Any

from detente.errors import ConfigError

PRECISIONS = ("auto", "bf16", "fp32")


def choose_device() -> Any:
    """The GPU if there is one."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def choose_dtype(precision: str) -> Any:
    """torch's dtype for ``bf16``, ``fp32`` or ``auto``: bfloat16 where the processor or the GPU multiplies it in hardware.

    On a processor with AMX or AVX512-BF16 a bfloat16 product is two to several times faster than one in float32; on others,
    slower.
    """
    import torch

    if precision not in PRECISIONS:
        raise ConfigError(f"precision: expected {', '.join(PRECISIONS)}, got '{precision}'.")
    if precision == "auto":
        return torch.bfloat16 if _multiplies_bf16() else torch.float32
    return torch.bfloat16 if precision == "bf16" else torch.float32


def _multiplies_bf16() -> bool:
    import torch

    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported())


def attend_in_fp32(model: Any) -> None:
    """Let a model on a processor multiply its matrices in bfloat16 and attend in float32.

    PyTorch's bfloat16 attention is so slow there in the backward pass (more than ten times float32's, measured with torch 2.13)
    that it eats what the matrices gain. A network that brings an attention of its own keeps it.
    """
    import torch
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    def attend(module: Any, query: Any, key: Any, value: Any, mask: Any, **kwargs: Any) -> Any:
        with torch.autocast("cpu", enabled=False):
            mask = mask.float() if mask is not None and mask.is_floating_point() else mask
            found, weights = sdpa_attention_forward(module, query.float(), key.float(), value.float(), mask, **kwargs)
        return found.to(query.dtype), weights

    if model.config._attn_implementation != "sdpa":
        return
    AttentionInterface.register("sdpa_in_fp32", attend)
    AttentionMaskInterface.register("sdpa_in_fp32", sdpa_mask)
    model.set_attn_implementation("sdpa_in_fp32")
