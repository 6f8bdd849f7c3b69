"""An export without its weights: some kilobytes that come with a model, and become its export without torch.

The weights of an export are those of model.safetensors, as they are or transposed. A graph says of each which tensor it is
(``doc_string`` of the initializer), and holds none of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import ModelError
from detente.strict_json import shown

if TYPE_CHECKING:
    import numpy as np

_TRANSPOSED = "transposed:"
_SMALL = 2**20
"""Bytes of a constant that may stay in the graph, such as the numbers of the positions."""


def strip(source: Path, weights: Path, out: Path) -> None:
    """Write a float32 export without its weights. Raises ModelError where one of them is not in ``weights``."""
    import onnx
    from onnx import numpy_helper

    model = onnx.load(source)
    known = _by_content(_read(weights))
    for each in model.graph.initializer:
        values = numpy_helper.to_array(each)
        name = known.get((values.shape, values.tobytes())) if values.dtype == "float32" else None
        if name is not None:
            each.ClearField("raw_data")
        each.doc_string = name or ""
        if name is None and values.nbytes > _SMALL:
            raise ModelError(
                f"{source}: the weight {shown(each.name)} is none of {weights.name}'s; its graph cannot stand alone."
            )
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]  # where in torch's sources it came from
    del model.graph.value_info[:]
    onnx.save(model, out)


def fill(graph: Path, weights: Path, out: Path) -> None:
    """Write the export that a graph and its model's weights make. Raises ModelError where they do not fit."""
    import numpy as np
    import onnx

    model, tensors = onnx.load(graph), _read(weights)
    for each in model.graph.initializer:
        if not each.doc_string:
            continue
        stored = tensors.get(each.doc_string.removeprefix(_TRANSPOSED))
        if stored is not None and each.doc_string.startswith(_TRANSPOSED):
            stored = stored.T
        if stored is None or stored.shape != tuple(each.dims):
            raise ModelError(f"{graph}: asks for {shown(each.doc_string)}, which {weights.name} does not hold in its shape.")
        each.raw_data = np.ascontiguousarray(stored, dtype="<f4").tobytes()
        each.doc_string = ""
    onnx.save(model, out)


def _read(weights: Path) -> dict[str, np.ndarray]:
    """The tensors in float32."""
    from safetensors.numpy import load_file

    return {name: tensor.astype("float32") for name, tensor in load_file(weights).items()}


def _by_content(tensors: dict[str, np.ndarray]) -> dict[tuple[Any, bytes], str]:
    """What an initializer may be → the tensor's name; a vector of the same numbers twice is either."""
    known: dict[tuple[Any, bytes], str] = {}
    for name, tensor in tensors.items():
        known.setdefault((tensor.shape, tensor.tobytes()), name)
        if tensor.ndim == 2:
            known.setdefault((tensor.T.shape, tensor.T.tobytes()), f"{_TRANSPOSED}{name}")
    return known
