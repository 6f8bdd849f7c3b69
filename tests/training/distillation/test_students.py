"""Students and teachers of every family."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from detente.dataset import LabelledDataset, build_dataset
from detente.dataset.build import BuildOptions
from detente.dataset.splits import SplitOptions
from detente.errors import ConfigError
from detente.model.classifier import ModelInfo, sentence_hashes
from detente.model.encoder_files import resolve_encoder
from detente.model.families import family_of, load_tokenizer
from detente.model.folder import load_model, save_model
from detente.model.network import load_network
from detente.training.distillation.averaging import MeanClassifier, mean_info
from detente.training.distillation.batches import Batch
from detente.training.distillation.loop import n_gold_in_a_step
from detente.training.distillation.objectives import ProbabilityObjective
from detente.training.distillation.options import DistillOptions, DistillTrainingOptions, check_distill_options
from detente.training.distillation.run import distill, student_info
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from tiny_encoders import TINY, bert_many_pieces

TEXTS = ["Hai bên đàm phán.", "Bên thứ 3 ký thoả thuận về hoà bình với nước 5."]


@pytest.fixture(scope="session")
def held_out(tmp_path_factory: pytest.TempPathFactory) -> LabelledDataset:
    return build_dataset(BuildOptions(out=str(tmp_path_factory.mktemp("data") / "sides"), split=SplitOptions(method="holdout")))


@pytest.fixture
def raw_teacher(tmp_path: Path, held_out: LabelledDataset, quick: TrainOptions) -> Path:
    """A classifier of both tasks that reads raw text."""
    bert_many_pieces(tmp_path / "start")
    start = replace(quick, task=("stance", "sentiment"), model=replace(quick.model, path=str(tmp_path / "start")))
    rows = held_out.labelled(("stance", "sentiment"))
    save_model(fit(rows, start, seed=0, encoder=tmp_path / "start"), tmp_path / "teacher")
    return tmp_path / "teacher"


def taught_by(options: DistillOptions, *teachers: Path) -> DistillOptions:
    teacher = replace(options.teacher, kind="classifier", path=tuple(map(str, teachers)), prefix="")
    return replace(options, teacher=teacher, student=replace(options.student, layers=(0, 1), vocabulary="pruned"))


@pytest.mark.parametrize("name", ["bert_unigram", "modernbert", "deberta"])
def test_a_student_that_reads_raw_text(options: DistillOptions, tmp_path: Path, name: str) -> None:
    TINY[name](tmp_path / "start")
    teacher, student = (
        replace(options.teacher, path=(str(tmp_path / "start"),)),
        replace(options.student, path=str(tmp_path / "start")),
    )
    result = distill(replace(options, teacher=teacher, student=student))
    folder = resolve_encoder(str(result.folder), "")
    assert family_of(folder).name == "own_tokenizer"
    assert (
        load_network(folder, 3, fresh_head=True).config.model_type
        == load_network(tmp_path / "start", 3, fresh_head=True).config.model_type
    )
    assert "not PhoBERT" not in result.report
    assert result.agreement > 0


def test_words_are_not_hidden_by_a_tokenizer_without_a_token_for_it(options: DistillOptions, tmp_path: Path) -> None:
    start = tmp_path / "start"
    TINY["bert"](start)
    told = json.loads((start / "tokenizer_config.json").read_text("utf-8"))
    del told["mask_token"]
    (start / "tokenizer_config.json").write_text(json.dumps(told), "utf-8")
    words = (start / "tokenizer.json").read_text("utf-8")
    (start / "tokenizer.json").write_text(words.replace("[MASK]", "[OTHER]"), "utf-8")  # by its usual name it would be known
    student = replace(options, student=replace(options.student, path=str(start)))
    with pytest.raises(ConfigError) as caught:
        distill(student)
    assert str(caught.value) == ("training.mask: the student's tokenizer has no token that hides a word; set training.mask=0.")
    assert not Path(options.out).exists()
    result = distill(replace(student, training=replace(options.training, mask=0.0)))
    assert (result.folder / "model.safetensors").is_file()


def test_a_classifier_into_one_that_reads_raw_text(
    options: DistillOptions, dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path
) -> None:
    TINY["xlm_roberta"](tmp_path / "start")
    save_model(fit(dataset.labelled("stance"), tfidf, seed=0, encoder=None), tmp_path / "teacher")
    teacher = replace(options.teacher, kind="classifier", path=(str(tmp_path / "teacher"),))
    result = distill(replace(options, teacher=teacher, student=replace(options.student, path=str(tmp_path / "start"))))
    student = load_model(result.folder)
    assert student.text_path.segmenter == "raw"
    assert student.info.tasks == {"stance": ("dialogue", "neutral", "escalation")}
    assert student.score(["Hai bên đàm phán."]).probs["stance"].shape == (1, 3)


def test_a_student_with_those_of_its_teachers_tokens_that_occur(options: DistillOptions, tmp_path: Path) -> None:
    bert_many_pieces(tmp_path / "start")
    wanted = replace(options.student, vocabulary="pruned", layers=(1,))
    said: list[str] = []
    result = distill(
        replace(options, student=wanted, teacher=replace(options.teacher, path=(str(tmp_path / "start"),))), say=said.append
    )
    folder = resolve_encoder(str(result.folder), "")
    assert family_of(folder).name == "own_tokenizer"
    network = load_network(folder, 3, fresh_head=True)
    assert (network.config.model_type, network.config.num_hidden_layers) == ("bert", 1)
    small, full = load_tokenizer(folder), load_tokenizer(tmp_path / "start")
    assert len(small) == network.config.vocab_size <= 300 < len(full)
    pieces = [[[piece.token for piece in each.pieces(text)] for text in TEXTS] for each in (small, full)]
    assert pieces[0][1] == pieces[1][1]
    assert any(line.startswith("vocabulary: ") and "which are 100.00% of" in line for line in said)
    assert "not PhoBERT" not in result.report


def test_a_student_that_keeps_all_of_its_teacher_says_the_same(options: DistillOptions, raw_teacher: Path) -> None:
    still = replace(options.training, learning_rate=1e-12, sentences=16)
    result = distill(replace(taught_by(options, raw_teacher), training=still))
    assert result.agreement == 1
    student, teacher = load_model(result.folder), load_model(raw_teacher)
    assert len(student.tokenizer) < len(teacher.tokenizer)
    for task in ("stance", "sentiment"):
        assert np.allclose(student.score(TEXTS[1:]).probs[task], teacher.score(TEXTS[1:]).probs[task], atol=1e-5)
    assert student.text_path == teacher.text_path


def test_several_teachers_and_gold_labels(
    options: DistillOptions, raw_teacher: Path, held_out: LabelledDataset, quick: TrainOptions, tiny: Path, tmp_path: Path
) -> None:
    joint = replace(quick, task=("stance", "sentiment"))
    rows = held_out.labelled(("stance", "sentiment"))
    save_model(fit(rows[:20], joint, seed=1, encoder=tiny), tmp_path / "second")
    training = replace(options.training, sentences=100, gold_weight=0.2, temperature=2.0)
    wanted = taught_by(options, raw_teacher, tmp_path / "second")
    said: list[str] = []
    result = distill(replace(wanted, dataset=str(held_out.folder), training=training), say=said.append)
    student = load_model(result.folder)
    assert student.info.training_hashes == sentence_hashes(row.text for row in rows)
    assert f"Beside them 4 of {len(rows)} sentences with gold labels were in every step" in result.report
    n_validation = len(held_out.labelled("stance", "validation"))
    assert f"on {n_validation} rows in" in result.report
    assert "of seeds, validation that the teacher was not trained on" in result.report
    n_held_out = sum(len(held_out.splits[name]) for name in ("validation", "test"))
    assert f"corpus.exclude: {n_held_out} sentences of {held_out.folder} (validation, test)" in said
    mean = MeanClassifier([load_model(path) for path in (raw_teacher, tmp_path / "second")], mean_info(wanted.teacher.path))
    each = [load_model(path).score(TEXTS).probs["stance"] for path in (raw_teacher, tmp_path / "second")]
    assert np.allclose(mean.score(TEXTS).probs["stance"], (each[0] + each[1]) / 2)
    kept = [np.load(path) for path in sorted(Path(options.work).glob("teacher-*/shard-00000.sentences.npy"))]
    assert len(kept) == 2
    # The same teachers again: what they said is not computed anew.
    fewer = replace(training, gold_weight=0.0, temperature=1.0, sentences=16)
    again = replace(taught_by(options, raw_teacher), out=f"{options.out}-2", training=fewer, dataset=str(held_out.folder))
    said.clear()
    distill(again, say=said.append)
    assert not [line for line in said if line.startswith("teacher: ")]


def test_teachers_of_other_labels_have_no_mean(
    dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path, options: DistillOptions
) -> None:
    for task in ("stance", "sentiment"):
        save_model(fit(dataset.labelled(task), replace(tfidf, task=task), seed=0, encoder=None), tmp_path / task)
    with pytest.raises(ConfigError, match=r"the teachers' tasks and labels differ(.|\n)*dialogue(.|\n)*negative"):
        distill(taught_by(options, tmp_path / "stance", tmp_path / "sentiment"))


def test_gold_of_a_dataset_with_folds_is_refused(
    options: DistillOptions, dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path
) -> None:
    save_model(fit(dataset.labelled("stance"), tfidf, seed=0, encoder=None), tmp_path / "teacher")
    wanted = replace(taught_by(options, tmp_path / "teacher"), dataset=str(dataset.folder))
    with pytest.raises(ConfigError, match="has folds, and each of its sentences is held out in one"):
        distill(replace(wanted, training=replace(options.training, gold_weight=0.1)))


class Fixed(nn.Module):
    """Logits that are what they are."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, **_: object) -> Fixed:
        return self


