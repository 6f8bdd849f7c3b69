"""A model folder's network as an ONNX file: float32 by torch, and int8 made from that.

int8 is onnxruntime's own quantisation, of the products of matrices with weights (experiments/006-engines has what was tried).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from detente.errors import ModelError
from detente.model.encoder_config import encoder_config
from detente.model.network import load_network, quiet

BLOCK = 128
"""Numbers that share a scale where a scale a batch is too coarse."""
IN_INT8 = 4
"""onnxruntime's accuracy level of MatMulNBits at which products are computed in int8."""
LARGEST = 2**31 - 2**20
"""Bytes of weights; an ONNX file is one protobuf message, and they end at 2 GiB."""


def export(folder: Path, n_labels: int, out: Path) -> None:
    """Write a model folder's network as float32 ONNX: input_ids and attention_mask (n, length) int64 → logits (n, n_labels).

    Raises ModelError for weights that cannot be loaded, or of 2 GiB and more.
    """
    import torch

    network = load_network(folder, n_labels).eval()
    n_bytes = 4 * network.num_parameters()
    if n_bytes > LARGEST:
        raise ModelError(f"{folder}: {n_bytes / 2**30:.1f} GiB of weights; an export holds less than 2. Use engine 'torch'.")

    class Logits(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.network(input_ids=input_ids, attention_mask=attention_mask).logits

    # Two texts of eight tokens: a size of 0 or 1 would be taken for a constant.
    batch = {name: torch.ones(2, 8, dtype=torch.int64) for name in ("input_ids", "attention_mask")}
    sizes = {0: torch.export.Dim("n"), 1: torch.export.Dim("length", max=encoder_config(folder).n_positions)}
    with torch.inference_mode(), _quietly():
        torch.onnx.export(
            Logits().eval(),
            (),
            str(out),
            kwargs=batch,
            input_names=list(batch),
            output_names=["logits"],
            dynamic_shapes=dict.fromkeys(batch, sizes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def quantise(source: Path, out: Path) -> None:
    """Write the int8 version of a float32 export: the products of the layers, neither embeddings nor head.

    Most are quantised dynamically, with a scale a column of the weight and one for the whole batch. What narrows the
    feed-forward part has outliers in its input that no scale for a batch can bear: there, every 128 numbers of a token have
    their own.
    """
    import onnx

    model = onnx.load(source)
    # The quantiser turns a head's Gemm into a MatMul and stumbles over the shapes noted before; it infers them anew.
    del model.graph.value_info[:]
    heads = [f"{node.name}_MatMul" for node in model.graph.node if node.op_type == "Gemm"]
    shapes = {each.name: each.dims for each in model.graph.initializer}
    products = [node for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in shapes]
    others = [node.name for node in products if shapes[node.input[1]][0] <= shapes[node.input[1]][1]]
    with _quietly():
        from onnxruntime.quantization import QuantType, quantize_dynamic
        from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

        blocked = MatMulNBitsQuantizer(
            model, bits=8, block_size=BLOCK, is_symmetric=True, accuracy_level=IN_INT8, nodes_to_exclude=others
        )
        blocked.process()
        quantize_dynamic(
            blocked.model.model,
            out,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=False,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=heads,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what the exporters say of packages nobody needs and of each other's interfaces; their errors are raised.

    One of them makes the root logger talk when it is imported: hence it is imported in here, and the logger put back.
    """
    disabled, level, handlers = logging.root.manager.disable, logging.root.level, list(logging.root.handlers)
    logging.disable(logging.WARNING)
    try:
        with quiet(), warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
        logging.root.setLevel(level)
        logging.root.handlers[:] = handlers
