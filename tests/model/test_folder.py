from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente.errors import InputError, ModelError
from detente.model import Classifier, ModelInfo, TextScores, load_model, save_model
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.classifier import sentence_hash
from detente.model.encoder import EncoderClassifier
from detente.model.families import load_tokenizer
from detente.model.network import load_network
from detente.model.options import ModelOptions
from detente.model.probes import PROBES
from detente.text import TextPath
from label_sets import STANCE
from saved_models import edit, sealed, without_hashes

TEXTS = ["Hai bên nhất trí đàm phán hòa bình.", "Quân đội tập trận gần biên giới.", "Giá dầu tăng.", "Nga " * 300]


@pytest.fixture(scope="module")
def encoder(tiny: Path) -> Classifier:
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = load_network(tiny, 3, fresh_head=True)
    tokenizer = load_tokenizer(tiny)
    info = ModelInfo("encoder", "tiny", {"stance": STANCE}, untrained=True, training_hashes=frozenset({sentence_hash("a")}))
    return EncoderClassifier(network, tokenizer, TextPath(), info)


@pytest.fixture(scope="module")
def baseline() -> Classifier:
    pipeline = PIPELINES["tfidf"](ModelOptions(kind="tfidf"), STANCE, balanced=True, seed=0)
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
    hard = encoder.score(TEXTS).probs["stance"]
    warm = EncoderClassifier(encoder.network, encoder.tokenizer, TextPath(), replace(encoder.info, temperature={"stance": 4.0}))  # type: ignore[attr-defined]
    save_model(warm, tmp_path / "model")
    soft = load_model(tmp_path / "model").score(TEXTS).probs["stance"]
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
    sealed(tmp_path / "model")
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
    sealed(folder)
    np.testing.assert_array_equal(load_model(folder).score(TEXTS).probs["stance"], before)
    has_ids = text["probes"][4]["ids"] is not None
    text["probes"][4][step] = [0, 7, 2] if step == "ids" else "khác"
    (folder / "text.json").write_text(json.dumps(text))
    sealed(folder)
    if (step == "ids") == has_ids:
        with pytest.raises(ModelError, match="reads text by version 2 of the normalisation, this installation by version 3"):
            load_model(folder)
    (folder / "text.json").write_text(json.dumps({**text, "probes": text["probes"][:4]}))
    sealed(folder)
    with pytest.raises(ModelError, match="reads text by version 2 of the normalisation"):
        load_model(folder)


def test_a_model_takes_the_place_of_nothing_but_a_model(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"docs: exists and is no model folder of détente's; it holds thesis\.tex"):
        save_model(classifier, tmp_path / "docs")
    save_model(classifier, tmp_path / "model")
    save_model(classifier, tmp_path / "model")
    (tmp_path / "model" / "notes.md").write_text("mine")
    with pytest.raises(InputError, match=r"model: holds notes\.md, not written there by détente, beside the model"):
        save_model(classifier, tmp_path / "model")
    names = sorted(path.name for path in tmp_path.rglob("*") if path.suffix in (".tex", ".md"))
    assert names == ["README.md", "notes.md", "thesis.tex"]


