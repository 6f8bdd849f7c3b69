"""The whole distillation: corpus → teacher's outputs → student, each stage kept on disk and taken up where it stopped."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from detente import places
from detente.dataset import LabelledDataset, read_dataset
from detente.errors import ConfigError
from detente.markers import check_replaceable
from detente.model import Classifier, save_model
from detente.model.classifier import sentence_hash
from detente.model.encoder import EncoderClassifier
from detente.model.encoder_files import resolve_encoder
from detente.model.families import load_tokenizer, text_path_of
from detente.model.network import load_network
from detente.outputs import check_outputs
from detente.text import TextPath
from detente.training.distillation.batches import Shard
from detente.training.distillation.corpus import Corpus, prepare_corpus
from detente.training.distillation.options import DistillOptions, check_distill_options
from detente.training.distillation.student import make_vocabulary, save_encoder, start_from_encoder, start_from_teacher
from detente.training.distillation.teacher import TEACHERS, cached_outputs, teacher_key
from detente.training.evaluating import shared_tasks
from detente.training.precision import attend_in_fp32, choose_device
from detente.training.scoring import evaluate_rows, score_examples
from detente.training.seeding import seeded

N_FOR_VOCABULARY = 400_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Distillation:
    """What came of it: the folder of the student, its agreement with the teacher on sentences that were not shown (cosine of
    standardised vectors, or share of equal labels), and a report."""

    folder: Path
    agreement: float
    report: str


def distill(options: DistillOptions, say: Say = lambda line: None, progress: bool = False) -> Distillation:
    """Distill an encoder into a small encoder, or a classifier into a small classifier.

    Raises ConfigError, InputError, ModelError, TrainingError; UsageError where an output would overwrite an input.
    """
    check_distill_options(options)
    work = Path(options.work) if options.work else places.RUNS / "distill"
    _check_outputs(options, work)
    if options.dataset:
        read_dataset(Path(options.dataset))  # what is wrong with it is told before the work
    with _bar(options.corpus.limit or None, 0, "corpus", progress) as bar:
        corpus = prepare_corpus(options.corpus, _text_path(options), work, bar.update, say)

    @cache
    def teacher() -> Any:
        return TEACHERS[options.teacher.kind](options.teacher)

    student = _start(options, corpus, teacher, work)
    loop = _train(options, corpus, teacher, student, work, say, progress)
    if options.teacher.kind == "encoder":
        report = _encoder_card(options, corpus, student[0], loop)
        facts = {"options": asdict(options), "corpus": corpus.counts, "log": [asdict(each) for each in loop.log()]}
        save_encoder(student[0], student[1], Path(options.out), report, facts)
    else:
        report = _save_classifier(options, teacher().classifier, student, loop)
    return Distillation(Path(options.out), loop.last.agreement, report)


def _check_outputs(options: DistillOptions, work: Path) -> None:
    """Neither what is read nor anything but a model of the same kind may be in the way of the result."""
    named = (options.corpus.path, *options.corpus.exclude, options.teacher.path, options.student.path, options.dataset)
    check_outputs([Path(name) for name in named if name], folders=[Path(options.out)], places=[work])
    check_replaceable(Path(options.out), "encoder" if options.teacher.kind == "encoder" else "model")


def _student_path(options: DistillOptions) -> str:
    """The encoder that the student starts from; empty where that is its teacher, with a vocabulary of the student's own."""
    return options.student.path or ("" if options.teacher.kind == "encoder" else str(places.MINI))


def _text_path(options: DistillOptions) -> TextPath:
    """The student's text path: what the options leave open is what its encoder was made on."""
    path = _student_path(options)
    return TextPath.from_options(options.text, text_path_of(resolve_encoder(path, "")) if path else None)


def _start(options: DistillOptions, corpus: Corpus, teacher: Callable[[], Any], work: Path) -> tuple[Any, Any]:
    """The student before training, and its tokenizer."""
    with seeded(options.seed):
        if options.teacher.kind == "encoder":
            if options.student.path:
                student, tokenizer = start_from_encoder(resolve_encoder(options.student.path, ""))
            else:
                vocabulary = work / f"vocabulary-{corpus.key}-{options.student.vocab_size}"
                make_vocabulary(corpus.segmented(N_FOR_VOCABULARY), options.student.vocab_size, vocabulary)
                student, tokenizer = start_from_teacher(teacher(), options.student.layers, vocabulary)
        else:
            folder = resolve_encoder(_student_path(options), "")
            student = load_network(folder, n_labels=teacher().width, fresh_head=True)
            tokenizer = load_tokenizer(folder)
    if options.teacher.kind == "encoder" and options.training.mask and tokenizer.mask_token_id is None:
        raise ConfigError("training.mask: the student's tokenizer has no token that hides a word; set training.mask=0.")
    if choose_device().type == "cpu":
        attend_in_fp32(student)
    return student, tokenizer


