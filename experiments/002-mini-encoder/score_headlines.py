"""An encoder on the headlines of ViClickbait-2025 (Data in Brief 2025, doi 10.1016/j.dib.2025.112164): probe and fine-tuning.

    python experiments/002-mini-encoder/score_headlines.py ENCODER FOLDER [--splits dev] [--fine-tune] [--seeds 3]

FOLDER holds train.jsonl, dev.jsonl and test_dedup.jsonl with ``text`` and ``label`` (clickbait, non-clickbait). Everything is
fitted on train; variants are compared on dev; test_dedup is scored once, for the encoder that was chosen.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from detente.dataset.segmented import segment_texts
from detente.model.classifier import ModelInfo
from detente.records import Example
from detente.tasks import task_named
from detente.text import TextPath
from detente.training.finetuning import finetune
from detente.training.options import TrainingOptions
from detente.training.probing import choose_strength, features_of, fit_probe

# The fitting functions know the labels of this project's tasks; two of them stand for the headlines' two.
STAND_IN = {"clickbait": "negative", "non-clickbait": "positive"}


def read(folder: Path, split: str) -> list[Example]:
    rows = [json.loads(line) for line in (folder / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        Example(
            sentence_id=f"{split}{at}",
            article_id=f"{split}{at}",
            group_id=f"{split}{at}",
            text=row["text"],
            start=0,
            end=len(row["text"]),
            date=None,
            outlet=None,
            stance=None,
            sentiment=STAND_IN[row["label"]],
        )
        for at, row in enumerate(rows)
    ]


def macro_f1(gold: list[str], predicted: list[str]) -> float:
    return f1_score(gold, predicted, average="macro")


def interval(gold: list[str], predicted: list[str], other: list[str] | None = None) -> str:
    """95 % of a percentile bootstrap over headlines, of the score or of its difference to another's."""
    generator = np.random.default_rng(0)
    gold_, own, rest = np.array(gold), np.array(predicted), None if other is None else np.array(other)
    found = []
    for _ in range(2000):
        rows = generator.integers(len(gold_), size=len(gold_))
        score = macro_f1(gold_[rows], own[rows])
        found.append(score if rest is None else score - macro_f1(gold_[rows], rest[rows]))
    low, high = np.percentile(found, [2.5, 97.5])
    return f"{low:+.3f} to {high:+.3f}" if other is not None else f"{low:.3f} to {high:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("encoder", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--splits", nargs="+", default=["dev"])
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--segmenter", default="underthesea")
    parser.add_argument("--tone-marks", default="old")
    options = parser.parse_args()
    train, path = read(options.folder, "train"), TextPath(segmenter=options.segmenter, tone_marks=options.tone_marks)
    gold_train = [row.label("sentiment") or "" for row in train]
    held_out = {split: read(options.folder, split) for split in options.splits}
    segmented = segment_texts([row.text for rows in (train, *held_out.values()) for row in rows], path)
    texts_train = [segmented[row.text] for row in train]

    svm = make_pipeline(TfidfVectorizer(token_pattern=r"\S+", ngram_range=(1, 2), sublinear_tf=True), LinearSVC())
    svm.fit(texts_train, gold_train)
    features = features_of(options.encoder, path.max_tokens)
    states = features(texts_train)
    groups = [row.group_id for row in train]
    strength = choose_strength(states, gold_train, groups, TrainingOptions().probe_strengths, balanced=True)
    probe = fit_probe(states, gold_train, strength, balanced=True)
    info = ModelInfo("encoder", "headlines", {"sentiment": task_named("sentiment").labels})
    settings = TrainingOptions(method="finetune", epochs=options.epochs, batch_size=32, learning_rate=options.learning_rate)
    tuned = [
        finetune(train, segmented, options.encoder, path, info, settings, dropout=0.1, seed=seed)
        for seed in range(options.seeds if options.fine_tune else 0)
    ]
    for split, rows in held_out.items():
        gold, texts = [row.label("sentiment") or "" for row in rows], [segmented[row.text] for row in rows]
        tfidf = [str(label) for label in svm.predict(texts)]
        probed = [str(label) for label in probe.predict(features(texts))]
        print(f"{split}: {len(gold)} headlines")
        print(f"tfidf      {macro_f1(gold, tfidf):.3f} ({interval(gold, tfidf)})")
        print(
            f"probe      {macro_f1(gold, probed):.3f} ({interval(gold, probed)}), C {strength}; "
            f"beside tfidf {interval(gold, probed, tfidf)}"
        )
        found = []
        for model in tuned:
            probs = model.score([row.text for row in rows]).probs["sentiment"][:, [0, 2]]
            found.append([("negative", "positive")[at] for at in probs.argmax(1)])
        if found:
            scores = [macro_f1(gold, own) for own in found]
            spread = f", mean {statistics.mean(scores):.3f}, sd {statistics.stdev(scores):.3f}" if scores[1:] else ""
            print(
                f"fine-tuned {scores[0]:.3f} ({interval(gold, found[0])}) with seed 0{spread} over {len(scores)} seeds; "
                f"beside tfidf {interval(gold, found[0], tfidf)}"
            )


if __name__ == "__main__":
    main()
