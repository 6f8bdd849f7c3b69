"""A teacher of four small layers with random weights, and a few hundred sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from detente.training.distillation import corpus
from detente.training.distillation.options import (
    CorpusOptions,
    DistillOptions,
    DistillTrainingOptions,
    StudentOptions,
    TeacherOptions,
)

SENTENCES = [f"Bên thứ {n % 37} ký thỏa thuận số {n} về hòa bình với nước {n % 11}." for n in range(240)]


@pytest.fixture(scope="session")
def teacher_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("teacher") / "small"
    special = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(SENTENCES, trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    names = {"pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=300,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture
def options(teacher_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DistillOptions:
    """A distillation of four shards, two epochs and a bit."""
    monkeypatch.setattr(corpus, "SHARD", 60)
    text = tmp_path / "raw" / "news.txt"
    text.parent.mkdir()
    text.write_text("".join(f"{line}\n" for line in SENTENCES), encoding="utf-8")
    return DistillOptions(
        out=str(tmp_path / "out"),
        work=str(tmp_path / "work"),
        corpus=CorpusOptions(path=str(text.parent)),
        teacher=TeacherOptions(path=(str(teacher_folder),), prefix="query: ", precision="fp32"),
        student=StudentOptions(vocab_size=300, layers=(0, 3)),
        training=DistillTrainingOptions(sentences=400, batch_size=16, learning_rate=2e-3, precision="fp32"),
    )
