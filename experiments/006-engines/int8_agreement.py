"""How often a model's int8 gives another label than its float32, on sentences of a corpus.

    python experiments/006-engines/int8_agreement.py MODEL_FOLDER CORPUS.txt[.xz] [--sentences 2000] [--every 12]

The corpus has a word-segmented sentence a line; the sentences go through the model's own text path. Beside the figures of the
check stands what the batch does: int8 has one scale for all that is multiplied at once, so that a text's neighbours count.
"""

from __future__ import annotations

import argparse
import lzma
from itertools import islice
from pathlib import Path

import numpy as np

from detente.model.engines import EngineOptions, load_engine
from detente.model.int8 import check_int8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sentences", type=int, default=2000)
    parser.add_argument("--every", type=int, default=12, help="take every n-th line")
    options = parser.parse_args()
    opener = lzma.open if options.corpus.suffix == ".xz" else open
    with opener(options.corpus, "rt", encoding="utf-8") as stream:
        lines = islice(stream, 0, options.sentences * options.every, options.every)
        texts = [line.strip().replace("_", " ") for line in lines]
    full = load_engine(options.model, EngineOptions("onnx", "fp32"), print)
    quantised = load_engine(options.model, EngineOptions("onnx", "int8"), print)
    check = check_int8(full, quantised, texts)
    print("\n".join(check.lines))
    print(check.refusal or "allowed")
    segmented = quantised.text_path.batch(texts)
    together, alone = quantised.score_segmented(segmented), quantised.score_segmented(segmented, batch_size=1)
    reference = full.score_segmented(segmented).probs
    for task, probs in together.probs.items():
        n_equal = int((probs.argmax(1) == alone.probs[task].argmax(1)).sum())
        moved = abs(probs - alone.probs[task]).max()
        print(f"int8 one by one, {task}: {n_equal} of {len(texts)} labels as in batches, probs differ by {moved:.3f}")
        ordered = np.sort(reference[task], axis=1)
        margins = ordered[:, -1] - ordered[:, -2]
        changed = probs.argmax(1) != reference[task].argmax(1)
        print(
            f"fp32, {task}: margin between the two best labels, median {np.median(margins):.3f}; of the labels that int8 "
            f"changes, {np.median(margins[changed]) if changed.any() else 0:.3f}"
        )


if __name__ == "__main__":
    main()
