"""What `mlflow models serve` of a détente model bears: requests a second over loopback, latency, memory, refused answers.

    make bench-serving
    python benchmarks/serving.py [MODEL] [--requests 10000] [--clients 4] [--sentences 3] [--workers 1]

MODEL is `mini` (the embedded encoder, probed on the seeds: the default) or `tfidf`, which are trained into a store of their
own, a model folder, or a runs:/ or models:/ URI of the store at MLFLOW_TRACKING_URI. The clients are threads of this process,
each with one connection that stays open, and share the cores with the server. A request has a few sentences of the seeds.
Memory is the resident memory of all processes of the server together, the command that started it among them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np
from measure import address, table

from detente.dataset import build_dataset
from detente.dataset.build import BuildOptions
from detente.model.names import is_uri
from detente.model.options import ModelOptions
from detente.tracking import mlflow_run
from detente.tracking.options import TrackingOptions
from detente.training import TrainOptions, train

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from mlflow_serve import Served, mlflow_serve

HEADERS = {"Content-Type": "application/json"}
TRAINED = {"mini": ModelOptions(), "tfidf": ModelOptions(name="tfidf", kind="tfidf")}
MARKS = (1, 100, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000)


@dataclass
class Load:
    """What the clients have sent so far: seconds of each request, how often which status came, memory in MB at the marks."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    memory: dict[int, float] = field(default_factory=dict)


def served_uri(model: str, sentences_of: Path) -> tuple[str, str]:
    """The URI of a model and the store that has it, after training or logging it there if need be."""
    if is_uri(model):
        return model, ""
    store = f"sqlite:///{sentences_of.parent.absolute()}/mlflow.db"
    with mlflow_run(TrackingOptions(uri=store), "bench-serving") as recorder:
        if model in TRAINED:
            dataset = build_dataset(BuildOptions(out=str(sentences_of)))
            train(dataset, TrainOptions(model=TRAINED[model]), recorder=recorder)
        else:
            recorder.model(Path(model))
    return f"runs:/{recorder.run_id}/model", store


def bodies(n: int, n_sentences: int, folder: Path) -> list[bytes]:
    """Requests of sentences drawn from the seeds."""
    texts = [row.text for row in build_dataset(BuildOptions(out=str(folder))).rows]
    draw = random.Random(0)
    chosen = [[{"text": text} for text in draw.choices(texts, k=n_sentences)] for _ in range(n)]
    return [json.dumps({"dataframe_records": rows}, ensure_ascii=False).encode() for rows in chosen]


def megabytes(served: Served) -> float:
    """Resident memory of all processes of a server."""
    return sum(process.memory_info().rss for process in served.processes()) / 1e6


def send(served: Served, requests: list[bytes], n_requests: int, n_clients: int) -> tuple[Load, float]:
    """Send requests from several clients at once, each as soon as its last is answered; what came, and the seconds."""
    load, numbers, lock = Load(), count(), threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=120)
        while (number := next(numbers)) < n_requests:
            started = time.perf_counter()
            connection.request("POST", "/invocations", requests[number % len(requests)], HEADERS)
            answer = connection.getresponse()
            answer.read()
            taken = time.perf_counter() - started
            with lock:
                load.seconds.append(taken)
                load.statuses[answer.status] += 1
                if (done := len(load.seconds)) in MARKS or done == n_requests:
                    load.memory[done] = megabytes(served)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(n_clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return load, time.perf_counter() - started


def report(load: Load, seconds: float, n_sentences: int) -> str:
    n = len(load.seconds)
    p50, p95, p99 = (f"{1000 * each:,.0f} ms" for each in np.percentile(load.seconds, [50, 95, 99]))
    head = ["requests a second", "sentences a second", "p50", "p95", "p99", "answers other than 200"]
    row = [f"{n / seconds:,.1f}", f"{n * n_sentences / seconds:,.0f}", p50, p95, p99, f"{n - load.statuses[200]:,} of {n:,}"]
    memory = table(["after requests", "resident memory"], [[f"{at:,}", f"{mb:,.0f} MB"] for at, mb in load.memory.items()])
    return f"{table(head, [row])}\n\n{memory}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="mini")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--sentences", type=int, default=3, help="a request")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    options = parser.parse_args()
    model = str(Path(options.model).absolute()) if Path(options.model).is_dir() else options.model
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)  # models and their files are written where one stands
        uri, store = served_uri(model, Path("seeds"))
        requests = bodies(min(options.requests, 500), options.sentences, Path("again"))
        with mlflow_serve(uri, Path(name), store, "--workers", str(options.workers)) as served:
            load, seconds = send(served, requests, options.requests, options.clients)
            n_processes = len(served.processes())
        os.chdir("/")
    print(address("mlflow", "torch", "uvicorn"))
    print(
        f"{options.model}; {options.requests:,} requests of {options.sentences} sentences from {options.clients} clients; "
        f"--workers {options.workers}, {n_processes} processes with the command's own\n"
    )
    print(report(load, seconds, options.sentences))


if __name__ == "__main__":
    main()
