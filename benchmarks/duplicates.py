"""Near-duplicates at scale: how long grouping takes and how much memory, and whether planted wire copies are found.

    DETENTE_TEST_DATA=... python benchmarks/duplicates.py 10000

Real sentences of news (each once in the source), 20 to an article; every tenth article is a wire copy of an earlier one: part
of its sentences, some of their words lost. Beyond the sentences at hand, further articles are made of their halves put together
anew, so that phrases repeat as they do in a larger corpus.
"""

from __future__ import annotations

import argparse
import lzma
import os
import random
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from measure import address

from detente.dataset.duplicates import PageGroups

N_SENTENCES = 20
COPY_EVERY = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n_articles", type=int, nargs="?", default=10_000)
    n_articles = parser.parse_args().n_articles
    sentences = read_sentences(N_SENTENCES * n_articles)
    groups = PageGroups()
    copied: dict[str, str] = {}
    before = memory()
    started = time.perf_counter()
    seconds_making = 0.0
    articles = make_articles(sentences, n_articles)
    while True:
        at = time.perf_counter()
        made = next(articles, None)
        seconds_making += time.perf_counter() - at
        if made is None:
            break
        page_id, texts, source = made
        groups.add(page_id, texts)
        if source:
            copied[page_id] = source
    adding = time.perf_counter() - started - seconds_making
    grouping = time.perf_counter()
    found = groups.groups()
    grouping = time.perf_counter() - grouping
    together = sum(found[page_id] == found[source] for page_id, source in copied.items())
    n_groups = len(set(found.values()))
    print(f"articles {n_articles:,}, sentences {N_SENTENCES * n_articles:,} at most; from {len(sentences):,} real ones")
    print(f"reading into sets {adding:.0f} s, grouping {grouping:.0f} s")
    print(f"peak memory {memory():,.0f} MB, of which {before:,.0f} MB before (the sentences themselves)")
    print(f"wire copies in the group of their source: {together:,} of {len(copied):,}")
    print(f"groups {n_groups:,}; expected {n_articles - len(copied):,}")
    print(address("numpy"))


def read_sentences(n: int) -> list[str]:
    """The first sentences of the corpus, without its segmentation."""
    path = Path(os.environ["DETENTE_TEST_DATA"]) / "corpus" / "vietnews-sentences.txt.xz"
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [line.strip().replace("_", " ") for line, _ in zip(lines, range(n), strict=False)]


def make_articles(sentences: list[str], n: int) -> Iterator[tuple[str, list[str], str | None]]:
    """Page id, sentences, and the page it is a copy of."""
    chance = random.Random(0)
    kept: list[tuple[str, list[str]]] = []
    taken = 0
    for number in range(n):
        page_id = f"p{number:06}"
        if number % COPY_EVERY == COPY_EVERY - 1:
            source, texts = chance.choice(kept)
            yield page_id, edited(texts, chance), source
            continue
        texts = [sentence(sentences, taken + at, chance) for at in range(N_SENTENCES)]
        taken += N_SENTENCES
        if len(kept) < 5_000:
            kept.append((page_id, texts))
        yield page_id, texts, None


def sentence(sentences: list[str], at: int, chance: random.Random) -> str:
    if at < len(sentences):
        return sentences[at]
    first, second = chance.choice(sentences).split(), chance.choice(sentences).split()
    return " ".join(first[: len(first) // 2] + second[len(second) // 2 :])


def edited(texts: list[str], chance: random.Random) -> list[str]:
    """Two thirds of an article's sentences or more, about one word in twenty lost."""
    kept = texts[: chance.randint(2 * len(texts) // 3, len(texts))]
    return [" ".join(word for word in text.split() if chance.random() > 0.05) for text in kept]


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    main()
