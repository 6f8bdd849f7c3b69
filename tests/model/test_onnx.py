from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detente import places
from detente.errors import ModelError, UsageError
from detente.model import Classifier, ModelInfo, TextScores, exporting, load_model, onnx, save_model
from detente.model.baselines import PIPELINES, BaselineClassifier
from detente.model.encoder import EncoderClassifier, batches
from detente.model.engines import EngineOptions, admit_int8, load_engine
from detente.model.families import load_tokenizer
from detente.model.int8 import Int8Limits, check_int8
from detente.model.network import ProbeShape, load_network
from detente.model.options import ModelOptions
from detente.text import TextPath
from label_sets import SENTIMENT, STANCE
from saved_models import edit

TEXTS = ["Hai bên nhất trí đàm phán hòa bình.", "Quân đội tập trận gần biên giới.", "Giá dầu tăng.", "Nga " * 300, "Mỹ"]
TOLERANCE = 1e-5
"""Probabilities of onnxruntime beside torch's, in float32."""


def saved(encoder: Path, folder: Path, *, probe: bool = False, seed: int = 0, spread: float = 0.5) -> Path:
    """A joint model with a random head, saved; ``spread`` is its weights' deviation."""
    import torch

    tasks = {"stance": STANCE, "sentiment": SENTIMENT}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = load_network(encoder, 6, fresh_head=True, probe=ProbeShape() if probe else None)
        head = network.probe if probe else network.classifier.out_proj
        torch.nn.init.normal_(head.weight, std=spread)  # too small, and all probabilities are near a third
    tokenizer = load_tokenizer(encoder)
    info = ModelInfo("encoder", "tiny", tasks, temperature={"stance": 1.5, "sentiment": 1.0})
    save_model(EncoderClassifier(network, tokenizer, TextPath("syllables"), info), folder)
    return folder


@pytest.fixture(scope="module")
def model(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tiny, tmp_path_factory.mktemp("onnx") / "model", probe=True)


def without_export(model: Path, folder: Path) -> Path:
    return Path(shutil.copytree(model, folder, ignore=shutil.ignore_patterns("onnx")))


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pipeline = PIPELINES["tfidf"](ModelOptions(kind="tfidf"), STANCE, balanced=True, seed=0)
    pipeline.fit(["đàm_phán", "tập_trận", "giá"], list(STANCE))
    folder = tmp_path_factory.mktemp("onnx") / "tfidf"
    save_model(BaselineClassifier(pipeline, TextPath("syllables"), ModelInfo("tfidf", "tfidf", {"stance": STANCE})), folder)
    return folder


def load(folder: Path, precision: str = "fp32", said: list[str] | None = None) -> Classifier:
    options = EngineOptions("onnx", precision, n_threads=1)
    return load_engine(folder, options, (said if said is not None else []).append)


def assert_close(one: TextScores, other: TextScores, atol: float) -> None:
    for task, probs in one.probs.items():
        np.testing.assert_allclose(probs, other.probs[task], atol=atol)
    assert list(one.n_tokens) == list(other.n_tokens)
    assert list(one.truncated) == list(other.truncated)


@pytest.mark.parametrize("probe", [True, False], ids=["probe", "fine-tuned"])
def test_onnx_says_what_torch_says(tiny: Path, model: Path, tmp_path: Path, probe: bool) -> None:
    folder = model if probe else saved(tiny, tmp_path / "model", spread=5.0)
    expected, exported = load_model(folder), load(folder)
    assert np.ptp(expected.score(TEXTS).probs["stance"]) > 0.1
    for batch_size in (1, 2, 32):
        assert_close(exported.score(TEXTS, batch_size), expected.score(TEXTS), TOLERANCE)
    assert exported.score([]).probs["stance"].shape == (0, 3)
    assert exported.encode(TEXTS) == expected.encode(TEXTS)
    assert exported.tokens(TEXTS[0]) == expected.tokens(TEXTS[0])  # type: ignore[attr-defined]
    assert (exported.info, exported.text_path) == (expected.info, expected.text_path)


def test_the_embedded_encoder_in_both_precisions(tmp_path: Path) -> None:
    folder = saved(places.MINI, tmp_path / "model", probe=True, spread=0.02)
    expected = load_model(folder).score(TEXTS)
    assert_close(load(folder).score(TEXTS), expected, TOLERANCE)
    quantised = load(folder, "int8").score(TEXTS)
    assert 0 < np.abs(quantised.probs["stance"] - expected.probs["stance"]).max() < 0.03
    sizes = {path.stem: path.stat().st_size for path in (folder / "onnx").rglob("*.onnx")}
    assert sizes["int8"] < 0.7 * sizes["fp32"]