def batch_of(targets: list[list[float]]) -> Batch:
    ids = torch.zeros(len(targets), 1, dtype=torch.long)
    return Batch(ids, ids, torch.tensor(targets), ids, None)


def test_the_losses_of_soft_and_gold_labels() -> None:
    logits = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.5, 0.5, 0.0, 3.0]])
    soft = [[0.7, 0.3, 0.9, 0.1], [0.2, 0.8, 0.5, 0.5]]
    plain = ProbabilityObjective(Fixed(logits), (2, 2))(batch_of(soft))
    expected = sum(
        float(nn.functional.cross_entropy(logits[:, at : at + 2], torch.tensor(soft)[:, at : at + 2])) for at in (0, 2)
    )
    assert float(plain.detach()) == pytest.approx(expected)
    warm = ProbabilityObjective(Fixed(logits), (2, 2), temperature=2.0)(batch_of(soft))
    softened = torch.tensor(soft).sqrt()
    expected = 0.0
    for at in (0, 2):
        target = softened[:, at : at + 2] / softened[:, at : at + 2].sum(1, keepdim=True)
        expected += 4 * float(nn.functional.cross_entropy(logits[:, at : at + 2] / 2, target))
    assert float(warm.detach()) == pytest.approx(expected, rel=1e-5)
    # The second sentence has no label in the first task.
    gold = ProbabilityObjective(Fixed(logits), (2, 2), temperature=2.0).gold(batch_of([[1, 0, 0, 1], [0, 0, 1, 0]]))
    first = nn.functional.cross_entropy(logits[:1, :2], torch.tensor([0]))
    assert float(gold.detach()) == pytest.approx(
        float(first + nn.functional.cross_entropy(logits[:, 2:], torch.tensor([1, 0])))
    )


