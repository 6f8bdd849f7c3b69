"""Word segmentation against gold treebanks: precision, recall and F1 of words.

    make bench-segmenters DETENTE_TEST_DATA=FOLDER
    python benchmarks/segmenters.py vi_vtb-ud-test.conllu vi_tuecl-ud-test.conllu

Takes any CoNLL-U file. The two of the docs are public: github.com/UniversalDependencies/UD_Vietnamese-VTB and
UD_Vietnamese-TueCL (CC BY-SA 4.0). A word is right if it begins and ends where a gold word does, counted in characters without
white space. The interval is a percentile bootstrap over sentences (1,000 draws, seed 0).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measure import address, table

from detente import TextPath, normalise

SEGMENTERS = ("underthesea", "pyvi", "rdrsegmenter", "none")


def read_conllu(path: Path) -> Iterator[tuple[str, list[str]]]:
    """The raw text and the words of each sentence."""
    text, words = "", []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("# text = "):
            text = line.removeprefix("# text = ")
        elif not line and words:
            yield text or " ".join(words), words
            text, words = "", []
        elif line and not line.startswith("#"):
            number, form = line.split("\t")[:2]
            if number.isdigit():
                words.append(form)


def spans(words: list[str]) -> set[tuple[int, int]]:
    found, at = set(), 0
    for word in words:
        length = len(word.replace(" ", "").replace("_", ""))
        if length:
            found.add((at, at + length))
        at += length
    return found


def counts(path: Path, segmenter: str) -> np.ndarray:
    """(n_sentences, 3): right, predicted and gold words."""
    text_path = TextPath(segmenter=segmenter)
    rows = []
    for text, words in read_conllu(path):
        gold, predicted = spans([normalise(word) for word in words]), spans(text_path(text).split())
        rows.append((len(gold & predicted), len(predicted), len(gold)))
    return np.array(rows)


def f1(rows: np.ndarray) -> float:
    right, predicted, gold = rows.sum(axis=0)
    return 200 * right / (predicted + gold)


def main(paths: list[Path]) -> None:
    print(address("underthesea", "pyvi", "python-rdrsegmenter"))
    for path in paths:
        rows = []
        for segmenter in SEGMENTERS:
            found = counts(path, segmenter)
            right, predicted, gold = found.sum(axis=0)
            generator = np.random.default_rng(0)
            draws = [f1(found[generator.integers(len(found), size=len(found))]) for _ in range(1000)]
            low, high = np.percentile(draws, [2.5, 97.5])
            name = "none (every syllable a word)" if segmenter == "none" else segmenter
            shares = [f"{100 * right / predicted:.1f}", f"{100 * right / gold:.1f}"]
            rows.append([name, *shares, f"{f1(found):.1f} ({low:.1f}-{high:.1f})"])
        print(f"\n{path.name}: {len(found)} sentences, {gold:,} words\n")
        print(table(["segmenter", "precision", "recall", "F1 (95 %)"], rows))


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
