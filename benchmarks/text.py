"""Speed and memory of the text path, as ratios within one run.

    make bench-text DETENTE_TEST_DATA=FOLDER
    python benchmarks/text.py CORPUS.txt[.xz] VOCABULARY_FOLDER [--sentences 5000] [--rounds 5] [--memory 500000]

The corpus has a word-segmented sentence a line (the public vietnews corpus has); raw text is made of it by taking the joints
out and closing up the punctuation.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import psutil
from measure import address, rate, ratio, rounds, table
from parity import open_text
from tqdm import tqdm
from transformers import PhobertTokenizer

from detente import PhobertTokenizerFast, TextPath, segment_corpus
from detente.text.pool import n_cores

PARTS = ("tokenizers", "segmenters", "memory")


def raw(segmented: str) -> str:
    text = segmented.replace("_", " ")
    return re.sub(r"([(“]) ", r"\1", re.sub(r" ([,.;:!?)”])", r"\1", text))


def sentences(corpus: Path) -> Iterator[str]:
    with open_text(corpus) as stream:
        for line in stream:
            yield line.rstrip("\n")


def tokenizers(lines: list[str], vocabulary: Path, n_rounds: int) -> None:
    paths = str(vocabulary / "vocab.txt"), str(vocabulary / "bpe.codes")
    slow, fast = PhobertTokenizer(*paths), PhobertTokenizerFast(*paths)

    def forget() -> None:
        slow.cache.clear()
        fast._words.known.clear()
        fast.backend_tokenizer.model._clear_cache()

    def slow_ids() -> None:
        for line in lines:
            slow.convert_tokens_to_ids(slow.tokenize(line))

    runs = {
        "slow, ids only": slow_ids,
        "fast, ids only": lambda: fast.ids(lines),
        "slow, full call": lambda: slow(lines),
        "fast, full call": lambda: fast(lines),
    }
    for state in ("after other text", "same lines again"):
        if state == "after other text":
            seconds: dict[str, list[float]] = {name: [] for name in runs}
            for _ in range(n_rounds):
                for name, run in runs.items():
                    forget()
                    seconds[name] += rounds({name: run}, 1)[name]
        else:
            for run in runs.values():
                run()
            seconds = rounds(runs, n_rounds)
        rows = [
            [name, rate(own, len(lines)), ratio(own, seconds["slow, " + name.split(", ")[1]])] for name, own in seconds.items()
        ]
        print(f"\nTokenizers, one process, memory of words {'empty' if state == 'after other text' else 'warm'}\n")
        print(table(["tokenizer", "sentences a second", "times the slow one"], rows))


def segmenters(lines: list[str], vocabulary: Path, names: list[str], n_rounds: int) -> None:
    fast = PhobertTokenizerFast(str(vocabulary / "vocab.txt"), str(vocabulary / "bpe.codes"))
    default = TextPath()
    runs = {"normalisation alone": lambda: [default.normalise(line) for line in lines]}
    for name in names:
        path = TextPath(segmenter=name)
        path("Khởi động.")
        runs[f"{name}, 1 process"] = lambda path=path: path.batch(lines)
        runs[f"{name}, {n_cores()} processes"] = lambda path=path: list(segment_corpus(path, lines, n_cores()))
    runs["raw text to ids, 1 process"] = lambda: fast.ids(default.batch(lines))
    runs[f"raw text to ids, {n_cores()} processes"] = lambda: fast.ids(list(segment_corpus(default, lines, n_cores())))
    seconds = rounds(runs, n_rounds)
    reference = seconds["underthesea, 1 process"]
    print("\nText path (a pool's start is part of its time)\n")
    rows = [[name, rate(own, len(lines)), ratio(own, reference)] for name, own in seconds.items()]
    print(table(["step", "sentences a second", "times underthesea, 1 process"], rows))


def memory(corpus: Path, n: int) -> None:
    """Resident memory of this process and its workers while the default path runs over n sentences."""
    own = psutil.Process()

    def resident() -> float:
        found = 0
        for process in chain([own], own.children(recursive=True)):
            try:
                found += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return found / 2**20

    rows, highest, step = [], 0.0, max(n // 10, 1)
    texts = (raw(line) for line in islice(sentences(corpus), n))
    with tqdm(total=n, unit="sentence", file=sys.stderr, disable=None) as bar:
        for number, _ in enumerate(segment_corpus(TextPath(), texts), start=1):
            if number % 1000 == 0:
                bar.update(1000)
                highest = max(highest, resident())
            if number % step == 0:
                rows.append([f"{number:,}", f"{highest:,.0f}"])
                highest = 0.0
    print(f"\nMemory of the default path, {n_cores()} processes and this one, MiB (highest since the row before)\n")
    print(table(["sentences", "MiB"], rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("--sentences", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--segmenters", nargs="*", default=["underthesea", "pyvi", "rdrsegmenter"])
    parser.add_argument("--memory", type=int, default=500_000, help="sentences of the memory test")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    lines = list(islice(sentences(options.corpus), options.sentences))
    print(address("transformers", "tokenizers", "underthesea"))
    n_words = sum(len(line.split()) for line in lines)
    print(f"{len(lines):,} sentences of {n_words / len(lines):.1f} words on average; {options.rounds} rounds")
    if "tokenizers" in options.parts:
        tokenizers(lines, options.vocabulary, options.rounds)
    if "segmenters" in options.parts:
        segmenters([raw(line) for line in lines], options.vocabulary, options.segmenters, options.rounds)
    if "memory" in options.parts:
        memory(options.corpus, options.memory)


if __name__ == "__main__":
    main()
