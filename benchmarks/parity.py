"""PhobertTokenizerFast against transformers' PhobertTokenizer on every line of a corpus; exit 1 at a difference.

    make parity DETENTE_TEST_DATA=FOLDER
    python benchmarks/parity.py CORPUS.txt[.xz|.gz] VOCABULARY_FOLDER

The corpus has a word-segmented sentence a line, the folder vocab.txt and bpe.codes. Every line is encoded whole, and every
fiftieth with a special token, an emoji, a no-break space or a decomposed letter put in.
"""

from __future__ import annotations

import gzip
import lzma
import sys
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm
from transformers import PhobertTokenizer

from detente import PhobertTokenizerFast

PUT_IN = (" </s> ", "🙂", "\u00a0", "<mask>", " @@ ", "\n", "\u200b", " <unk>x")
BATCH = 4096


def open_text(path: Path) -> TextIO:
    opener: Any = {".xz": lzma.open, ".gz": gzip.open}.get(path.suffix, open)
    stream: TextIO = opener(path, "rt", encoding="utf-8", newline="\n")
    return stream


def texts(path: Path) -> Iterator[str]:
    with open_text(path) as stream:
        for number, line in enumerate(stream):
            text = line.rstrip("\n")
            yield text
            if number % 50 == 0:
                half = len(text) // 2
                yield text[:half] + PUT_IN[number // 50 % len(PUT_IN)] + text[half:]
                yield unicodedata.normalize("NFD", text)


def main(corpus: Path, vocabulary: Path) -> int:
    paths = str(vocabulary / "vocab.txt"), str(vocabulary / "bpe.codes")
    slow, fast = PhobertTokenizer(*paths), PhobertTokenizerFast(*paths)
    n_texts = n_ids = 0
    source = texts(corpus)
    with tqdm(unit="text", file=sys.stderr, disable=None) as bar:
        while batch := list(islice(source, BATCH)):
            calls = fast(batch)["input_ids"]
            for text, ids, call in zip(batch, fast.ids(batch), calls, strict=True):
                expected = slow.convert_tokens_to_ids(slow.tokenize(text))
                if not ids == expected == call[1:-1]:
                    print(f"differs: {text!r}\n  slow {expected}\n  fast {ids}\n  call {call}", file=sys.stderr)
                    return 1
                n_ids += len(ids)
            n_texts += len(batch)
            bar.update(len(batch))
    print(f"identical ids for {n_texts:,} texts ({n_ids:,} ids)")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
