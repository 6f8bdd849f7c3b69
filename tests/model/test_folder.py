from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente.errors import ModelError
from detente.labels import STANCE
from detente.model import Classifier, ModelInfo, load_model, save_model
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.classifier import sentence_hash
from detente.model.encoder import EncoderClassifier
from detente.model.options import ModelOptions
from detente.model.phobert import load_network, load_tokenizer
from detente.text import TextPath

TEXTS = ["Hai bên nhất trí đàm phán hòa bình.", "Quân đội tập trận gần biên giới.", "Giá dầu tăng.", "Nga " * 300]


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> Classifier:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = load_network(tiny, 3, fresh_head=True)
    tokenizer = load_tokenizer(tiny, network.config.vocab_size)
    info = ModelInfo("encoder", "tiny", {"stance": STANCE}, untrained=True, training_hashes=frozenset({sentence_hash("a")}))
    return EncoderClassifier(network, tokenizer, TextPath(), info)


@pytest.fixture(scope="module")
def baseline() -> Classifier:
    pipeline = PIPELINES["tfidf"](ModelOptions(kind="tfidf"), "stance", balanced=True, seed=0)
    pipeline.fit(["đàm_phán", "tập_trận", "đàm_phán hoà_bình"], ["dialogue", "escalation", "dialogue"])
    return BaselineClassifier(pipeline, TextPath(), ModelInfo("tfidf", "tfidf", {"stance": STANCE}))


@pytest.fixture(params=["encoder", "baseline"])
def classifier(request: pytest.FixtureRequest) -> Classifier:
    found: Classifier = request.getfixturevalue(request.param)
    return found


def test_a_saved_model_predicts_the_same(classifier: Classifier, tmp_path: Path) -> None:
    save_model(classifier, tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    before, after = classifier.score(TEXTS), loaded.score(TEXTS)
    np.testing.assert_array_equal(before.probs["stance"], after.probs["stance"])
    np.testing.assert_allclose(after.probs["stance"].sum(axis=1), 1)
    assert loaded.info == replace(classifier.info, temperature={"stance": 1.0}, threshold={"stance": None})
    assert loaded.text_path == classifier.text_path
    assert list(after.n_tokens) == list(before.n_tokens)


def test_order_and_batches_do_not_change_a_score(encoder: Classifier) -> None:
    one_by_one = np.concatenate([encoder.score([text]).probs["stance"] for text in TEXTS])
    np.testing.assert_allclose(encoder.score(TEXTS, batch_size=3).probs["stance"], one_by_one, atol=1e-5)
    assert list(encoder.score(TEXTS).truncated) == [False, False, False, True]


def test_a_label_the_training_side_lacked_has_probability_zero(baseline: Classifier) -> None:
    probs = baseline.score(TEXTS).probs["stance"]
    assert probs.shape == (4, 3)
    assert list(probs[:, 1]) == [0, 0, 0, 0]


def test_no_texts(classifier: Classifier) -> None:
    scores = classifier.score([])
    assert scores.probs["stance"].shape == (0, 3)
    assert scores.truncated.shape == (0,)


def test_temperature_softens(encoder: Classifier, tmp_path: Path) -> None:
    save_model(encoder, tmp_path / "model")
    about = json.loads((tmp_path / "model" / "detente.json").read_text())
    about["temperature"] = {"stance": 4.0}
    (tmp_path / "model" / "detente.json").write_text(json.dumps(about))
    hard, soft = encoder.score(TEXTS).probs["stance"], load_model(tmp_path / "model").score(TEXTS).probs["stance"]
    expected = hard**0.25 / (hard**0.25).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(soft, expected, atol=1e-6)


def files(kind: str) -> list[str]:
    common = ["detente.json", "text.json"]
    return (
        [*common, "config.json", "model.safetensors", "vocab.txt", "bpe.codes"]
        if kind == "encoder"
        else [*common, "model.skops"]
    )


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in ("encoder", "baseline") for name in files(kind)])
def test_a_missing_file_is_named(kind: str, name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    save_model(request.getfixturevalue(kind), tmp_path / "model")
    (tmp_path / "model" / name).unlink()
    with pytest.raises(ModelError, match=f"lacks .*{name}"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize(
    ("step", "named"), [("normalised", "normalisation"), ("segmented", "word segmentation"), ("ids", "the tokenizer")]
)
def test_a_text_path_that_changed_says_which_step(encoder: Classifier, tmp_path: Path, step: str, named: str) -> None:
    save_model(encoder, tmp_path / "model")
    text = json.loads((tmp_path / "model" / "text.json").read_text())
    assert len(text["probes"]) == 20
    text["probes"][4][step] = [0, 7, 2] if step == "ids" else "khác"
    (tmp_path / "model" / "text.json").write_text(json.dumps(text))
    with pytest.raises(ModelError, match=f"the step that changed is {named}"):
        load_model(tmp_path / "model")


@pytest.mark.parametrize("step", ["segmented", "ids"])
def test_a_model_of_an_older_normalisation_is_read_if_its_probes_get_the_same_ids(
    classifier: Classifier, tmp_path: Path, step: str
) -> None:
    """Without a tokenizer the segmented text stands for the ids."""
    folder = tmp_path / "model"
    save_model(classifier, folder)
    before = classifier.score(TEXTS).probs["stance"]
    text = json.loads((folder / "text.json").read_text())
    text["normalise_version"] -= 1
    text["probes"][3]["normalised"] = "of the older version"
    (folder / "text.json").write_text(json.dumps(text))
    np.testing.assert_array_equal(load_model(folder).score(TEXTS).probs["stance"], before)
    has_ids = text["probes"][4]["ids"] is not None
    text["probes"][4][step] = [0, 7, 2] if step == "ids" else "khác"
    (folder / "text.json").write_text(json.dumps(text))
    if (step == "ids") == has_ids:
        with pytest.raises(ModelError, match="reads text by version 2 of the normalisation, this installation by version 3"):
            load_model(folder)
    (folder / "text.json").write_text(json.dumps({**text, "probes": text["probes"][:4]}))
    with pytest.raises(ModelError, match="reads text by version 2 of the normalisation"):
        load_model(folder)


def test_files_that_are_no_model(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_model(tmp_path / "none")
    with pytest.raises(ModelError, match=r"lacks detente\.json"):
        load_model(tmp_path)
    save_model(classifier, tmp_path / "model")
    path = tmp_path / "model" / "detente.json"
    about = json.loads(path.read_text())
    for changes, message in [
        ({"kind": "oracle"}, "unknown kind of model 'oracle'"),
        ({"format": 9}, "model format 9"),
        ({"tasks": {"stance": ["for", "against"]}}, "the labels of 'stance' are"),
    ]:
        path.write_text(json.dumps({**about, **changes}))
        with pytest.raises(ModelError, match=message):
            load_model(tmp_path / "model")
    path.write_text("{")
    with pytest.raises(ModelError, match="not readable as JSON"):
        load_model(tmp_path / "model")


def test_damaged_skops(baseline: Classifier, tmp_path: Path) -> None:
    save_model(baseline, tmp_path / "model")
    (tmp_path / "model" / "model.skops").write_bytes(b"PK torn")
    with pytest.raises(ModelError, match="not readable as a skops file"):
        load_model(tmp_path / "model")


def test_a_failed_save_leaves_the_old_model(encoder: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_model(encoder, tmp_path / "model", card="first")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="No space"):
        save_model(encoder, tmp_path / "model", card="second")
    assert (tmp_path / "model" / "README.md").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
