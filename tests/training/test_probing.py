from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.dataset import LabelledDataset
from detente.errors import ConfigError
from detente.model import load_model, save_model
from detente.text import TextPath
from detente.training.fitting import fit
from detente.training.options import TrainingOptions, TrainOptions, check_options
from detente.training.probing import choose_strength, features_of, fit_probe

PROBE = TrainOptions(training=TrainingOptions(method="probe", probe_strengths=(0.01,)))


def test_the_layer_is_the_logistic_regression(dataset: LabelledDataset, tiny: Path) -> None:
    rows = dataset.labelled("stance")[:40]
    texts = [row.text for row in dataset.labelled("stance")]
    classifier = fit(rows, PROBE, seed=0, encoder=tiny)
    path = TextPath()
    features = features_of(tiny, 256)
    pipeline = fit_probe(features(path.batch(texts[:40])), [row.label("stance") or "" for row in rows], 0.01, balanced=True)
    expected = pipeline.predict_proba(features(path.batch(texts)))
    order = [list(pipeline.classes_).index(label) for label in classifier.info.tasks["stance"]]
    assert np.allclose(classifier.score(texts).probs["stance"], expected[:, order], atol=1e-4)


def test_two_labels_and_a_label_without_examples(dataset: LabelledDataset, tiny: Path) -> None:
    rows = [row for row in dataset.labelled("stance") if row.label("stance") != "neutral"]
    classifier = fit(rows, PROBE, seed=0, encoder=tiny)
    probs = classifier.score([row.text for row in rows]).probs["stance"]
    assert probs[:, 1].max() < 1e-9
    states = features_of(tiny, 256)(TextPath().batch([row.text for row in rows]))
    expected = fit_probe(states, [row.label("stance") or "" for row in rows], 0.01, balanced=True).predict_proba(states)
    assert np.allclose(probs[:, [0, 2]], expected, atol=1e-4)


def test_saved_and_loaded(dataset: LabelledDataset, tiny: Path, tmp_path: Path) -> None:
    rows = dataset.labelled("sentiment")
    classifier = fit(rows, replace(PROBE, task="sentiment"), seed=0, encoder=tiny)
    save_model(classifier, tmp_path / "model")
    texts = [row.text for row in rows[:9]]
    again = load_model(tmp_path / "model").score(texts).probs["sentiment"]
    assert np.array_equal(again, classifier.score(texts).probs["sentiment"])


def test_the_encoder_stays_as_it_is_and_the_seed_is_of_no_matter(dataset: LabelledDataset, tiny: Path) -> None:
    from safetensors.torch import load_file

    rows = dataset.labelled("stance")
    first, second = (fit(rows, PROBE, seed=seed, encoder=tiny) for seed in (0, 1))
    texts = [row.text for row in rows[:5]]
    assert np.array_equal(first.score(texts).probs["stance"], second.score(texts).probs["stance"])
    own = first.network.roberta.state_dict()  # type: ignore[attr-defined]
    stored = load_file(tiny / "model.safetensors")
    assert all((own[name.removeprefix("roberta.")] == tensor.float()).all() for name, tensor in stored.items())


def test_features_are_computed_once(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    features = features_of(tiny, 256)
    first = features(["Nga và NATO", "Nga"])
    assert first.shape == (2, 2 * features.network.config.hidden_size)
    monkeypatch.setattr(features.network, "features", lambda **batch: pytest.fail("computed again"))
    assert np.array_equal(features(["Nga", "Nga và NATO"]), first[::-1])


def test_files_exchanged_under_one_path_are_seen(tiny: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    encoder = tmp_path / "encoder"
    shutil.copytree(tiny, encoder)
    first = features_of(encoder, 256)(["Nga và NATO"])
    assert features_of(encoder, 256) is features_of(encoder, 256)
    changed = {name: 2 * tensor for name, tensor in load_file(encoder / "model.safetensors").items()}
    save_file(changed, encoder / "model.safetensors", {"format": "pt"})
    assert not np.allclose(features_of(encoder, 256)(["Nga và NATO"]), first)


def test_the_strength_is_chosen_by_group_inside_the_training_side(monkeypatch: pytest.MonkeyPatch) -> None:
    gold, groups = ["a", "b"] * 60, [f"g{at // 10}" for at in range(120)]
    states = np.arange(120.0)[:, None]
    trained_on: list[set[str]] = []

    class Stub:
        def __init__(self, strength: float) -> None:
            self.strength = strength

        def predict(self, rows: np.ndarray) -> list[str]:
            # Right with 0.01, always "a" with any other.
            return [gold[int(row[0])] if self.strength == 0.01 else "a" for row in rows]

    def fit_stub(rows: np.ndarray, labels: list[str], strength: float, *, balanced: bool) -> Stub:
        trained_on.append({groups[int(row[0])] for row in rows})
        return Stub(strength)

    monkeypatch.setattr("detente.training.probing.fit_probe", fit_stub)
    assert choose_strength(states, gold, groups, (1.0, 0.01, 0.1), balanced=True) == 0.01
    assert {len(own) for own in trained_on} <= {9, 10}  # of twelve groups, whole ones held out
    assert choose_strength(states, gold, groups, (1.0, 0.1), balanced=True) == 0.1  # of equals the smallest
    trained_on.clear()
    assert choose_strength(states, gold, ["one"] * 120, (0.1, 0.03), balanced=True) == 0.03
    assert choose_strength(states, gold, groups, (5.0,), balanced=True) == 5.0
    assert trained_on == []


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (TrainingOptions(method="prob"), "Did you mean 'probe'"),
        (TrainingOptions(probe_strengths=()), "probe_strengths: expected numbers above 0"),
        (TrainingOptions(probe_strengths=(0.1, 0.0)), "probe_strengths: expected numbers above 0"),
    ],
)
def test_bad_options(training: TrainingOptions, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check_options(TrainOptions(training=training))
