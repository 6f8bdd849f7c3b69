"""Sentences a second of a model's predictions, beside transformers' pipeline: end to end from raw text, and the model alone.

    make bench-predict DETENTE_TEST_DATA=FOLDER
    python benchmarks/predict.py TEXTS.txt[.xz] [--vocabulary FOLDER] [--sentences 256] [--rounds 5] [--models base mini]

TEXTS has a sentence a line; where it is word-segmented, the "_" between syllables is taken for a space. Two models:
PhoBERT-base's exact shape (random weights: speed does not depend on them) with the vocabulary of the folder, and the embedded
encoder. All ways take turns, so that a busy minute of the machine falls on all; ratios are taken round by round.

End to end is raw text to probabilities: text path (underthesea), tokenizer, network. The pipeline has no text path: it is given
segmented text, and the time that segmenting took in the same round is added. Model alone is segmented text to probabilities,
with the tokenizer: transformers' own in the pipeline, the fast one in ours. int8 is timed whether or not a model would be
allowed it: random weights cannot be judged (experiments/006-engines has the agreement of a real one).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from measure import address, rate, ratio, table
from parity import open_text
from train import limit
from transformers import PhobertTokenizer, RobertaForSequenceClassification, RobertaModel, pipeline

from detente import places, save_model
from detente.model import Classifier, ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.engines import EngineOptions, load_engine
from detente.model.families import load_tokenizer
from detente.model.families.phobert import phobert_config
from detente.model.network import load_network, quiet
from detente.tasks import task_named
from detente.text import TextPath

ENGINES = {
    "torch, sorted": EngineOptions("torch", "fp32"),
    "onnx fp32": EngineOptions("onnx", "fp32"),
    "onnx int8": EngineOptions("onnx", "int8"),
}


def write_model(name: str, vocabulary: Path, folder: Path) -> None:
    """A model folder of PhoBERT-base's shape, or of the embedded encoder, with a random head."""
    encoder = places.MINI
    if name == "base":
        encoder = folder.with_name("encoder")
        vocab_size = sum(1 for line in (vocabulary / "vocab.txt").open(encoding="utf-8") if line.strip()) + 5
        with quiet():
            RobertaModel(phobert_config(vocab_size=vocab_size), add_pooling_layer=False).save_pretrained(encoder)
        for file in ("vocab.txt", "bpe.codes"):
            shutil.copyfile(vocabulary / file, encoder / file)
    network = load_network(encoder, len(task_named("stance").labels), fresh_head=True)
    tokenizer = load_tokenizer(encoder)
    info = ModelInfo("encoder", name, {"stance": task_named("stance").labels}, untrained=True)
    save_model(EncoderClassifier(network.eval(), tokenizer, TextPath(), info), folder)


def pipeline_of(folder: Path, batch_size: int) -> Callable[[list[str]], object]:
    """transformers' pipeline over the same weights, its tokenizer told the limit that it would not keep."""
    with quiet():
        network = RobertaForSequenceClassification.from_pretrained(folder, dtype=torch.float32)
    tokenizer = PhobertTokenizer(str(folder / "vocab.txt"), str(folder / "bpe.codes"))
    classify: Any = pipeline("text-classification", model=network, tokenizer=tokenizer, top_k=None, device="cpu")
    return lambda segmented: classify(segmented, batch_size=batch_size, truncation=True, max_length=256)


def timed(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def turns(
    texts: list[str], pipelines: dict[str, Callable[[list[str]], object]], engines: dict[str, Classifier], n_rounds: int
) -> tuple[dict[str, list[float]], dict[str, list[float]], dict[str, list[float]]]:
    """Seconds end to end and of the model alone, and GFLOP/s of the machine's matrix products, round by round."""
    path = next(iter(engines.values())).text_path
    segmented = path.batch(texts)
    whole: dict[str, list[float]] = {name: [] for name in [*pipelines, *engines]}
    alone: dict[str, list[float]] = {name: [] for name in [*pipelines, *engines]}
    limits: list[float] = []
    for each in engines.values():
        each.score_segmented(segmented[:32])
    for _ in range(n_rounds):
        limits.append(limit(torch.float32))
        segmenting = timed(lambda: path.batch(texts))
        for name, run in pipelines.items():
            alone[name].append(timed(lambda run=run: run(segmented)))  # type: ignore[misc]
            whole[name].append(alone[name][-1] + segmenting)
        for name, engine in engines.items():
            alone[name].append(timed(lambda engine=engine: engine.score_segmented(segmented)))  # type: ignore[misc]
            whole[name].append(timed(lambda engine=engine: engine.score(texts)))  # type: ignore[misc]
    return whole, alone, {"float32": limits}


def work_of(folder: Path, engine: Classifier, texts: list[str]) -> tuple[float, int]:
    """GFLOP of the layers' products for the texts' own tokens, without padding, and how many tokens those are."""
    ids = engine.encode(texts) or []
    n_tokens = sum(map(len, ids))
    config = load_network(folder, len(task_named("stance").labels)).config
    hidden, inner = config.hidden_size, config.intermediate_size
    return 2 * config.num_hidden_layers * (4 * hidden * hidden + 2 * hidden * inner) * n_tokens / 1e9, n_tokens


def report(name: str, texts: list[str], vocabulary: Path, n_rounds: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        write_model(name, vocabulary, folder)
        engines = {label: load_engine(folder, options) for label, options in ENGINES.items()}
        pipelines = {f"pipeline, {what}": pipeline_of(folder, n) for n, what in ((1, "one by one"), (32, "batch 32"))}
        work, n_tokens = work_of(folder, engines["torch, sorted"], texts)
        whole, alone, limits = turns(texts, pipelines, engines, n_rounds)
    found = limits["float32"]
    print(f"\n{name}: {n_tokens / len(texts):.1f} ids a sentence on average; ", end="")
    print(f"products of matrices, float32: {np.median(found):,.0f} GFLOP/s ({min(found):,.0f}-{max(found):,.0f})\n")
    head = ["way", "sentences a second", "times one by one", "times batch 32", "model alone", "times batch 32", "of the limit"]
    rows = []
    for way, seconds in whole.items():
        share = np.median([work / each / most for each, most in zip(alone[way], found, strict=True)])
        rows.append(
            [
                way,
                rate(seconds, len(texts)),
                ratio(seconds, whole["pipeline, one by one"]),
                ratio(seconds, whole["pipeline, batch 32"]),
                rate(alone[way], len(texts)),
                ratio(alone[way], alone["pipeline, batch 32"]),
                f"{share:.0%}",
            ]
        )
    print(table(head, rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--vocabulary", type=Path, default=places.MINI, help="vocab.txt and bpe.codes of the base shape")
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", nargs="*", default=["base", "mini"], choices=["base", "mini"])
    options = parser.parse_args()
    with open_text(options.texts) as stream:
        texts = [line.rstrip("\n").replace("_", " ") for line in islice(stream, options.sentences)]
    print(address("torch", "transformers", "onnxruntime"))
    print(f"{len(texts)} sentences, {torch.get_num_threads()} threads of torch, {options.rounds} rounds")
    print("the limit is float32's; int8 has another, higher one")
    for name in options.models:
        report(name, texts, options.vocabulary, options.rounds)


if __name__ == "__main__":
    main()
