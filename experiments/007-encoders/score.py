"""Encoders of both families on the headlines of ViClickbait-2025 (Data in Brief 2025, doi 10.1016/j.dib.2025.112164).

    python experiments/007-encoders/score.py FOLDER ENCODER [ENCODER ...] [--seeds 3] [--epochs 3]

FOLDER holds train.jsonl and dev.jsonl with ``text`` and ``label``. Each encoder reads text as it was made to; it is probed with
each pooling, and fine-tuned with --seeds. Fitted on train, scored on dev; seconds are of this process, on its threads.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

from sklearn.metrics import f1_score

from detente.dataset.segmented import segment_texts
from detente.model.classifier import ModelInfo
from detente.model.families import text_path_of
from detente.records import Example
from detente.training.finetuning import finetune
from detente.training.options import TrainingOptions
from detente.training.probing import choose_strength, features_of, fit_probe, probe_shape

TASK, LABELS = "clickbait", ("clickbait", "non-clickbait")


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
            labels={TASK: row["label"]},
        )
        for at, row in enumerate(rows)
    ]


def macro_f1(gold: list[str], predicted: list[str]) -> float:
    return float(f1_score(gold, predicted, average="macro"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("encoders", type=Path, nargs="+")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--tone-marks", default="")
    options = parser.parse_args()
    train, dev = read(options.folder, "train"), read(options.folder, "dev")
    gold_train, gold = [row.labels[TASK] for row in train], [row.labels[TASK] for row in dev]
    for encoder in options.encoders:
        path = text_path_of(encoder)
        path = replace(path, tone_marks=options.tone_marks) if options.tone_marks else path
        print(f"## {encoder.name}: {path.segmenter}, tone marks {path.tone_marks}", flush=True)
        segmented = segment_texts([row.text for rows in (train, dev) for row in rows], path)
        for pooling in ("first", "mean", "first_mean"):
            features = features_of(encoder, path.max_tokens, probe_shape(encoder, TrainingOptions(probe_pooling=pooling)))
            started = time.monotonic()
            states = features([segmented[row.text] for row in train])
            rate = len(train) / (time.monotonic() - started)
            groups = [row.group_id for row in train]
            strength = choose_strength(states, gold_train, groups, TrainingOptions().probe_strengths, balanced=True)
            fitted = fit_probe(states, gold_train, strength, balanced=True)
            score = macro_f1(gold, list(map(str, fitted.predict(features([segmented[row.text] for row in dev])))))
            print(f"probe, {pooling}: {score:.3f} (C {strength:g}), {rate:.0f} sentences a second", flush=True)
        info = ModelInfo("encoder", encoder.name, {TASK: LABELS})
        settings = TrainingOptions(method="finetune", epochs=options.epochs, batch_size=32, learning_rate=options.learning_rate)
        scores = []
        for seed in range(options.seeds):
            started = time.monotonic()
            model = finetune(train, segmented, encoder, path, info, settings, dropout=0.1, seed=seed)
            seconds = time.monotonic() - started
            probs = model.score([row.text for row in dev]).probs[TASK]
            scores.append(macro_f1(gold, [LABELS[at] for at in probs.argmax(1)]))
            print(f"fine-tuned, seed {seed}: {scores[-1]:.3f} in {seconds:.0f} s", flush=True)
        if scores[1:]:
            print(f"fine-tuned: {statistics.mean(scores):.3f} ± {statistics.stdev(scores):.3f}", flush=True)


if __name__ == "__main__":
    main()