def test_files_that_are_no_model(classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        load_model(tmp_path / "none")
    with pytest.raises(ModelError, match=r"lacks detente\.json"):
        load_model(tmp_path)
    save_model(classifier, tmp_path / "model")
    path = tmp_path / "model" / "detente.json"
    about = json.loads(path.read_text())
    for changes, message in [
        ({"kind": "oracle"}, r"detente\.json: 'kind': .*'majority', got 'oracle'\. Expected what `detente train` writes"),
        ({"format": 9}, "model format 9; this version reads 1 and 2"),
        ({"tasks": {"stance": ["for"]}}, r"'labels': expected two or more, got for\. Expected what"),
        ({"tasks": {"text": ["for", "against"]}}, "a column 'text' that is something else"),
        ({"ordered": ["tone"]}, "'ordered' names 'tone', which is no task of the model"),
        ({"poles": {"tone": ["for", "against"]}}, "'poles' names 'tone', which is no task of the model"),
        (
            {"poles": {"stance": ["for", "against"]}},
            "'poles': expected two of the labels, dialogue, neutral, escalation; got 'for'",
        ),
        ({"poles": {"stance": ["dialogue"]}}, r"lacks poles\.stance\.1"),
        ({"tasks": {}}, "'tasks': "),
        ({"tasks": [1]}, "'tasks': "),
        ({"name": 3}, "'name': .*string, got 3"),
        ({"temperature": {"stance": 0}}, r"'temperature\.stance': .*greater than or equal to 0\.01, got 0"),
        ({"temperature": {"stance": -1.5}}, r"'temperature\.stance': .*got -1\.5"),
        ({"temperature": {"stance": 1e300}}, r"'temperature\.stance': .*less than or equal to 100"),
        ({"temperature": {"stance": "hot"}}, r"'temperature\.stance': .*got 'hot'"),
        ({"temperature": {"stanse": 1.0}}, "'temperature' names 'stanse', which is no task"),
        ({"threshold": {"stance": 1.5}}, r"'threshold\.stance': .*less than or equal to 1, got 1\.5"),
        ({"threshold": {"stance": -0.1}}, r"'threshold\.stance': .*got -0\.1"),
        ({"label_counts": {"stance": {"dialogue": -2}}}, "'label_counts.stance.dialogue': .*got -2"),
        ({"more": 1}, "unknown key 'more'"),
        ({"files": None}, r"'files' has no sha256 of text\.json, "),
        ({"run_key": None}, "lacks run_key"),
    ]:
        path.write_text(json.dumps(about))
        edit(path, **changes)
        with pytest.raises(ModelError, match=message) as refused:
            load_model(tmp_path / "model")
        assert len(str(refused.value)) < 700
    for text, message in [
        ("{", "not JSON"),
        (json.dumps(about).replace("1.0}", "NaN}", 1), "NaN is no JSON"),
        (json.dumps(about)[:-1] + ', "name": "other"}', "the key 'name' stands twice"),
        ("[" * 1000 + "]" * 1000, "more than 100 deep"),
        ("[]", "expected a JSON object"),
    ]:
        path.write_text(text)
        with pytest.raises(ModelError, match=message):
            load_model(tmp_path / "model")


def test_what_changed_since_the_folder_was_saved_is_named(classifier: Classifier, tmp_path: Path) -> None:
    folder = tmp_path / "a model"
    save_model(classifier, folder)
    for path in sorted(folder.iterdir()):
        if path.name in ("detente.json", "README.md", ".detente.json"):
            continue
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        with pytest.raises(ModelError, match=rf"{path.name} is not what was saved with the model .*Copy the folder again"):
            load_model(folder)
        path.write_bytes(before)
    (folder / "README.md").write_text("My own card.")
    assert load_model(folder).info.verified


def probes_of(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "text.json").read_text())["probes"])


def test_the_probes_carry_what_the_model_says_of_them(classifier: Classifier, tmp_path: Path) -> None:
    save_model(classifier, tmp_path / "model")
    stored = probes_of(tmp_path / "model")
    assert [probe["raw"] for probe in stored] == list(PROBES)
    said = classifier.score(PROBES).probs["stance"]
    np.testing.assert_allclose([probe["probs"]["stance"] for probe in stored], said, atol=5.1e-7)


def test_a_model_that_says_something_else_than_it_did_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    save_model(classifier, folder)
    text = json.loads((folder / "text.json").read_text())
    text["probes"][7]["probs"]["stance"][0] += 0.0009 if text["probes"][7]["probs"]["stance"][0] < 0.5 else -0.0009
    (folder / "text.json").write_text(json.dumps(text))
    load_model(sealed(folder))
    text["probes"][7]["probs"]["stance"] = [0.2, 0.3, 0.5]
    (folder / "text.json").write_text(json.dumps(text))
    with pytest.raises(ModelError, match=r"no longer gives the probabilities it was saved with .stance of .*Washington"):
        load_model(sealed(folder))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("config.json", {"hidden_act": "relu"}),
        ("detente.json", {"temperature": {"stance": 0.5}}),
    ],
)
def test_probes_tell_what_hashes_do_not(telling: Path, tmp_path: Path, name: str, changes: dict[str, Any]) -> None:
    folder = Path(shutil.copytree(telling, tmp_path / "model"))
    edit(folder / name, **changes)
    with pytest.raises(ModelError, match="no longer gives the probabilities"):
        load_model(sealed(folder))


