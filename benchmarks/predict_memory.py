"""Whether prediction keeps its memory when the input grows: peak resident memory at several numbers of made-up rows.

    make bench-predict-memory
    python benchmarks/predict_memory.py 100000 1000000 [--model one-layer|tfidf] [--segmenter none] [--out out.jsonl]

Each number runs in a process of its own: rows of random words from the seeds' sentences, through an encoder of one narrow layer
with random weights and the embedded one's vocabulary, or TF-IDF fitted on the seeds; the text path given by --segmenter
("none" for rows that arrive segmented, so that nothing but the loop is measured), no workers. Prints rows, peak memory in MB,
seconds and rows a second.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import address
from transformers import RobertaModel

from detente import places
from detente.dataset import LabelledDataset, build_dataset
from detente.dataset.build import BuildOptions
from detente.model import Classifier, ModelInfo
from detente.model.encoder import EncoderClassifier
from detente.model.families import load_tokenizer
from detente.model.families.phobert import phobert_config
from detente.model.network import load_network
from detente.model.options import ModelOptions
from detente.prediction import predict
from detente.tasks import task_named
from detente.text import TextPath
from detente.text.path import TextOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("n_rows", type=int, nargs="+")
    parser.add_argument("--model", default="one-layer", choices=["one-layer", "tfidf"])
    parser.add_argument("--segmenter", default="none")
    parser.add_argument("--out", default="out.jsonl", help="its ending is the output's format")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.alone:
        print(json.dumps(measured(arguments.n_rows[0], arguments.model, arguments.segmenter, arguments.out)))
        return
    print(address("pyarrow", "scikit-learn"))
    for n_rows in arguments.n_rows:
        command = [sys.executable, __file__, str(n_rows), "--model", arguments.model, "--segmenter", arguments.segmenter]
        command += ["--out", arguments.out, "--alone"]
        found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        print(
            f"{n_rows:>9,} rows  {found['mb']:>6,.0f} MB  {found['seconds']:>7.1f} s  {n_rows / found['seconds']:>8,.0f} rows/s"
        )


def measured(n_rows: int, model: str, segmenter: str, out: str) -> dict[str, float]:
    """Peak memory of this process after predicting, and the seconds of the prediction."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = build_dataset(BuildOptions(out=f"{folder}/{places.SEEDS.name}"))
        classifier = one_layer(Path(folder)) if model == "one-layer" else tfidf(dataset)
        classifier.text_path = type(classifier.text_path)(segmenter=segmenter)
        write_rows(Path(folder, "in.jsonl"), [row.text for row in dataset.rows], n_rows)
        summary = predict(classifier, Path(folder, "in.jsonl"), Path(folder, out), n_workers=1)
    return {"mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "seconds": summary.seconds}


def one_layer(folder: Path) -> Classifier:
    encoder = folder / "encoder"
    vocab_size = json.loads((places.MINI / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    shape = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    RobertaModel(phobert_config(vocab_size=vocab_size, **shape), add_pooling_layer=False).save_pretrained(encoder)
    for name in ("vocab.txt", "bpe.codes"):
        shutil.copyfile(places.MINI / name, encoder / name)
    network = load_network(encoder, len(task_named("stance").labels), fresh_head=True)
    info = ModelInfo("encoder", "one layer", {"stance": task_named("stance").labels}, untrained=True)
    return EncoderClassifier(network.eval(), load_tokenizer(encoder), TextPath(segmenter="none"), info)


def tfidf(dataset: LabelledDataset) -> Classifier:
    options = TrainOptions(model=ModelOptions(name="tfidf", kind="tfidf"), text=TextOptions(segmenter="syllables"))
    return fit(dataset.labelled("stance"), options, seed=0, encoder=None)


def write_rows(path: Path, sentences: list[str], n_rows: int) -> None:
    """Rows of words drawn from the sentences, 5 to 40 a row, the first two joined as a segmenter would."""
    draw = random.Random(0)
    words = sorted({word for sentence in sentences for word in sentence.split()})
    with path.open("w", encoding="utf-8") as file:
        for number in range(n_rows):
            chosen = draw.choices(words, k=draw.randint(5, 40))
            text = "_".join(chosen[:2]) + " " + " ".join(chosen[2:])
            file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
