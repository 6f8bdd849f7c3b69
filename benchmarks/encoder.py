"""Speed of the embedded encoder beside PhoBERT-base's shape, and of its int8 export beside its own float32.

    make bench-encoder DETENTE_TEST_DATA=FOLDER
    python benchmarks/encoder.py CORPUS.txt[.xz] [--sentences 512] [--batch-size 32] [--rounds 5]

Sentences are sorted by length and padded to the longest of their batch. PhoBERT-base has random weights and the embedded
encoder's vocabulary here: its speed does not depend on them, but for the pieces a word has, so both read the same ids.
Export: torch.onnx, dynamic shapes; int8: onnxruntime's dynamic quantisation of the matrix products, one scale a column.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from measure import address, rate, ratio, rounds, table
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from parity import open_text
from transformers import RobertaModel

from detente import places
from detente.model.encoder import pad
from detente.model.phobert import encode, load_network, load_tokenizer, phobert_config


def export(network: Any, batch: dict[str, Any], folder: Path) -> dict[str, Path]:
    """float32 and int8 files."""

    class States(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    sizes = {0: torch.export.Dim("n"), 1: torch.export.Dim("longest", max=256)}
    paths = {name: folder / f"{name}.onnx" for name in ("fp32", "prepared", "int8")}
    with torch.inference_mode():
        torch.onnx.export(
            States().eval(),
            (),
            str(paths["fp32"]),
            kwargs=batch,
            input_names=list(batch),
            output_names=["states"],
            dynamic_shapes=dict.fromkeys(batch, sizes),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    quant_pre_process(str(paths["fp32"]), str(paths["prepared"]), skip_symbolic_shape=True)
    source, target = str(paths["prepared"]), str(paths["int8"])
    quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul"])
    return paths


def session(path: Path, n_threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = n_threads
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--encoder", type=Path, default=places.MINI)
    parser.add_argument("--sentences", type=int, default=512)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    network = load_network(options.encoder, 2, fresh_head=True).roberta.eval()
    tokenizer = load_tokenizer(options.encoder, network.config.vocab_size)
    with open_text(options.corpus) as stream:
        lines = [line.rstrip("\n") for line in islice(stream, options.sentences)]
    ids = sorted(encode(tokenizer, lines, 256).ids, key=len)
    step = options.batch_size
    batches = [pad(ids[at : at + step], tokenizer.pad_token_id) for at in range(0, len(ids), step)]
    large = RobertaModel(phobert_config(), add_pooling_layer=False).eval()

    def torch_run(model: Any) -> Callable[[], object]:
        def run() -> object:
            with torch.inference_mode():
                return [model(**batch).last_hidden_state for batch in batches]

        return run

    with tempfile.TemporaryDirectory() as scratch:
        paths = export(network, batches[0], Path(scratch))
        arrays = [{name: tensor.numpy() for name, tensor in batch.items()} for batch in batches]
        own = {name: session(paths[name], torch.get_num_threads()) for name in ("fp32", "int8")}
        runs = {
            "PhoBERT-base's shape, torch fp32": torch_run(large),
            "embedded, torch fp32": torch_run(network),
            "embedded, onnxruntime fp32": lambda: [own["fp32"].run(None, batch) for batch in arrays],
            "embedded, onnxruntime int8": lambda: [own["int8"].run(None, batch) for batch in arrays],
        }
        for run in runs.values():
            run()
        seconds = rounds(runs, options.rounds)
        with torch.inference_mode():
            states = [network(**batch).last_hidden_state.numpy() for batch in batches]
        shifts = {name: [one.run(None, batch)[0] for batch in arrays] for name, one in own.items()}
    reference = seconds["PhoBERT-base's shape, torch fp32"]
    print(address("torch", "transformers", "onnxruntime"))
    print(
        f"{len(ids)} sentences of {np.mean([len(row) for row in ids]):.1f} ids on average, batch {step}, "
        f"{torch.get_num_threads()} threads, {options.rounds} rounds\n"
    )
    fp32 = seconds["embedded, onnxruntime fp32"]
    print(
        table(
            ["encoder", "sentences a second", "times PhoBERT-base's shape", "times its own onnxruntime fp32"],
            [[name, rate(each, len(ids)), ratio(each, reference), ratio(each, fp32)] for name, each in seconds.items()],
        )
    )
    for name, found in shifts.items():
        cosine = np.concatenate([mean_cosine(a, b, batch) for a, b, batch in zip(states, found, arrays, strict=True)])
        print(f"\n{name}: cosine of the mean states with torch's, lowest {cosine.min():.5f}, median {np.median(cosine):.5f}")


def mean_cosine(one: Any, other: Any, batch: dict[str, Any]) -> Any:
    mask = batch["attention_mask"][..., None]
    a, b = ((states * mask).sum(1) for states in (one, other))
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


if __name__ == "__main__":
    main()
