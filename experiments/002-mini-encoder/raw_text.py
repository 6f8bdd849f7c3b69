"""Raw lines out of a word-segmented corpus: joints taken out, punctuation closed up.

python experiments/002-mini-encoder/raw_text.py CORPUS.txt[.xz] OUT.txt
"""

from __future__ import annotations

import lzma
import re
import sys
from pathlib import Path


def main(corpus: Path, out: Path) -> None:
    opened = lzma.open if corpus.suffix == ".xz" else open
    with opened(corpus, "rt", encoding="utf-8") as lines, out.open("w", encoding="utf-8") as raw:
        for line in lines:
            text = re.sub(r" ([,.;:!?)”])", r"\1", line.replace("_", " "))
            raw.write(re.sub(r"([(“]) ", r"\1", text))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
