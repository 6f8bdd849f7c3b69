"""A model's macro-F1 beside baselines on a dataset's test: paired differences, 95 % by bootstrap over groups.

python experiments/008-dispute/paired.py DATASET MODEL
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from detente import load_model
from detente.dataset import read_dataset
from detente.model.options import ModelOptions
from detente.training.fitting import fit
from detente.training.options import TrainOptions

N_DRAWS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("model")
    options = parser.parse_args()
    dataset, model = read_dataset(options.dataset), load_model(options.model)
    tasks = tuple(model.info.tasks)
    rows, train = dataset.labelled(tasks, "test"), dataset.labelled(tasks)
    texts, probs = [row.text for row in rows], model.score([row.text for row in rows]).probs
    groups = np.unique([row.group_id for row in rows], return_inverse=True)[1]
    members = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    for task, labels in model.info.tasks.items():
        gold, own = np.array([row.label(task) for row in rows]), np.array(labels)[probs[task].argmax(1)]
        for kind in ("tfidf", "lexicon"):
            baseline = fit(train, TrainOptions(task=task, model=ModelOptions(kind, kind)), seed=0, encoder=None)
            other = np.array(labels)[baseline.score(texts).probs[task].argmax(1)]
            random, differences = np.random.default_rng(0), []
            for _ in range(N_DRAWS):
                drawn = np.concatenate([members[group] for group in random.integers(0, len(members), len(members))])
                scores = [f1_score(gold[drawn], predicted[drawn], average="macro") for predicted in (own, other)]
                differences.append(scores[0] - scores[1])
            whole = f1_score(gold, own, average="macro") - f1_score(gold, other, average="macro")
            low, high = np.quantile(differences, [0.025, 0.975])
            print(f"{task}: {whole:+.3f} ({low:+.3f} to {high:+.3f}) beside {kind}", flush=True)


if __name__ == "__main__":
    main()
