"""The whole of `detente build` on many articles: time and peak memory.

    python benchmarks/build.py CORPUS.txt.xz 10000

Articles are real sentences of news in tens of paragraphs, all in one JSONL file; a few sentences of the first 200 have labels.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import resource
import tempfile
import time
from itertools import islice
from pathlib import Path

from measure import address

from detente.articles import extract_articles, split_article
from detente.articles.readers import Page
from detente.articles.tables import read_table
from detente.dataset import BuildOptions, build_dataset
from detente.dataset.build import DataOptions
from detente.errors import ArticleError
from detente.rows import TextColumn
from detente.tasks import task_named

N_SENTENCES = 20
N_LABELLED = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="a file of sentences, one a line, .xz")
    parser.add_argument("n_articles", type=int, nargs="?", default=10_000)
    arguments = parser.parse_args()
    corpus = arguments.corpus.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_articles(corpus, arguments.n_articles)
        write_labels()
        started = time.perf_counter()
        built = build_dataset(BuildOptions(data=DataOptions("bench", "articles.jsonl", "labels.jsonl")), progress=True)
        seconds = time.perf_counter() - started
        os.chdir("/")
    n_skipped = len(built.manifest.skipped_pages)
    print(f"articles {built.manifest.n_articles:,}, sentences {built.manifest.n_sentences:,}, skipped {n_skipped:,}")
    print(f"{seconds:.0f} s, peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:,.0f} MB")
    print(address("numpy", "pyarrow"))


def write_articles(corpus: Path, n: int) -> None:
    with lzma.open(corpus, "rt", encoding="utf-8") as lines, Path("articles.jsonl").open("w", encoding="utf-8") as out:
        sentences = (line.strip().replace("_", " ").replace(" ,", ",").replace(" .", ".") for line in lines)
        for number in range(n):
            texts = [text if text.endswith((".", "!", "?")) else f"{text}." for text in islice(sentences, N_SENTENCES)]
            paragraphs = [" ".join(texts[at : at + 2]) for at in range(0, len(texts), 2)]
            out.write(json.dumps({"id": f"p{number:06}", "text": "\n".join(paragraphs)}, ensure_ascii=False) + "\n")


def write_labels() -> None:
    given = {"annotator": "bench", "annotator_kind": "machine", "sentiment": None, "rule": "0", "guideline_version": 2}
    n_labels, labels = 0, task_named("stance").labels
    with Path("labels.jsonl").open("w", encoding="utf-8") as out:
        for page in islice(read_table(Path("articles.jsonl"), TextColumn("text")), N_LABELLED):
            try:
                articles = extract_articles(page)[0] if isinstance(page, Page) else ()
            except ArticleError:
                continue
            for sentence in [sentence for article in articles for sentence in split_article(article)[:4]]:
                label = {
                    "sentence_id": sentence.sentence_id,
                    "text": sentence.text,
                    "stance": labels[n_labels % len(labels)],
                }
                out.write(json.dumps({**label, **given}, ensure_ascii=False) + "\n")
                n_labels += 1


if __name__ == "__main__":
    main()
