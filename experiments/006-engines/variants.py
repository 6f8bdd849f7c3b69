"""Ways to quantise an encoder's products to int8, side by side: speed, and what becomes of the labels.

    python experiments/006-engines/variants.py MODEL_FOLDER CORPUS.txt[.xz] [--sentences 1000] [--rounds 3] [--base-shape]

With --base-shape the network is PhoBERT-base's shape with random weights over the model folder's tokenizer: its speed counts,
its labels say nothing. A layer has six products in this order: query, key, value, output, what widens the feed-forward part,
what narrows it. "Blocks" is MatMulNBits with 8 bits: every 128 numbers of a token have their own scale, and so have those of a
weight's column. All else is dynamic int8, with a scale a column of a weight and one for the batch.
"""

from __future__ import annotations

import argparse
import logging
import lzma
import statistics
import tempfile
import time
from collections.abc import Callable, Collection
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from transformers import RobertaForSequenceClassification

from detente.model import onnx as engine
from detente.model.engines import EngineOptions, load_engine
from detente.model.families import load_tokenizer
from detente.model.families.phobert import phobert_config

# Name → which of a layer's six products go by blocks, and which stay in float32.
VARIANTS: dict[str, tuple[Collection[int], Collection[int]]] = {
    "all dynamic": ((), ()),
    "narrowing in float32": ((), (5,)),
    "widening in float32": ((), (4,)),
    "output in float32": ((), (3,)),
    "query, key, value in float32": ((), (0, 1, 2)),
    "output and narrowing in float32": ((), (3, 5)),
    "narrowing by blocks": ((5,), ()),
    "output and narrowing by blocks": ((3, 5), ()),
    "all by blocks": (range(6), ()),
}


def quantise(source: Path, out: Path, blocks: Collection[int], full: Collection[int]) -> None:
    model = onnx.load(source)
    del model.graph.value_info[:]
    weights = {each.name for each in model.graph.initializer}
    products = [node.name for node in model.graph.node if node.op_type == "MatMul" and node.input[1] in weights]
    heads = [f"{node.name}_MatMul" for node in model.graph.node if node.op_type == "Gemm"]
    if blocks:
        others = [name for at, name in enumerate(products) if at % 6 not in blocks]
        by_blocks = MatMulNBitsQuantizer(
            model, bits=8, block_size=128, is_symmetric=True, accuracy_level=4, nodes_to_exclude=others
        )
        by_blocks.process()
        model = by_blocks.model.model
    quantize_dynamic(
        model,
        out,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=[*heads, *(name for at, name in enumerate(products) if at % 6 in full)],
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def base_shape(model: Path, folder: Path, n_labels: int) -> Path:
    tokenizer = load_tokenizer(model)
    config = phobert_config(num_labels=n_labels, vocab_size=len(tokenizer), architectures=["RobertaForSequenceClassification"])
    RobertaForSequenceClassification(config).save_pretrained(folder)
    engine.export(folder, n_labels, folder / "fp32.onnx")
    return folder / "fp32.onnx"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base-shape", action="store_true")
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # the quantiser tells every node
    opener = lzma.open if options.corpus.suffix == ".xz" else open
    with opener(options.corpus, "rt", encoding="utf-8") as stream:
        texts = [line.strip().replace("_", " ") for line in islice(stream, 0, options.sentences * 12, 12)]
    classifier: Any = load_engine(options.model, EngineOptions("onnx"))
    segmented = classifier.text_path.batch(texts)
    n_labels = sum(map(len, classifier.info.tasks.values()))
    with tempfile.TemporaryDirectory() as scratch:
        shape = base_shape(options.model, Path(scratch, "base"), n_labels) if options.base_shape else None
        source = shape or engine.exported(options.model, n_labels, "fp32")
        forwards = {"float32": engine.forward_of(engine.start_session(source), classifier.tokenizer.pad_token_id)}
        for number, name in enumerate(options.variants):
            out = Path(scratch, f"{number}.onnx")
            quantise(source, out, *VARIANTS[name])
            forwards[name] = engine.forward_of(engine.start_session(out), classifier.tokenizer.pad_token_id)
        compare(forwards, classifier, segmented, options.rounds)


def compare(forwards: dict[str, Callable[..., Any]], classifier: Any, segmented: list[str], n_rounds: int) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in forwards}
    probs = {}
    for _ in range(n_rounds):
        for name, forward in forwards.items():
            classifier.forward = forward
            started = time.perf_counter()
            probs[name] = classifier.score_segmented(segmented).probs
            seconds[name].append(time.perf_counter() - started)
    for name, own in seconds.items():
        times = sorted(full / each for full, each in zip(seconds["float32"], own, strict=True))
        print(f"{name}: {statistics.median(times):.2f} times float32 ({times[0]:.2f}-{times[-1]:.2f})", end="")
        for task, found in probs[name].items():
            equal = np.mean(found.argmax(1) == probs["float32"][task].argmax(1))
            print(f"; {task} {equal:.4f} equal, shift {abs(found - probs['float32'][task]).max():.4f}", end="")
        print()


if __name__ == "__main__":
    main()
