"""Rows a second of a prediction by one and by two of Ray's workers, each of one thread, beside the loop of one thread.

    make bench-ray DETENTE_TEST_DATA=FOLDER
    python benchmarks/ray_workers.py TEXTS.txt[.xz] [--rows 16384] [--rounds 5] [--workers 1 2]

TEXTS has a sentence a line; where it is word-segmented, the "_" between syllables is taken for a space. The model is the
embedded encoder with a random head. All ways take turns. Each is the whole prediction from a JSONL file to a JSONL file:
reading, text path, model, writing; with Ray also its start on this machine, some ten seconds, and the loading of the model in
each worker.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from itertools import islice
from pathlib import Path

import torch
from measure import address, rate, ratio, rounds, table
from parity import open_text
from predict import write_model

from detente.model.engines import EngineOptions, load_engine
from detente.prediction import predict
from detente.prediction.on_ray import RayRunner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--rows", type=int, default=16_384)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", nargs="*", type=int, default=[1, 2])
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder, rows, out = Path(scratch, "model"), Path(scratch, "in.jsonl"), Path(scratch, "out.jsonl")
        write_model("mini", folder, folder)
        with open_text(options.texts) as stream, rows.open("w", encoding="utf-8") as file:
            for line in islice(stream, options.rows):
                file.write(json.dumps({"text": line.rstrip("\n").replace("_", " ")}, ensure_ascii=False) + "\n")
        classifier = load_engine(folder, EngineOptions(n_threads=1))
        ray = RayRunner(folder, EngineOptions(n_threads=1), say=lambda line: None)

        def by_ray(n_workers: int) -> None:
            predict(classifier, rows, out, runner=ray, n_workers=n_workers, restart=True)

        ways = {"loop, one process": lambda: predict(classifier, rows, out, n_workers=1, restart=True)}
        ways |= {f"Ray, workers {n}": lambda n=n: by_ray(n) for n in options.workers}
        seconds = rounds(ways, options.rounds)
    print(address("torch", "ray"))
    print(f"{options.rows:,} rows, one thread each, {options.rounds} rounds, Ray's start within the time")
    reference = seconds[f"Ray, workers {options.workers[0]}"]
    head = ["way", "rows a second", f"times Ray, workers {options.workers[0]}"]
    print(table(head, [[way, rate(own, options.rows), ratio(own, reference)] for way, own in seconds.items()]))


if __name__ == "__main__":
    main()