def _train(
    options: DistillOptions,
    corpus: Corpus,
    teacher: Callable[[], Any],
    student: tuple[Any, Any],
    work: Path,
    say: Say,
    progress: bool,
) -> Any:
    from detente.training.distillation.loop import Loop
    from detente.training.distillation.objectives import ProbabilityObjective, VectorObjective

    network, tokenizer = student
    shards = corpus.shards
    outputs = work / f"teacher-{teacher_key(options.teacher, corpus.folder)}"

    def load(number: int) -> Shard:
        segmented = corpus.column(number, "segmented")
        return Shard(tokenizer, segmented, cached_outputs(teacher, shards[number], outputs))

    with seeded(options.seed):
        objective: Any
        if options.teacher.kind == "encoder":
            objective = VectorObjective(network, teacher().width, options.training.word_weight)
            objective.standardise(cached_outputs(teacher, shards[0], outputs))
        else:
            objective = ProbabilityObjective(network, tuple(map(len, teacher().classifier.info.tasks.values())))
        mask = options.training.mask if options.teacher.kind == "encoder" else 0.0
        loop = Loop(objective, replace(options.training, mask=mask), options.seed, work / f"student-{_key(options, corpus)}")
        if loop.resume():
            say(f"resumed after {loop.n_sentences:,} sentences")
        with _bar(options.training.sentences, loop.n_sentences, "student", progress) as bar:
            if not loop.finished:
                loop.run(len(shards), load, bar.update, say)
    network.cpu().eval()
    return loop


def _save_classifier(options: DistillOptions, teacher: Classifier, student: tuple[Any, Any], loop: Any) -> str:
    """Write the student as a model folder, and say what it lost beside its teacher."""
    network, tokenizer = student
    network.set_attn_implementation("sdpa")
    name = f"{Path(options.out).name} (distilled)"
    # Temperature and threshold were found on the teacher's probabilities.
    info = replace(teacher.info, kind="encoder", name=name, untrained=False, temperature={}, threshold={})
    classifier = EncoderClassifier(network, tokenizer, _text_path(options), info)
    agreement = loop.last.agreement
    lines = [
        f"# {info.name}",
        "",
        f"A student of {teacher.info.display_name} ({options.teacher.path}), trained on its probabilities for unlabelled text "
        f"({loop.n_sentences:,} sentences shown). On sentences that were not shown, both give {agreement:.1%} the same label.",
    ]
    if options.dataset:
        lines += ["", *_losses(teacher, classifier, read_dataset(Path(options.dataset)))]
    report = "\n".join(lines) + "\n"
    save_model(classifier, Path(options.out), report)
    return report


def _losses(teacher: Classifier, student: Classifier, dataset: LabelledDataset) -> list[str]:
    """Macro-F1 of both on the rows of a dataset that the teacher was not trained on."""
    lines = []
    for task in shared_tasks(teacher.info, dataset):
        name = task.name
        rows = [row for split in dataset.splits for row in dataset.labelled(task.name, split)]
        unseen = [row for row in rows if sentence_hash(row.text) not in teacher.info.training_hashes]
        if not unseen:
            lines.append(f"{name}: the loss in macro-F1 is not estimable: the teacher was trained on all {len(rows)} rows.")
            continue
        own, other = (evaluate_rows(score_examples(model, unseen, fold=None, seed=0), task) for model in (student, teacher))
        lines.append(
            f"{name}: macro-F1 {own.macro_f1} beside the teacher's {other.macro_f1}, on {len(unseen)} rows in {own.n_groups} "
            f"groups of {dataset.name} that the teacher was not trained on."
        )
    return lines


def _encoder_card(options: DistillOptions, corpus: Corpus, student: Any, loop: Any) -> str:
    teacher = options.teacher.hub_id or Path(options.teacher.path).name
    format_note = "" if options.student.path else ", in PhoBERT's file format; not PhoBERT"
    return (
        f"# An encoder distilled from {teacher}\n\n"
        f"{student.num_parameters():,} parameters{format_note}. Made by `detente distill` from\n"
        f"{corpus.counts['taken']:,} sentences, {loop.n_sentences:,} shown in all; recipe.json holds configuration and log.\n"
        f"On sentences that were not shown, its vectors and the teacher's (both standardised) have a cosine of "
        f"{loop.last.agreement:.3f}.\n"
    )


def _key(options: DistillOptions, corpus: Corpus) -> str:
    """What decides a student, but for how long it is trained: a run may be lengthened."""
    training = {name: value for name, value in asdict(options.training).items() if name not in ("sentences", "decay")}
    facts = [options.seed, asdict(options.student), training, teacher_key(options.teacher, corpus.folder), corpus.key]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]


def _bar(total: int | None, done: int, what: str, show: bool) -> Any:
    from tqdm import tqdm

    disable = None if show else True
    return tqdm(
        total=total, initial=done, unit="sentence", desc=what, file=sys.stderr, disable=disable, leave=False, smoothing=0.05
    )