@pytest.fixture(scope="module")
def telling(encoder: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose head is wide enough to have an opinion."""
    import torch

    network = copy.deepcopy(encoder.network)  # type: ignore[attr-defined]
    with torch.random.fork_rng():
        torch.manual_seed(1)
        torch.nn.init.normal_(network.classifier.out_proj.weight, std=5.0)
    folder = tmp_path_factory.mktemp("telling") / "model"
    save_model(EncoderClassifier(network, encoder.tokenizer, TextPath("syllables"), encoder.info), folder)  # type: ignore[attr-defined]
    return folder


def test_a_folder_of_the_first_format_is_read_and_not_verified(classifier: Classifier, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    save_model(classifier, folder)
    loaded = load_model(without_hashes(folder))
    assert not loaded.info.verified
    np.testing.assert_array_equal(loaded.score(TEXTS).probs["stance"], classifier.score(TEXTS).probs["stance"])
    save_model(loaded, tmp_path / "anew")
    assert load_model(tmp_path / "anew").info.verified


def test_weights_that_are_no_numbers_are_told_at_load(telling: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(telling, tmp_path / "model"))
    tensors = load_file(folder / "model.safetensors")
    tensors["classifier.out_proj.bias"][0] = float("nan")
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"the tensor classifier\.out_proj\.bias holds NaN or infinity"):
        load_model(sealed(folder))


def test_a_probability_that_is_none_is_no_score() -> None:
    n_tokens, truncated = np.array([3, 3]), np.array([False, False])
    for wrong in (float("nan"), float("inf"), -0.1, 1.1):
        probs = {"stance": np.array([[0.2, 0.3, 0.5], [wrong, 0.5, 0.5]])}
        with pytest.raises(ModelError, match=r"for stance of text 2 of 2; expected probabilities\."):
            TextScores(probs, n_tokens, truncated)


def test_an_adapter_in_a_model_folder_is_refused(telling: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(telling, tmp_path / "model"))
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    with pytest.raises(ModelError, match=r"holds adapter_config\.json, an adapter"):
        load_model(folder)


def test_a_skops_file_of_something_else(baseline: Classifier, tmp_path: Path) -> None:
    from sklearn.linear_model import LinearRegression
    from sklearn.preprocessing import StandardScaler
    from skops.io import dump

    cases = [
        ([1, 2], "not readable as a skops file of a classifier .AttributeError"),
        (LinearRegression(), "not readable as a skops file of a classifier .AttributeError"),
        (StandardScaler(), "not readable as a skops file of a classifier .AttributeError"),
        (PIPELINES["tfidf"](ModelOptions(kind="tfidf"), STANCE, balanced=True, seed=0), "NotFittedError"),
        (
            PIPELINES["tfidf"](ModelOptions(kind="tfidf"), STANCE, balanced=True, seed=0).fit(["a", "b"], ["x", "y"]),
            "predicts 'x'",
        ),
    ]
    for number, (value, message) in enumerate(cases):
        folder = tmp_path / str(number)
        save_model(baseline, folder)
        dump(value, folder / "model.skops")
        with pytest.raises(ModelError, match=message) as refused:
            load_model(sealed(folder))
        assert "\n" not in str(refused.value)


def test_damaged_skops(baseline: Classifier, tmp_path: Path) -> None:
    save_model(baseline, tmp_path / "model")
    (tmp_path / "model" / "model.skops").write_bytes(b"PK torn")
    sealed(tmp_path / "model")
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
