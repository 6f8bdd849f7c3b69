"""What a student starts from, and by which text path it reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from detente import places
from detente.dataset.segmented import segment_texts
from detente.digests import sha256_of
from detente.errors import ConfigError
from detente.model import ModelInfo
from detente.model.about import TEXT, read_text_file
from detente.model.encoder_files import resolve_encoder
from detente.model.families import load_tokenizer, text_path_of
from detente.model.names import named_folder
from detente.model.network import load_network
from detente.records import Example
from detente.text import TextPath
from detente.training.distillation.corpus import Corpus
from detente.training.distillation.options import DistillOptions, TeacherOptions
from detente.training.distillation.student import (
    has_head,
    keep_layers,
    make_vocabulary,
    prune_start,
    start_from_encoder,
    start_from_teacher,
)
from detente.training.seeding import seeded

N_FOR_VOCABULARY = 400_000
Say = Callable[[str], None]


def source_of(options: DistillOptions) -> Path | None:
    """The encoder that the student starts from; None where that is its teacher, with a vocabulary of the student's own."""
    if options.student.path:
        return resolve_encoder(options.student.path, "")
    if options.student.vocabulary == "pruned":
        teacher = options.teacher
        if teacher.kind == "classifier":
            return resolve_encoder(str(named_folder(teacher.path[0])), "")
        return resolve_encoder(teacher.path[0] if teacher.path else "", teacher.hub_id, teacher.revision)
    return None if options.teacher.kind == "encoder" else places.MINI


def student_text_path(options: DistillOptions) -> TextPath:
    """The student's text path: what the options leave open is what its encoder was made on, or its model reads by."""
    source = source_of(options)
    if source is None:
        return TextPath.from_options(options.text)
    is_model = (source / TEXT).is_file()
    usual = TextPath.from_json(read_text_file(source).path_facts) if is_model else text_path_of(source)
    return TextPath.from_options(options.text, usual)


def start_encoder(
    options: DistillOptions, corpus: Corpus, teacher: Callable[[TeacherOptions], Any], work: Path, say: Say
) -> tuple[Any, Any]:
    """The student before training, and its tokenizer."""
    with seeded(options.seed):
        source, wanted = source_of(options), options.student
        if source is None:
            vocabulary = work / f"vocabulary-{corpus.key}-{wanted.vocab_size}"
            make_vocabulary(corpus.segmented(N_FOR_VOCABULARY), wanted.vocab_size, vocabulary)
            student, tokenizer = start_from_teacher(teacher(options.teacher), wanted.layers, vocabulary)
        elif wanted.vocabulary == "pruned":
            student, tokenizer = start_from_encoder(_pruned(options, source, corpus, [], work, say))
            keep_layers(student, wanted.layers)
        else:
            student, tokenizer = start_from_encoder(source)
    if options.training.mask and tokenizer.mask_token_id is None:
        raise ConfigError("training.mask: the student's tokenizer has no token that hides a word; set training.mask=0.")
    return student, tokenizer


def start_classifier(
    options: DistillOptions, corpus: Corpus, info: ModelInfo, gold: Sequence[Example], work: Path, say: Say
) -> tuple[Any, Any]:
    """The same with a head over the labels of all tasks; one that starts from its teacher keeps the teacher's."""
    source, wanted = source_of(options) or places.MINI, options.student
    n_labels = sum(map(len, info.tasks.values()))
    with seeded(options.seed):
        if wanted.vocabulary == "learnt":
            return load_network(source, n_labels=n_labels, fresh_head=True), load_tokenizer(source)
        folder = _pruned(options, source, corpus, gold, work, say)
        network = load_network(folder, n_labels=n_labels, fresh_head=bool(wanted.path) or not has_head(folder))
        keep_layers(network, wanted.layers)
        return network, load_tokenizer(folder)


def _pruned(options: DistillOptions, source: Path, corpus: Corpus, gold: Sequence[Example], work: Path, say: Say) -> Path:
    """The folder of the source with the tokens of the corpus and of the gold sentences."""
    texts = segment_texts([row.text for row in gold], student_text_path(options))
    facts = [sha256_of(source / "model.safetensors"), options.student.vocab_size, options.student.min_count, sorted(texts)]
    folder = work / f"pruned-{corpus.key}-{hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]}"
    prune_start(source, lambda: chain(corpus.sentences(), texts.values()), options.student, folder, say)
    return folder