def test_how_many_gold_sentences_stand_beside_a_batch() -> None:
    options = DistillTrainingOptions(batch_size=64, gold_weight=0.2)
    assert n_gold_in_a_step(options, 1000) == 16
    assert n_gold_in_a_step(options, 7) == 7
    assert n_gold_in_a_step(replace(options, gold_weight=0.001), 1000) == 1


def test_what_only_a_classifier_can_be_told(options: DistillOptions) -> None:
    two = replace(options.teacher, path=("a", "b"))
    with pytest.raises(ConfigError, match=r"teacher\.path: 2 encoders; expected one"):
        check_distill_options(replace(options, teacher=two))
    gold = replace(options.training, gold_weight=0.1)
    with pytest.raises(ConfigError, match=r"training\.gold_weight: no gold labels; expected dataset=FOLDER"):
        check_distill_options(replace(options, training=gold))
    with pytest.raises(ConfigError, match="an encoder has no probabilities"):
        check_distill_options(replace(options, dataset="d", training=gold))
    with pytest.raises(ConfigError, match=r"student\.vocabulary: expected learnt or pruned, got 'own'"):
        check_distill_options(replace(options, student=replace(options.student, vocabulary="own")))


def test_a_student_has_seen_what_its_teacher_its_gold_and_its_start_have() -> None:
    def info(text: str) -> ModelInfo:
        return ModelInfo("encoder", text, {"stance": ("a", "b")}, training_hashes=sentence_hashes([text]))

    found = student_info(info("Thầy."), "student", [], info("Đầu."))
    assert found.training_hashes == sentence_hashes(["Thầy.", "Đầu."])