def test_int8_has_a_scale_a_column_and_leaves_embeddings_and_head(model: Path) -> None:
    import onnx as format_of

    load(model, "int8")
    graph = format_of.load(next((model / "onnx").rglob("int8.onnx"))).graph
    weights = {each.name: format_of.numpy_helper.to_array(each) for each in graph.initializer}
    # In each of two layers: query, key, value, output and what widens the feed-forward part; what narrows it goes by blocks.
    products = [weights[node.input[1]] for node in graph.node if node.op_type == "MatMulInteger"]
    assert [each.shape for each in products] == 2 * [*4 * [(32, 32)], (32, 64)]
    assert {each.dtype for each in products} == {np.dtype(np.int8)}
    assert max(int(np.abs(each.astype(int)).max()) for each in products) == 127  # reduced to seven bits, none would reach it
    scales = sorted(each.shape for name, each in weights.items() if name.endswith("_scale"))
    assert scales == [*8 * [(32,)], *2 * [(64,)]]
    assert sum(node.op_type == "MatMulNBits" for node in graph.node) == 2
    assert weights["network.roberta.embeddings.word_embeddings.weight"].dtype == np.float32
    assert any(each.shape == (64, 6) and each.dtype == np.float32 for each in weights.values())


def test_exporting_leaves_the_loggers_alone_and_says_nothing(model: Path, tmp_path: Path) -> None:
    program = (
        "import logging, pathlib, sys\n"
        "from detente.model.onnx import exported\n"
        "before = logging.root.level, list(logging.root.handlers), logging.root.manager.disable\n"
        "exported(pathlib.Path(sys.argv[1]), 6, 'int8')\n"
        "assert before == (logging.root.level, logging.root.handlers, logging.root.manager.disable)\n"
    )
    load(model)
    folder = shutil.copytree(model, tmp_path / "model", ignore=shutil.ignore_patterns("int8.onnx"))
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_export_is_made_once_and_anew_for_other_weights(
    tiny: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(model)
    folder = Path(shutil.copytree(model, tmp_path / "model"))
    first = folder / "onnx" / onnx.digest_of(folder) / "fp32.onnx"
    with monkeypatch.context() as patched:
        patched.setattr(onnx, "export", lambda *arguments: pytest.fail("exported again"))
        patched.setattr(exporting, "load_network", lambda *arguments: pytest.fail("loaded torch's weights"))
        said: list[str] = []
        load(folder, said=said)
    assert (first.is_file(), said) == (True, [])
    shutil.copytree(saved(tiny, tmp_path / "other", probe=True, seed=1), folder, dirs_exist_ok=True)
    assert_close(load(folder, said=said).score(TEXTS), load_model(folder).score(TEXTS), TOLERANCE)
    second = folder / "onnx" / onnx.digest_of(folder) / "fp32.onnx"
    assert said == [f"{second}: exported"]
    assert second != first


def test_a_receipt_lies_beside_the_export(model: Path) -> None:
    load(model)
    path = model / "onnx" / onnx.digest_of(model) / "fp32.onnx"
    receipt = json.loads(path.with_suffix(".json").read_text())
    assert (receipt["model"], receipt["sha256"]) == (path.parent.name, hashlib.sha256(path.read_bytes()).hexdigest())
    assert receipt["made_with"].keys() == {"detente", "torch", "onnx", "onnxruntime"}


@pytest.mark.parametrize(
    ("fault", "message", "place"),
    [
        ("torn", r"is not what was exported \(its sha256 is another\)", "cache"),
        ("foreign", r"is not what was exported \(its sha256 is another\)", "folder"),
        ("with its receipt", "is of another model", "cache"),
        ("no receipt", r"has no fp32\.json that says what it is", "folder"),
        ("empty receipt", r"has no fp32\.json that says what it is", "folder"),
        ("forged receipt", "no longer gives the probabilities it was saved with", "folder"),
    ],
)
def test_an_export_of_something_else_never_predicts(
    model: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, message: str, place: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load(model)
    folder = without_export(model, tmp_path / "a model")
    root = folder / "onnx" if place == "folder" else tmp_path / "cache" / "detente" / "onnx"
    digest = onnx.digest_of(folder)
    path = Path(shutil.copytree(model / "onnx" / digest, root / digest)) / "fp32.onnx"
    foreign = other / "onnx" / onnx.digest_of(other) / "fp32.onnx"
    receipt = path.with_suffix(".json")
    if fault == "torn":
        path.write_bytes(path.read_bytes()[:-100])
    elif fault == "foreign":
        shutil.copyfile(foreign, path)
    elif fault == "with its receipt":
        shutil.copyfile(foreign, path)
        shutil.copyfile(foreign.with_suffix(".json"), receipt)
    elif fault == "no receipt":
        receipt.unlink()
    elif fault == "empty receipt":
        receipt.write_text("{}")
    else:
        shutil.copyfile(foreign, path)
        edit(receipt, sha256=hashlib.sha256(foreign.read_bytes()).hexdigest())
    if fault != "forged receipt":  # one that torch makes again is enough
        good = model / "onnx" / digest / "fp32.onnx"
        monkeypatch.setattr(onnx, "export", lambda source, n_labels, out: shutil.copyfile(good, out))
    said: list[str] = []
    assert_close(load(folder, said=said).score(TEXTS), load_model(folder).score(TEXTS), TOLERANCE)
    assert re.search(message, said[0])
    assert "made anew" in " ".join(said) or "exported anew" in said[0]
    assert said[-1] == f"{folder / 'onnx' / digest / 'fp32.onnx'}: exported"
    del said[:]
    load(folder, said=said)
    assert said == []


@pytest.fixture(scope="module")
def other(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the same shape with other weights, exported."""
    folder = saved(tiny, tmp_path_factory.mktemp("onnx") / "other", probe=True, seed=7)
    load(folder)
    return folder


def test_an_int8_export_of_another_model_never_predicts(model: Path, other: Path, tmp_path: Path) -> None:
    load(model, "int8")
    load(other, "int8")
    folder = Path(shutil.copytree(model, tmp_path / "model"))
    path = folder / "onnx" / onnx.digest_of(folder) / "int8.onnx"
    expected = load(folder, "int8").score(TEXTS)
    shutil.copyfile(other / "onnx" / onnx.digest_of(other) / "int8.onnx", path)
    said: list[str] = []
    assert_close(load(folder, "int8", said).score(TEXTS), expected, 1e-6)
    assert said == [f"{path}: is not what was exported (its sha256 is another); not used, exported anew", f"{path}: exported"]


def test_an_export_that_is_cut_leaves_nothing(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = without_export(model, tmp_path / "model")

    def cut(source: Path, n_labels: int, out: Path) -> None:
        out.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(onnx, "export", cut)
    with pytest.raises(KeyboardInterrupt):
        onnx.exported(folder, 6, "fp32")
    assert [path.name for path in (folder / "onnx").rglob("*") if path.is_file() and path.name != ".lock"] == []


def test_a_folder_that_cannot_be_written_gets_its_export_in_the_cache(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx, "export", lambda source, n_labels, out: out.write_bytes(b"an export"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder, said = without_export(model, tmp_path / "model"), list[str]()
    (folder / "onnx").write_text("a file where the folder would be")
    target = tmp_path / "cache" / "detente" / "onnx" / onnx.digest_of(folder) / "fp32.onnx"
    assert onnx.exported(folder, 6, "fp32", said.append) == target
    assert target.read_bytes() == b"an export"
    assert "cannot be written" in said[0]
    assert said[1:] == [f"{target}: exported"]
    assert onnx.exported(folder, 6, "fp32", said.append) == target
    assert len(said) == 2
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    with pytest.raises(ModelError, match="no place for its export; set XDG_CACHE_HOME"):
        onnx.exported(folder, 6, "fp32")


def test_a_damaged_export_is_told(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "fp32.onnx"
    path.write_bytes(b"\x08\x07damaged")
    with pytest.raises(ModelError, match=r"fp32\.onnx: onnxruntime cannot load it .*Delete it"):
        onnx.start_session(path)


def test_an_export_cannot_be_saved_as_a_model(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="an export has no weights to save"):
        save_model(load(model), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_batches_go_by_length_texts_and_padded_tokens() -> None:
    lengths = [7, 3, 300, 3, 90, 5, 400]
    found = list(batches(lengths, 3, 384))
    assert found == [[1, 3, 5], [0, 4], [2], [6]]
    assert list(batches(lengths, 3)) == [[1, 3, 5], [0, 4, 2], [6]]
    assert list(batches([], 3, 384)) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (EngineOptions("onxx"), "engine: expected torch, onnx, got 'onxx'"),
        (EngineOptions("onnx", "int4"), "precision: expected fp32, int8, bf16, fp16, got 'int4'"),
        (EngineOptions("torch", "int8"), "engine 'torch' computes in fp32, bf16, fp16, not in int8; engine 'onnx' does"),
        (EngineOptions("onnx", "fp16"), "engine 'onnx' computes in fp32, int8, not in fp16; engine 'torch' does"),
    ],
)
def test_what_an_engine_cannot_do_is_said_before_anything_is_loaded(options: EngineOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_engine("nowhere", options)


def test_half_precision_needs_a_gpu(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="precision bf16 is for a GPU, and there is none here"):
        load_engine(model, EngineOptions("torch", "bf16"))


def test_a_baseline_has_no_engine(baseline: Path) -> None:
    with pytest.raises(UsageError, match="engine 'onnx' runs encoders; this model's kind is 'tfidf'"):
        load(baseline)
    with pytest.raises(UsageError, match="has no precision to choose"):
        load_engine(baseline, EngineOptions("torch", "fp16"))
    assert load_engine(baseline).info.kind == "tfidf"


def test_a_missing_package_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else object())
    with pytest.raises(UsageError, match=r"needs onnxruntime: pip install 'detente\[onnx\]'"):
        load(model)


class Stub:
    """Says the same of every batch of texts."""

    def __init__(self, **probs: Any) -> None:
        self.probs = {task: np.array(rows, dtype=float) for task, rows in probs.items()}
        self.text_path = TextPath("none")
        self.info = ModelInfo("encoder", "stub", {"stance": STANCE})

    def score_segmented(self, segmented: Sequence[str], batch_size: int = 32, batch_tokens: int = 0) -> TextScores:
        n = len(segmented)
        return TextScores(self.probs, np.zeros(n, dtype=int), np.zeros(n, dtype=bool))

    score = score_segmented

    def encode(self, texts: Sequence[str]) -> None:
        return None

    def save_weights(self, folder: Path) -> None:
        raise NotImplementedError


FIRST, SECOND = [0.6, 0.3, 0.1], [0.3, 0.6, 0.1]


def test_int8_that_agrees_is_allowed() -> None:
    check = check_int8(Stub(stance=[FIRST, SECOND]), Stub(stance=[[0.5, 0.3, 0.2], SECOND]), ["a", "b"])
    shift = check.shifts["stance"]
    assert (shift.n, shift.n_equal, shift.agreement, shift.share_shift) == (2, 2, 1.0, 0.0)
    assert shift.prob_shift == pytest.approx(0.1)
    assert check.refusal == ""
    assert check.lines == [
        "int8, stance: 2 of 2 labels as in fp32 (1.000), a probability moves by 0.100 at most, a label's share by 0.000"
    ]


def test_int8_that_disagrees_is_refused_with_the_figures() -> None:
    texts = [str(at) for at in range(100)]
    reference = Stub(stance=[FIRST] * 100, sentiment=[SECOND] * 100)
    quantised = Stub(stance=[SECOND] * 3 + [FIRST] * 97, sentiment=[SECOND] * 100)
    check = check_int8(reference, quantised, texts)
    assert check.shifts["sentiment"].agreement == 1.0
    assert check.refusal == (
        "int8 changes this model's predictions too much: stance: 97 of 100 labels agree (0.970; at least 0.98 was asked for); "
        "stance: a label's share of the predictions moves by 0.030 (at most 0.02 was asked for). Predict with precision fp32."
    )
    assert check_int8(reference, quantised, texts, Int8Limits(0.97, 0.03)).refusal == ""
    assert "0.970" in check_int8(reference, quantised, texts, Int8Limits(0.975, 0.03)).refusal


def test_labels_that_change_places_shift_no_share() -> None:
    check = check_int8(Stub(stance=[FIRST, SECOND]), Stub(stance=[SECOND, FIRST]), ["a", "b"])
    assert (check.shifts["stance"].agreement, check.shifts["stance"].share_shift) == (0.0, 0.0)
    assert "0 of 2 labels agree" in check.refusal


def test_int8_is_not_allowed_unseen() -> None:
    with pytest.raises(UsageError, match="checked against fp32 on texts first, and there is none"):
        check_int8(Stub(stance=[]), Stub(stance=[]), [])


def test_admission_tells_the_figures_and_refuses(model: Path) -> None:
    said: list[str] = []
    quantised = load(model, "int8")
    check = admit_int8(model, quantised, TEXTS, Int8Limits(agreement=0.0, share_shift=1.0), say=said.append)
    assert said[-2:] == check.lines
    assert check.shifts["stance"].n == 5
    with pytest.raises(ModelError, match=f"{model.name}: int8 changes this model's predictions too much: stance"):
        admit_int8(model, quantised, TEXTS, Int8Limits(agreement=1.01))
