from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from detente import places
from detente.dataset import LabelledDataset
from detente.errors import ConfigError, TrainingError
from detente.model import load_model, save_model
from detente.model.encoder_config import encoder_config
from detente.model.encoder_files import resolve_encoder
from detente.model.families import load_tokenizer
from detente.model.folder import with_info
from detente.model.network import load_network
from detente.text import TextPath
from detente.training.distillation.batches import Batch
from detente.training.distillation.loop import Loop
from detente.training.distillation.options import DistillOptions, check_distill_options
from detente.training.distillation.run import distill
from detente.training.fitting import fit
from detente.training.options import TrainOptions


def test_an_encoder_of_phoberts_format_comes_out(options: DistillOptions) -> None:
    lines: list[str] = []
    result = distill(options, say=lines.append)
    folder = resolve_encoder(str(result.folder), "")
    network = load_network(folder, 3, fresh_head=True)
    tokenizer = load_tokenizer(folder)
    assert (network.config.num_hidden_layers, network.config.hidden_size) == (2, 32)
    assert network.config.hidden_dropout_prob == 0.1
    assert not encoder_config(folder).untrained
    assert len(tokenizer) <= 300
    assert tokenizer.ids([TextPath()("hòa bình")])[0]
    recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    log = recipe["log"]
    assert recipe["corpus"]["taken"] == 240
    assert log[-1]["sentences"] >= 400
    assert result.agreement == log[-1]["agreement"] > log[0]["agreement"] > 0
    assert log[-1]["loss"] < log[0]["loss"]
    assert any(line.startswith("corpus: 240 read") for line in lines)
    assert "not PhoBERT" in (folder / "README.md").read_text(encoding="utf-8")


def test_an_encoder_goes_on_from_another_with_its_vocabulary(options: DistillOptions) -> None:
    from safetensors.torch import load_file

    first = distill(options)
    student = replace(options.student, path=str(first.folder))
    onwards = replace(options, out=f"{options.out}-more", student=student, seed=1)
    second = distill(onwards)
    assert (second.folder / "vocab.txt").read_bytes() == (first.folder / "vocab.txt").read_bytes()
    weights = [load_file(folder / "model.safetensors") for folder in (first.folder, second.folder)]
    assert weights[0].keys() == weights[1].keys()
    assert not all((weights[0][name] == weights[1][name]).all() for name in weights[0])
    logs = [json.loads((folder / "recipe.json").read_text(encoding="utf-8"))["log"] for folder in (first.folder, second.folder)]
    assert logs[1][-1]["agreement"] > logs[0][0]["agreement"]


def test_a_run_that_was_stopped_ends_as_one_that_was_not(options: DistillOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = distill(replace(options, work=f"{options.work}-whole", out=f"{options.out}-whole"))
    n_steps = 0
    step = Loop._step

    def interrupted(self: Loop, batch: Batch, of_gold: np.random.Generator) -> float:
        nonlocal n_steps
        n_steps += 1
        if n_steps == 7:
            raise KeyboardInterrupt
        return step(self, batch, of_gold)

    monkeypatch.setattr(Loop, "_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        distill(options)
    assert not Path(options.out).exists()
    said: list[str] = []
    again = distill(options, say=said.append)
    assert said[0].startswith("resumed after ")
    assert (again.folder / "model.safetensors").read_bytes() == (whole.folder / "model.safetensors").read_bytes()


def test_a_finished_run_is_lengthened(options: DistillOptions) -> None:
    distill(options)
    said: list[str] = []
    longer = replace(options, training=replace(options.training, sentences=500))
    distill(longer, say=said.append)
    assert said[0].startswith("resumed after 4")
    distill(longer, say=said.append)
    assert said[-1].startswith("resumed after 5")  # and nothing left to do


def test_a_teachers_outputs_are_computed_once(options: DistillOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.training.distillation.teacher import EncoderTeacher

    distill(options)
    monkeypatch.setattr(EncoderTeacher, "outputs", lambda *arguments: pytest.fail("computed again"))
    distill(replace(options, seed=1, out=f"{options.out}-other"))


def test_a_loss_that_is_no_number_stops_the_run(options: DistillOptions) -> None:
    with pytest.raises(TrainingError, match=r"the loss is (nan|inf) after .* sentences\. Lower training\.learning_rate"):
        distill(replace(options, training=replace(options.training, learning_rate=1e30)))


def test_a_corpus_of_one_sentence_is_refused(options: DistillOptions) -> None:
    with pytest.raises(TrainingError, match="the corpus has one sentence, which is held out"):
        distill(replace(options, corpus=replace(options.corpus, limit=1)))


def test_a_last_shard_that_is_all_held_out_is_passed_over(options: DistillOptions) -> None:
    distill(replace(options, corpus=replace(options.corpus, limit=61), training=replace(options.training, sentences=100)))


def test_a_layer_the_teacher_lacks(options: DistillOptions) -> None:
    with pytest.raises(ConfigError, match=r"student\.layers: the teacher has layers 0 to 3, not 11"):
        distill(replace(options, student=replace(options.student, layers=(0, 11))))


def test_a_classifier_into_a_small_one(
    options: DistillOptions, dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path
) -> None:
    teacher = fit(dataset.labelled("stance")[:40], tfidf, seed=0, encoder=None)
    with_info(teacher, threshold={"stance": 0.9}, temperature={"stance": 2.0})
    save_model(teacher, tmp_path / "teacher")
    result = distill(
        replace(
            options,
            dataset=str(dataset.folder),
            teacher=replace(options.teacher, kind="classifier", path=(str(tmp_path / "teacher"),), prefix=""),
            training=replace(options.training, learning_rate=1e-3),
        )
    )
    student = load_model(result.folder)
    assert student.info.kind == "encoder"
    assert student.info.training_hashes == teacher.info.training_hashes
    assert student.info.name == "out (distilled)"
    assert (student.info.threshold, student.info.temperature) == ({"stance": None}, {"stance": 1.0})
    assert 0 <= result.agreement <= 1
    # 40 rows are the teacher's own, and their copies in the rest with them.
    assert "groups of seeds that the teacher was not trained on" in result.report
    assert "beside the teacher's" in result.report
    everything = fit(dataset.labelled("stance"), tfidf, seed=0, encoder=None)
    save_model(everything, tmp_path / "teacher")
    again = distill(
        replace(
            options,
            out=f"{options.out}-2",
            work=f"{options.work}-2",
            dataset=str(dataset.folder),
            teacher=replace(options.teacher, kind="classifier", path=(str(tmp_path / "teacher"),), prefix=""),
        )
    )
    assert "not estimable: the teacher was trained on all 81 rows" in again.report


def test_what_cannot_be_is_listed_together(options: DistillOptions) -> None:
    wrong = replace(
        options,
        out="",
        teacher=replace(options.teacher, kind="decoder", path=(), precision="fp8"),
        training=replace(options.training, mask=1.5, sentences=0),
    )
    with pytest.raises(ConfigError) as caught:
        check_distill_options(wrong)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "out",
        "teacher",
        "teacher.kind",
        "training.sentences",
        "training.mask",
        "teacher.precision",
    ]
    assert places.MINI.is_dir()
