"""Students and teachers of every family."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from detente.dataset import LabelledDataset
from detente.model.encoder_files import resolve_encoder
from detente.model.families import family_of
from detente.model.folder import load_model, save_model
from detente.model.network import load_network
from detente.training.distillation.options import DistillOptions
from detente.training.distillation.run import distill
from detente.training.fitting import fit
from detente.training.options import TrainOptions
from tiny_encoders import TINY


@pytest.mark.parametrize("name", ["bert_unigram", "modernbert", "deberta"])
def test_a_student_that_reads_raw_text(options: DistillOptions, tmp_path: Path, name: str) -> None:
    TINY[name](tmp_path / "start")
    teacher, student = (
        replace(options.teacher, path=str(tmp_path / "start")),
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


def test_a_classifier_into_one_that_reads_raw_text(
    options: DistillOptions, dataset: LabelledDataset, tfidf: TrainOptions, tmp_path: Path
) -> None:
    TINY["xlm_roberta"](tmp_path / "start")
    save_model(fit(dataset.labelled("stance"), tfidf, seed=0, encoder=None), tmp_path / "teacher")
    teacher = replace(options.teacher, kind="classifier", path=str(tmp_path / "teacher"))
    result = distill(replace(options, teacher=teacher, student=replace(options.student, path=str(tmp_path / "start"))))
    student = load_model(result.folder)
    assert student.text_path.segmenter == "raw"
    assert student.info.tasks == {"stance": ("dialogue", "neutral", "escalation")}
    assert student.score(["Hai bên đàm phán."]).probs["stance"].shape == (1, 3)
