"""How good a classifier gets with so many labels: nested samples of articles of a dataset's training side.

    python experiments/008-dispute/learning_curve.py DATASET RESULTS.jsonl --arms lexicon tfidf mini-probe mini e5-probe e5 \\
        --encoder e5=multilingual-e5-small --sizes 200 400 800 1600 3200 all --seeds 3

Every fit is scored on the validation split and is one line of RESULTS.jsonl; those that stand there are not made again. A seed
shuffles the articles, and a size takes the first so many sentences of them, so that the smaller sample lies in the larger.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

from sklearn.metrics import f1_score

from detente.dataset import LabelledDataset, read_dataset
from detente.dataset.segmented import Segmented, segment_texts
from detente.model.options import ModelOptions
from detente.records import Example
from detente.text import TextPath
from detente.training.fitting import encoder_folder, fit, text_path
from detente.training.options import TrainingOptions, TrainOptions

TASKS = ("stance", "sentiment")
FINETUNE = TrainingOptions(method="finetune", batch_size=32, class_weights="none", precision="fp32")
MINI = replace(FINETUNE, epochs=5, learning_rate=1e-4)
LARGE = replace(FINETUNE, epochs=4, learning_rate=1e-4, layer_decay=0.9, freeze_embeddings=True)


def options_of(arm: str, encoders: dict[str, str]) -> TrainOptions:
    """``tfidf``, ``lexicon``; else an encoder, fine-tuned on both tasks, or probed (NAME-probe)."""
    if arm in ("tfidf", "lexicon"):
        return TrainOptions(model=ModelOptions(arm, arm))
    name = arm.removesuffix("-probe")
    model = ModelOptions(name, path=encoders.get(name, ""))
    if arm.endswith("-probe"):
        return TrainOptions(model=model)
    return TrainOptions(task=TASKS, model=model, training=MINI if name == "mini" else LARGE)


def sample(dataset: LabelledDataset, size: int, seed: int) -> list[Example]:
    """So many training sentences, article by article."""
    rows = dataset.labelled(TASKS)
    groups = sorted({row.group_id for row in rows})
    random.Random(seed).shuffle(groups)
    rank = {group: at for at, group in enumerate(groups)}
    return sorted(rows, key=lambda row: (rank[row.group_id], row.sentence_id))[:size]


@cache
def segmented_rows(dataset: Path, path: TextPath) -> Segmented:
    """What a text path makes of every sentence, once for all fits."""
    return segment_texts([row.text for row in read_dataset(dataset).rows], path)


def scores(options: TrainOptions, dataset: LabelledDataset, size: int, seed: int) -> dict[str, float]:
    """Macro-F1 of both tasks on the validation split, and the seconds of the fits."""
    encoder = encoder_folder(options)
    train, dev = sample(dataset, size, seed), dataset.labelled(TASKS, "validation")
    segmented = segmented_rows(dataset.folder, text_path(options, encoder))
    started, result = time.monotonic(), {}
    for tasks in [options.task] if options.stepwise else TASKS:
        model = fit(train, replace(options, task=tasks), seed=seed, encoder=encoder, segmented=segmented)
        probs = model.score_segmented([segmented[row.text] for row in dev]).probs
        for task, labels in model.info.tasks.items():
            predicted = [labels[at] for at in probs[task].argmax(1)]
            result[task] = float(f1_score([row.label(task) for row in dev], predicted, average="macro"))
    return result | {"seconds": time.monotonic() - started}


def table(results: list[dict[str, object]]) -> str:
    """Mean and standard deviation over the seeds, a line for an arm and a size."""
    cells: dict[tuple[str, int], list[dict[str, object]]] = {}
    for row in results:
        cells.setdefault((str(row["arm"]), int(str(row["size"]))), []).append(row)
    lines = ["| model | labels | " + " | ".join(TASKS) + " | seeds |", "| --- | --- | --- | --- | --- |"]
    for (arm, size), rows in sorted(cells.items()):
        values = [[float(str(row[task])) for row in rows] for task in TASKS]
        shown = [f"{statistics.mean(own):.3f}" + (f" ± {statistics.stdev(own):.3f}" if own[1:] else "") for own in values]
        lines.append(f"| {arm} | {size} | {' | '.join(shown)} | {len(rows)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("results", type=Path)
    parser.add_argument("--arms", nargs="+", default=["lexicon", "tfidf", "mini-probe", "mini"])
    parser.add_argument("--encoder", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--sizes", nargs="+", default=["200", "400", "800", "1600", "3200", "all"])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    dataset = read_dataset(options.dataset)
    everything = len(dataset.labelled(TASKS))
    encoders = dict(pair.split("=", 1) for pair in options.encoder)
    results = [json.loads(line) for line in options.results.read_text().splitlines()] if options.results.exists() else []
    made = {(row["arm"], row["size"], row["seed"]) for row in results}
    for arm in options.arms:
        for size in (everything if size == "all" else int(size) for size in options.sizes):
            for seed in range(1 if arm == "lexicon" else options.seeds):  # nothing is fitted
                if (arm, size, seed) in made:
                    continue
                row = {"arm": arm, "size": size, "seed": seed}
                row |= scores(options_of(arm, encoders), dataset, size, seed)
                with options.results.open("a") as file:
                    file.write(json.dumps(row) + "\n")
                results.append(row)
                print(row, flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
