"""A linear probe: the encoder stays as it is, and a regularised logistic regression reads its states.

Features are computed once for each text, whatever folds and random seeds ask for them, so that a fit takes seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from detente.dataset.segmented import Segmented
from detente.model.architectures import Pooling
from detente.model.classifier import ModelInfo
from detente.model.encoder import EncoderClassifier, pad
from detente.model.families import encode, encoder_files, family_of, load_tokenizer
from detente.model.network import ProbeShape, load_network
from detente.records import Example
from detente.text import TextPath
from detente.training.options import TrainingOptions
from detente.training.seeding import seeded

if TYPE_CHECKING:
    import numpy as np

BATCH = 32
N_INNER_FOLDS = 5


class Features:
    """The states of one encoder for texts, remembered."""

    def __init__(self, encoder: Path, max_tokens: int, shape: ProbeShape) -> None:
        with seeded(0):
            self.network = load_network(encoder, n_labels=2, fresh_head=True, probe=shape).eval()
        self.tokenizer = load_tokenizer(encoder)
        self._max_tokens = max_tokens
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, segmented: Sequence[str]) -> np.ndarray:
        """(n, n_parts · hidden_size) float32."""
        import numpy as np
        import torch

        new = list(dict.fromkeys(text for text in segmented if text not in self._known))
        ids = encode(self.tokenizer, new, self._max_tokens).ids
        ordered = sorted(range(len(new)), key=lambda at: len(ids[at]))
        with torch.inference_mode():
            for start in range(0, len(ordered), BATCH):
                chosen = ordered[start : start + BATCH]
                found = self.network.features(**pad([ids[at] for at in chosen], self.tokenizer.pad_token_id)).numpy()
                self._known.update((new[at], row) for at, row in zip(chosen, found, strict=True))
        return np.stack([self._known[text] for text in segmented])


def features_of(encoder: Path, max_tokens: int, shape: ProbeShape = ProbeShape()) -> Features:  # noqa: B008 - frozen
    """The features of an encoder, shared by all fits of a process for as long as its files stay as they are."""
    stats = [(encoder / name).stat() for name in encoder_files(encoder)]
    return _features(encoder, max_tokens, shape, tuple((stat.st_size, stat.st_mtime_ns, stat.st_ino) for stat in stats))


@lru_cache(maxsize=2)
def _features(encoder: Path, max_tokens: int, shape: ProbeShape, files: tuple[tuple[int, int, int], ...]) -> Features:
    return Features(encoder, max_tokens, shape)


def probe_shape(encoder: Path, options: TrainingOptions) -> ProbeShape:
    """What a probe of an encoder reads: the options, and where they say ``auto`` its family."""
    pooling = options.probe_pooling
    return ProbeShape(options.probe_layers, family_of(encoder).pooling if pooling == "auto" else cast(Pooling, pooling))


def probe(
    examples: Sequence[Example],
    segmented: Segmented,
    encoder: Path,
    text_path: TextPath,
    info: ModelInfo,
    options: TrainingOptions,
    *,
    seed: int,
) -> EncoderClassifier:
    """Fit the linear layer on labelled sentences, task by task, and return the classifier.

    The inverse strength of the regularisation, C, is the one of ``options.probe_strengths`` with the best macro-F1 over inner
    folds by group of these sentences; the smallest where they have one group only.
    """
    import numpy as np
    import torch

    shape = probe_shape(encoder, options)
    features = features_of(encoder, text_path.max_tokens, shape)
    balanced = options.class_weights == "balanced"
    layers = []
    for task, labels in info.tasks.items():
        rows = [row for row in examples if row.label(task) is not None]
        states, gold = features([segmented[row.text] for row in rows]), [row.label(task) or "" for row in rows]
        strength = choose_strength(states, gold, [row.group_id for row in rows], options.probe_strengths, balanced=balanced)
        layers.append(_linear(fit_probe(states, gold, strength, balanced=balanced), labels))
    with seeded(seed):
        network = load_network(encoder, n_labels=sum(map(len, info.tasks.values())), fresh_head=True, probe=shape)
    with torch.no_grad():
        network.probe.weight.copy_(torch.from_numpy(np.concatenate([weight for weight, _ in layers])))
        network.probe.bias.copy_(torch.from_numpy(np.concatenate([bias for _, bias in layers])))
    return EncoderClassifier(network.eval(), features.tokenizer, text_path, info)


def choose_strength(
    states: np.ndarray, gold: Sequence[str], groups: Sequence[str], strengths: Sequence[float], *, balanced: bool
) -> float:
    """The C with the best macro-F1 of the pooled predictions over inner folds by group; of equals the smallest."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import GroupKFold

    ordered = sorted(strengths)
    n_groups = len(set(groups))
    if len(ordered) == 1 or n_groups < 2:
        return ordered[0]
    scores: dict[float, float] = {}
    folds = list(GroupKFold(min(N_INNER_FOLDS, n_groups)).split(states, gold, groups))
    for strength in ordered:
        predicted = list(gold)
        for inside, outside in folds:
            labels = {gold[at] for at in inside}
            if len(labels) == 1:
                found = [next(iter(labels))] * len(outside)
            else:
                found = fit_probe(states[inside], [gold[at] for at in inside], strength, balanced=balanced).predict(
                    states[outside]
                )
            for at, label in zip(outside, found, strict=True):
                predicted[at] = str(label)
        scores[strength] = f1_score(gold, predicted, average="macro")
    return max(ordered, key=lambda strength: (scores[strength], -strength))


def fit_probe(states: np.ndarray, gold: Sequence[str], strength: float, *, balanced: bool) -> Any:
    """Standardised features, multinomial logistic regression."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    head = LogisticRegression(C=strength, class_weight="balanced" if balanced else None, max_iter=2000)
    return make_pipeline(StandardScaler(), head).fit(states, gold)


def _linear(pipeline: Any, labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Scaler and regression as one linear layer over the task's labels; a label without examples is never predicted."""
    import numpy as np

    scaler, head = pipeline.steps[0][1], pipeline.steps[1][1]
    own, intercept = head.coef_, head.intercept_
    if len(head.classes_) == 2:  # one row of logits for the second label
        own, intercept = np.concatenate([-own, own]) / 2, np.concatenate([-intercept, intercept]) / 2
    weight = np.zeros((len(labels), own.shape[1]), dtype=np.float32)
    bias = np.full(len(labels), -30.0, dtype=np.float32)
    for row, label in enumerate(head.classes_):
        scaled = own[row] / scaler.scale_
        weight[labels.index(label)] = scaled
        bias[labels.index(label)] = intercept[row] - scaled @ scaler.mean_
    return weight, bias
