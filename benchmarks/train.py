"""Speed of one epoch of fine-tuning the exact PhoBERT-base shape, as ratios within one run.

    make bench-train DETENTE_TEST_DATA=FOLDER
    python benchmarks/train.py CORPUS.txt[.xz] VOCABULARY_FOLDER [--sentences 400] [--batch-size 16] [--rounds 5]

Sentences of 5 to 80 syllables, lengths spread evenly. Every way of training has a process of its own, which stays for all
rounds; the ways take turns. Weights are random: speed does not depend on them. Padding to 256 costs the same at every step, so
a fifth of its steps is timed and the time multiplied.

simpletransformers is a way too where it is installed (0.70.8 runs beside transformers 5.23; its dependencies, streamlit and
wandb among them, are no part of the project's): ClassificationModel with its defaults on a CPU, told only the batch, one epoch,
PhoBERT's tokenizer (its own choice for "roberta" would be five tokens), to save nothing and to start no processes; tokenization
is in its time. SetFit (1.2.0 can be imported beside transformers 5.23) is not: by default it trains on all pairs of sentences,
80,000 for 400, and then fits a logistic regression, so that its epoch is another amount of work.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from measure import address, cpu, rate, ratio, table
from parity import open_text
from tqdm import tqdm
from transformers import PhobertTokenizer, RobertaModel, Trainer, TrainingArguments

from detente.model.encoder import pad
from detente.model.families import encode, load_tokenizer
from detente.model.families.phobert import phobert_config
from detente.model.network import load_network
from detente.tasks import task_named
from detente.training.loop import Item, Loop
from detente.training.losses import loss_of
from detente.training.options import TrainingOptions
from detente.training.precision import choose_dtype
from detente.training.seeding import seeded

PAD = 1
WAYS = ["ours", "ours, float32", "Trainer, padding collator", "Trainer, length groups", "Trainer, padded to 256"]
if find_spec("simpletransformers"):
    WAYS.append("simpletransformers")


def write_encoder(vocabulary: Path, folder: Path) -> None:
    RobertaModel(phobert_config(), add_pooling_layer=False).save_pretrained(folder)
    for name in ("vocab.txt", "bpe.codes"):
        shutil.copyfile(vocabulary / name, folder / name)


def chosen(corpus: Path, n: int) -> list[str]:
    """Sentences of 5 to 80 syllables, as many of each length as the corpus lets."""
    by_length: dict[int, list[str]] = {length: [] for length in range(5, 81)}
    wanted = -(-n // len(by_length))
    with open_text(corpus) as lines:
        for line in lines:
            own = by_length.get(len(line.replace("_", " ").split()))
            if own is not None and len(own) < wanted:
                own.append(line.rstrip("\n"))
            if all(len(found) == wanted for found in by_length.values()):
                break
    found = [line for own in by_length.values() for line in own]
    return [found[at] for at in np.random.default_rng(0).permutation(len(found))[:n]]


def ours(items: list[Item], network: Any, batch_size: int, precision: str) -> Callable[[], float]:
    options = TrainingOptions(method="finetune", epochs=1, batch_size=batch_size, precision=precision, learning_rate=3e-5)
    loss = loss_of({"stance": task_named("stance").labels}, {"stance": [1.0, 1.0, 1.0]}, "cross_entropy", 0.0)
    rounds = iter(range(1000))

    def run() -> float:
        with seeded(0):
            loop = Loop(network, items, loss, options, seed=next(rounds), pad_id=PAD)
            started = time.perf_counter()
            loop.run()
        return time.perf_counter() - started

    return run


def trainer(items: list[Item], network: Any, batch_size: int, longest: int, share: int, **more: Any) -> Callable[[], float]:
    rows = [{"input_ids": item.ids, "labels": item.targets[0]} for item in items]

    def collate(batch: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [row["input_ids"] for row in batch]
        found = pad([*ids, [PAD] * longest], PAD) if longest else pad(ids, PAD)
        found = {name: tensor[: len(ids)] for name, tensor in found.items()}
        found["attention_mask"] = (found["input_ids"] != PAD).long()
        return {**found, "labels": torch.tensor([row["labels"] for row in batch])}

    def run() -> float:
        with tempfile.TemporaryDirectory() as scratch:
            arguments = TrainingArguments(
                output_dir=scratch,
                num_train_epochs=1,
                max_steps=len(rows) // batch_size // share if share > 1 else -1,
                per_device_train_batch_size=batch_size,
                learning_rate=3e-5,
                report_to="none",
                save_strategy="no",
                disable_tqdm=True,
                remove_unused_columns=False,
                dataloader_pin_memory=False,
                logging_strategy="no",
                **more,
            )
            own = Trainer(model=network, args=arguments, train_dataset=rows, data_collator=collate)
            started = time.perf_counter()
            own.train()
            return share * (time.perf_counter() - started)

    return run


def simple(lines: list[str], folder: Path, batch_size: int) -> Callable[[], float]:
    from simpletransformers.classification import ClassificationModel  # noqa: PLC0415 - need not be there

    frame = pd.DataFrame({"text": lines, "labels": [at % 3 for at in range(len(lines))]})
    arguments = {"num_train_epochs": 1, "train_batch_size": batch_size, "no_save": True, "no_cache": True, "silent": True}
    arguments["use_multiprocessing"] = False  # for tokenizing; a daemon may have no children
    model = ClassificationModel(
        "roberta", str(folder), tokenizer_type=PhobertTokenizer, num_labels=3, use_cuda=False, args=arguments
    )

    def run() -> float:
        with tempfile.TemporaryDirectory() as scratch:
            started = time.perf_counter()
            model.train_model(frame, output_dir=scratch, args={"overwrite_output_dir": True}, show_running_loss=False)
            return time.perf_counter() - started

    return run


def worker(way: str, folder: Path, lines: list[str], batch_size: int, n_threads: int, orders: Any, answers: Any) -> None:
    """One way of training, for as many rounds as are ordered; answers seconds, then the peak of its memory in MiB."""
    torch.set_num_threads(n_threads)
    with seeded(0):
        network = load_network(folder, 3, dropout=0.1, fresh_head=True)
    tokenizer = load_tokenizer(folder)
    items = [Item(ids, [at % 3]) for at, ids in enumerate(encode(tokenizer, lines, 256).ids)]
    run = {
        "ours": lambda: ours(items, network, batch_size, "auto"),
        "ours, float32": lambda: ours(items, network, batch_size, "fp32"),
        "Trainer, padding collator": lambda: trainer(items, network, batch_size, 0, 1),
        "Trainer, length groups": lambda: trainer(items, network, batch_size, 0, 1, train_sampling_strategy="group_by_length"),
        "Trainer, padded to 256": lambda: trainer(items, network, batch_size, 256, 5),
        "simpletransformers": lambda: simple(lines, folder, batch_size),
    }[way]()
    answers.put(sum(len(item.ids) for item in items))
    while orders.get():
        answers.put(run())
    answers.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def limit(dtype: Any) -> float:
    """GFLOP a second of the machine's product of matrices of the encoder's sizes."""
    rows, inner, columns = 16 * 48, 768, 3072
    one, other = torch.randn(rows, inner, dtype=dtype), torch.randn(inner, columns, dtype=dtype)
    found = []
    for _ in range(40):
        started = time.perf_counter()
        one @ other
        found.append(2 * rows * inner * columns / (time.perf_counter() - started) / 1e9)
    return float(np.median(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--ways", nargs="*", default=WAYS)
    options = parser.parse_args()
    lines = chosen(options.corpus, options.sentences)
    context = multiprocessing.get_context("spawn")
    seconds: dict[str, list[float]] = {way: [] for way in options.ways}
    limits: dict[str, list[float]] = {"float32": [], "bfloat16": []}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "phobert-base"
        write_encoder(options.vocabulary, folder)
        n_threads = torch.get_num_threads()
        workers = {}
        for way in options.ways:
            orders, answers = context.Queue(), context.Queue()
            arguments = (way, folder, lines, options.batch_size, n_threads, orders, answers)
            context.Process(target=worker, args=arguments, daemon=True).start()
            workers[way] = orders, answers
        n_tokens = max([answers.get() for _, answers in workers.values()])
        for _ in tqdm(range(options.rounds), desc="rounds", disable=None):
            for name in limits:
                limits[name].append(limit(getattr(torch, name)))
            for way, (orders, answers) in workers.items():
                orders.put(True)
                seconds[way].append(answers.get())
        memory = {}
        for way, (orders, answers) in workers.items():
            orders.put(False)
            memory[way] = answers.get()
    print(address("torch", "transformers", "accelerate"))
    mean = n_tokens / len(lines)
    print(f"{len(lines)} sentences, {mean:.1f} ids on average, batch {options.batch_size}, {options.rounds} rounds")
    for name, found in limits.items():
        print(f"products of matrices, {name}: {np.median(found):,.0f} GFLOP/s ({min(found):,.0f}-{max(found):,.0f})")
    if not find_spec("simpletransformers"):
        print("simpletransformers: not installed here, not compared")
    # Forward and backward: six operations for each weight of a matrix and each token.
    work = 6 * 12 * (4 * 768 * 768 + 2 * 768 * 3072) * n_tokens / 1e9
    reference = seconds.get("Trainer, padding collator") or next(iter(seconds.values()))
    rows = []
    for way, own in seconds.items():
        found = limits["bfloat16" if way == "ours" and choose_dtype("auto") is torch.bfloat16 else "float32"]
        share = float(np.median([work / each / most for each, most in zip(own, found, strict=True)]))
        rows.append([way, rate(own, len(lines)), ratio(own, reference), f"{memory[way]:,.0f}", f"{share:.0%}"])
    print()
    print(table(["way", "sentences a second", "times the default Trainer", "peak MiB", "share of the limit"], rows))
    print(json.dumps({"seconds": seconds, "cpu": cpu()}))


if __name__ == "__main__":
    main()
